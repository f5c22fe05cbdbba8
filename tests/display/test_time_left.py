"""The time that is left: by the jobs of the run itself, and on runs that were recorded."""

from itertools import pairwise
from pathlib import Path

import pytest

from snakemake_logger_plugin_minispiral.earlier import seconds_of_rules
from snakemake_logger_plugin_minispiral.jobs import BELIEVED, LONG, SILENT, TYPICAL, Run
from tests.helpers.places import ROOT
from tests.helpers.told import job, run_of

RECORDED = sorted(Path(__file__).with_name("recorded").glob("*.txt"))
SHORT = "collect_track_light_curves"


def finish(run: Run, rule: str, number: int, seconds: float) -> None:
    """Do so many jobs of a rule, one after the other from 0 s on."""
    for k in range(number):
        run.start(k, job(rule, started=seconds * k))
        run.finish(k, seconds * (k + 1))


def test_what_is_left_is_what_others_of_the_rule_took():
    run = run_of(collect_track_light_curves=10)
    finish(run, SHORT, 4, 5.0)
    assert run.left(20.0) == pytest.approx(30.0)
    run.start(4, job(SHORT, started=20.0))
    assert run.left(23.0) == pytest.approx(27.0)


def test_two_at_a_time_take_half_as_long():
    run = run_of(collect_track_light_curves=10)
    for k in range(4):
        run.start(k, job(SHORT, started=5.0 * (k // 2)))
    for k in range(4):
        run.finish(k, 5.0 * (k // 2 + 1))
    assert run.left(10.0) == pytest.approx(15.0)


def test_the_last_job_keeps_one_core_busy():
    run = run_of(clean_spw=3)
    for k in range(2):
        run.start(k, job("clean_spw"))
    for k in range(2):
        run.finish(k, 30.0)
    assert run.left(30.0) == pytest.approx(30.0)  # not 15 s, as two cores would need


def test_a_stage_not_begun_is_guessed_by_the_pace_of_this_machine():
    run = run_of(collect_track_light_curves=200, clean_spw=1)
    finish(run, SHORT, 200, 3 * TYPICAL)  # thrice as long as typical
    pace = (600 * TYPICAL + BELIEVED) / (200 * TYPICAL + BELIEVED)
    assert run.left(600 * TYPICAL) == pytest.approx(pace * LONG["clean_spw"])
    assert pace == pytest.approx(3, rel=0.05)


def test_a_job_that_takes_longer_than_guessed_raises_what_is_left():
    run = run_of(simulate=2, clean_spw=8)
    run.start(0, job("simulate"))
    run.start(1, job("simulate"))
    run.finish(0, LONG["simulate"])
    before = run.left(SILENT)
    assert run.left(SILENT + 60) > before + 60


def test_nothing_is_told_of_the_first_jobs_which_are_short():
    run = run_of(locate_core=3, clean_spw=40)
    finish(run, "locate_core", 3, 0.3)
    assert run.left(1.0) is None
    assert run.left(SILENT - 1) is None
    assert run.left(SILENT) > 40 * LONG["clean_spw"] / 2


def test_nothing_is_guessed_at_the_start_and_nothing_is_left_at_the_end():
    run = run_of(fit_visibilities=4)
    assert run.left(1.0) is None
    finish(run, "fit_visibilities", 4, 1.0)
    assert run.left(4.0) == 0.0


def test_earlier_runs_tell_how_long_jobs_take():
    run = run_of(collect_track_light_curves=10, clean_spw=1)
    run.earlier = {SHORT: 5.0, "clean_spw": 100.0}
    finish(run, SHORT, 10, 5.0)
    assert run.left(50.0) == pytest.approx(100.0)


def test_the_stages_that_take_long_are_rules_of_the_workflow():
    rules = ROOT / "workflow" / "rules"
    text = "".join(path.read_text() for path in rules.glob("*.smk"))
    for name in LONG:
        assert any(way in text for way in (f"rule {name}:", f" as {name} with:", f'"{name}"'))


def lefts(path: Path) -> list[tuple[float, float | None, float]]:
    """Each second of a recorded run, with the seconds then told to be left, and those that were."""
    head, *lines = path.read_text().splitlines()
    events = [line.split(" ", 2) for line in lines]
    rules = [name.split(", ")[0].replace(" ", "_") for _, kind, name in events if kind == "started"]
    run = Run({rule: rules.count(rule) for rule in rules}, int(head.split()[0]), 0.0)
    numbers: dict[str, int] = {}
    end, told = float(events[-1][0]), []
    for event, following in pairwise([*events, [end, "", ""]]):
        now, name = float(event[0]), event[2]
        if event[1] == "started":
            numbers[name] = len(numbers)
            run.start(numbers[name], job(name.split(", ")[0].replace(" ", "_"), started=now))
        else:
            run.finish(numbers[name], now)
        seconds = range(int(now), int(float(following[0])))
        told += [(s, run.left(float(s)), end - s) for s in seconds]
    return told


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_in_the_first_minute_no_less_than_half_of_what_was_left_is_told(path):
    first = [(left, was) for second, left, was in lefts(path) if second < 60 and was > 5]
    assert all(left is None or left > was / 2 for left, was in first)


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_mostly_what_is_told_is_within_a_factor_of_two(path):
    told = [(left, was) for _, left, was in lefts(path) if left is not None]
    assert len(told) > 0.8 * len(lefts(path))
    assert sum(left > was / 2 for left, was in told) > 0.9 * len(told)
    if "busy" not in path.stem:  # that machine became three times faster while the demo ran
        assert sum(left < was * 2 for left, was in told) > 0.75 * len(told)


LOG = """snakemake --cores 2
2026-01-01 10:00:00  finished  clean spw, track a, spw 1 in 1:00; 1 of 9 jobs done, 1:00 elapsed
2026-01-01 10:00:00  finished  clean spw, track a in 10, spw 2 in 2:00; 2 of 9 jobs done
2026-01-01 10:00:00  finished  simulate, track a in 1:00:01; 3 of 9 jobs done
2026-01-01 10:00:00  finished  write configuration in 0:00; 4 of 9 jobs done
2026-01-01 10:00:00  failed    remove core, track a
minispiral: clean_spw: finished  clean spw in 9:00;
"""


def test_logs_of_runs_tell_how_long_jobs_of_each_rule_took(tmp_path):
    (tmp_path / "2026-01-01T10-00-00.txt").write_text(LOG)
    (tmp_path / "2026-01-02T10-00-00.txt").write_text(LOG.splitlines()[3] + "\n")
    newer = "2026-01-03 10:00:00  finished  simulate, track a in 0:05; 1 of 1 jobs done\n"
    (tmp_path / "2026-01-03T10-00-00.txt").write_text(newer)
    assert seconds_of_rules(tmp_path) == {
        "clean_spw": 90.0,
        "simulate": 5.0,  # of the newest run that has done it
        "write_configuration": 0.5,
    }
    assert seconds_of_rules(tmp_path / "none") == {}
