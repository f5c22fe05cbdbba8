"""What a user sees of a run's jobs: their names, how far they are, bars, and why they failed."""

import io
import os

import pytest
from rich.console import Console

from snakemake_logger_plugin_minispiral.display import bars
from snakemake_logger_plugin_minispiral.failures import (
    LAST_LINES,
    description,
    how_far,
    reason,
    signal_of,
    tail,
)
from snakemake_logger_plugin_minispiral.jobs import LONG, TYPICAL, Run
from snakemake_logger_plugin_minispiral.relay import Relay
from tests.helpers.places import ROOT
from tests.helpers.told import FIT, MESSAGE, job

# how a job is named, and how long the rest takes


def test_a_job_is_named_by_its_stage_and_place():
    assert job().name == "fit visibilities, track a, spw 1"
    assert job(wildcards={**FIT, "iteration": "2"}).place == "track a, iteration 2, spw 1"
    assert job("write_configuration", {}).name == "write configuration"


def run_of(**total: int) -> Run:
    return Run(total, cores=2, started=0.0)


def test_what_is_left_is_what_others_of_the_rule_took():
    run = run_of(collect_track_light_curves=10)
    for k in range(4):
        run.start(k, job("collect_track_light_curves", started=5.0 * k))
        run.finish(k, 5.0 * (k + 1))
    assert run.left(20.0) == pytest.approx(30.0)
    run.start(4, job("collect_track_light_curves", started=20.0))
    assert run.left(23.0) == pytest.approx(27.0)


def test_two_at_a_time_take_half_as_long():
    run = run_of(collect_track_light_curves=10)
    for k in range(4):
        run.start(k, job("collect_track_light_curves", started=5.0 * (k // 2)))
    for k in range(4):
        run.finish(k, 5.0 * (k // 2 + 1))
    assert run.left(10.0) == pytest.approx(15.0)


def test_a_stage_not_begun_is_guessed_from_the_demo_and_this_machines_pace():
    run = run_of(collect_track_light_curves=3, clean_spw=1)
    took = 3 * TYPICAL  # thrice as long as in the demo
    for k in range(3):
        run.start(k, job("collect_track_light_curves", started=took * k))
        run.finish(k, took * (k + 1))
    assert run.left(3 * took) == pytest.approx(3 * LONG["clean_spw"])


def test_the_stages_that_take_long_are_rules_of_the_workflow():
    rules = ROOT / "workflow" / "rules"
    text = "".join(path.read_text() for path in rules.glob("*.smk"))
    assert all(f"rule {name}:" in text for name in LONG)


def test_nothing_is_guessed_at_the_start_and_nothing_is_left_at_the_end():
    run = run_of(fit_visibilities=4)
    assert run.left(1.0) is None
    for k in range(4):
        run.start(k, job(started=float(k)))
        run.finish(k, k + 1.0)
    assert run.left(4.0) == 0.0


def test_a_job_done_again_is_no_failure_any_more():
    run = run_of(fit_visibilities=1)
    run.start(1, job())
    run.fail(1)
    run.start(1, job())
    assert run.failed == {} and run.finish(1, 2.0) is not None


# logs and failures


def test_the_end_of_a_log_has_no_control_characters(tmp_path):
    log = tmp_path / "x.log"
    log.write_bytes(b"first\n\n\x1b[31mred\x07\ttab\r\nlast \xff\n")
    assert tail(log) == ["first", " [31mred  tab", "last \ufffd"]
    assert tail(tmp_path / "none.log") == [] and tail(None) == []


def test_only_the_end_of_a_long_log_is_read(tmp_path):
    log = tmp_path / "x.log"
    log.write_text("".join(f"line {k}\n" for k in range(100_000)))
    assert tail(log, 100)[-1] == "line 99999" and len(tail(log, 100)) < 12


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("00:00:00 INFO fit: 12 of 54 blocks, 0:12 elapsed, about 0:40 left\n", "12 of 54 blocks"),
        ("2026-01-01 00:00:00,1 INFO fit: 54 of 54 blocks, 0:52 elapsed\nmore\n", ""),
        ("2026-01-01 00:00:00,1 INFO step 2 of 4: gains\nCASA says 1 of 3: so\n", "step 2 of 4"),
        ("CASA\tINFO\t3 of 4 things\n", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_log_tells_how_far_its_job_is(tmp_path, text, says):
    (tmp_path / "x.log").write_text(text)
    assert how_far(tmp_path / "x.log") == says


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("Command 'x' died with <Signals.SIGKILL: 9>.", "SIGKILL"),
        ("Command 'x' returned non-zero exit status 137.", "SIGKILL"),
        ("Command 'x' returned non-zero exit status 139.", "SIGSEGV"),
        ("Command 'x' returned non-zero exit status 1.", None),
        ("Command 'x' returned non-zero exit status 255.", None),
        ("", None),
    ],
)
def test_signals_are_told_from_statuses(error, name):
    assert signal_of(error) == name


def test_a_failure_tells_where_why_and_the_end_of_the_log(tmp_path):
    log = tmp_path / "fit.log"
    log.write_text("".join(f"line {k}\n" for k in range(30)) + MESSAGE + "\n")
    name, why, where, *last = description(job(log=log), "CalledProcessError exit status 1")
    assert name == "fit visibilities, track a, spw 1"
    assert why == "  no fit: leave the spw out"
    assert str(log) in where
    assert [line.strip() for line in last] == [f"line {k}" for k in range(20, 30)]
    assert len(last) == LAST_LINES


@pytest.mark.parametrize(
    ("error", "says"),
    [
        ("CalledProcessError exit status 137.", "want of memory: run fewer jobs at a time"),
        ("CalledProcessError exit status 137.", "it asked for 900 MB"),
        ("CalledProcessError exit status 143.", "ended from outside (SIGTERM)"),
        ("CalledProcessError exit status 139.", "crashed (SIGSEGV)"),
        ("CalledProcessError exit status 1.", "without a message of its own"),
        ("", "without a message of its own"),
        ("MissingOutputException:\n  fit.ecsv", "MissingOutputException: fit.ecsv"),
    ],
)
def test_a_job_without_a_message_gets_one(tmp_path, error, says):
    log = tmp_path / "fit.log"
    log.write_text("its last line\n")
    assert says in reason(job(log=log), error)
    assert "    its last line" in description(job(log=log), error)


# bars


def rendered(run: Run, now: float, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(bars(run, now))
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
    assert first.startswith("fit visibilities ") and "0 of 4" in first
    assert first.rstrip().endswith("track a, spw 1 (12 of 54 blocks)")
    assert second.strip() == "track b, spw 1 (0:12)"
    assert whole.startswith("all jobs") and "3 of 57" in whole and "0:42, about" in whole


@pytest.mark.parametrize("width", [40, 80])
def test_bars_fit_into_narrow_and_low_terminals(width):
    run = run_of(**{f"stage_{k}": 9 for k in range(40)})
    for k in range(40):
        run.start(k, job(f"stage_{k}"))
    lines = rendered(run, 1.0, width).splitlines()
    assert len(lines) <= 25 and max(map(len, lines)) <= width


# the relay


def test_what_any_process_writes_is_passed_on_by_the_line(capfd):
    lines = []
    relay = Relay([2], lines.append)
    try:
        os.system("echo 'minispiral: one' >&2; printf 'two' >&2")
        os.write(1, b"not taken\n")
    finally:
        relay.close()
    os.write(2, b"after\n")
    assert lines == ["minispiral: one", "two"]
    assert capfd.readouterr() == ("not taken\n", "after\n")
