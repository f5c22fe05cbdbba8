"""The bars that a user sees of a run's jobs."""

import io

import pytest
from rich.console import Console

from snakemake_logger_plugin_minispiral.display import TerminalDisplay, bars
from snakemake_logger_plugin_minispiral.jobs import Run
from tests.helpers.told import FIT, job, run_of


def rendered(run: Run, now: float, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(bars(run, now, width=width))
    return console.file.getvalue()


def test_bars_show_the_stages_at_work_where_they_are_and_what_is_left(tmp_path):
    run = run_of(fit_visibilities=4, clean_spw=3, collect_track_light_curves=50)
    for k in range(3):
        run.start(k, job("clean_spw", started=10.0 * k))
        run.finish(k, 10.0 * (k + 1))
    log = tmp_path / "fit.log"
    log.write_text("2026-01-01 INFO fit: 12 of 54 blocks, 0:12 elapsed, about 0:40 left\n")
    run.start(3, job(log=log, started=30.0))
    run.start(4, job(wildcards={**FIT, "track": "b"}, started=30.0))
    text = rendered(run, 42.0)
    _, first, second, whole = text.splitlines()
    assert first.startswith("fit visibilities ")
    assert "0 of 4" in first
    assert first.rstrip().endswith("track a, spw 1 (12 of 54 blocks)")
    assert second.strip() == "track b, spw 1 (0:12)"
    assert whole.startswith("all jobs")
    assert "3 of 57" in whole
    assert "0:42, about" in whole


@pytest.mark.parametrize("width", [40, 80])
def test_bars_fit_into_narrow_and_low_terminals(width):
    run = run_of(**{f"stage_{k}": 9 for k in range(40)})
    for k in range(40):
        run.start(k, job(f"stage_{k}"))
    lines = rendered(run, 1.0, width).splitlines()
    assert len(lines) <= 25
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [80, 100, 160])
def test_bars_break_no_word_and_leave_none_out(tmp_path, width):
    rule = "collect_campaign_light_curves"
    run = run_of(**{rule: 12, "fit_visibilities": 300})
    log = tmp_path / "fit.log"
    log.write_text("2026-01-01 INFO fit: 112 of 254 blocks, 0:12 elapsed, about 0:40 left\n")
    place = {"track": "20170407_pointing", "iteration": "1", "spw": "13"}
    run.start(0, job(rule, place, log=log))
    run.start(1, job("fit_visibilities", place, log=log))
    lines = rendered(run, 90.0, width).splitlines()
    assert max(map(len, lines)) <= width
    said = [line[-width:].split("of 12")[-1].split("of 300")[-1] for line in lines]
    text = " ".join(" ".join(said).split())
    assert text.count("track 20170407_pointing, iteration 1, spw 13 (112 of 254 blocks)") == 2
    assert "1:30" in text


class Terminal(io.StringIO):
    """A stream that passes for a terminal of 80 columns."""

    def isatty(self):
        return True


def test_lines_on_a_terminal_are_broken_between_words():
    stream = Terminal()
    display = TerminalDisplay(stream, color=False)
    path = "/" + "long" * 25 + "/light_curves.ecsv"
    message = "the core is far from the phase centre, so that the model may be of another source"
    display.say(f"    minispiral: remove_core, track a: {message}: look at {path} first")
    lines = stream.getvalue().splitlines()
    assert len(lines) > 2
    assert all(len(line) <= 80 or line.strip() == path for line in lines)
    assert all(line.startswith("    ") for line in lines)
    assert " ".join(stream.getvalue().split()).endswith(f"{message}: look at {path} first")
