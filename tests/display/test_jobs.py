"""How a job of a run is named, and how long the rest takes."""

import pytest

from snakemake_logger_plugin_minispiral.jobs import LONG, TYPICAL, Run
from tests.helpers.places import ROOT
from tests.helpers.told import FIT, job


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
    assert run.failed == {}
    assert run.finish(1, 2.0) is not None
