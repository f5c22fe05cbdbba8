"""How a job of a run is named, and what becomes of it."""

from tests.helpers.told import FIT, job, run_of


def test_a_job_is_named_by_its_stage_and_place():
    assert job().name == "fit visibilities, track a, spw 1"
    assert job(wildcards={**FIT, "iteration": "2"}).place == "track a, iteration 2, spw 1"
    assert job("write_configuration", {}).name == "write configuration"


def test_a_job_done_again_is_no_failure_any_more():
    run = run_of(fit_visibilities=1)
    run.start(1, job())
    run.fail(1)
    run.start(1, job())
    assert run.failed == {}
    assert run.finish(1, 2.0) is not None
