"""What a user sees of a run on a cluster: jobs submitted, and what a group of them failed at."""

import logging
import os
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_minispiral.failures import ELSEWHERE, ending, stopped_at
from tests.helpers.told import FIT, Told, job

CANCELLED = "slurmstepd-node1: error: *** JOB 7 ON node1 CANCELLED AT 2026-01-01T00:00:00"


@pytest.fixture
def told(tmp_path):
    told = Told(tmp_path)
    told.send(LogEvent.RESOURCES_INFO, nodes=100)
    yield told
    told.handler.close()


def start_group(told, monkeypatch, *rules: str) -> None:
    """Submit a group of one job of each of these rules, numbered from 1 on."""
    told.begin(monkeypatch, **dict.fromkeys(rules, 1))
    for number, rule in enumerate(rules, 1):
        told.start(number, rule=rule)


def write_log(folder, number: int, age: float, text: str = "before\n") -> None:
    """Write a job's log, `age` s ago."""
    log = folder / f"{number}.log"
    log.write_text(text)
    os.utime(log, (1e9 - age, 1e9 - age))


def fail_group(told, *numbers: int, log: str | None = None) -> None:
    information = [{"jobid": number} for number in numbers]
    told.send(
        LogEvent.GROUP_ERROR,
        "Error in group 1",
        logging.ERROR,
        job_error_info=information,
        aux_logs=[] if log is None else [log],
    )
    for number in numbers:
        told.send(LogEvent.JOB_ERROR, "Error", logging.ERROR, jobid=number, rule_msg=None)


def test_jobs_are_submitted_and_local_ones_started(told, monkeypatch):
    told.begin(monkeypatch, clean_spw=1, compare_tracks=1)
    told.start(1, rule="clean_spw")
    told.send(
        LogEvent.JOB_INFO,
        jobid=2,
        rule_name="compare_tracks",
        wildcards={},
        log=["x.log"],
        resources=SimpleNamespace(mem_mb=500),
        local=True,
    )
    lines = told.close()
    assert lines[0].endswith("2 jobs to do on the cluster")
    assert lines[1].endswith("submitted clean spw, track a, spw 1")
    assert lines[2].endswith("started   compare tracks")


def test_numbers_of_slurms_jobs_are_in_the_log_of_the_run(told, monkeypatch):
    told.begin(monkeypatch, clean_spw=1)
    told.send(msg="No SLURM account given, trying to guess.", level=logging.WARNING)
    told.send(msg="Job 1 has been submitted with SLURM jobid 7 (log: /s/logs/rule_x/7.log).")
    shown = told.close()
    (log,) = (told.folder / "logs" / "runs").iterdir()
    assert "SLURM job 7, log /s/logs/rule_x/7.log\n" in log.read_text()
    assert not any("SLURM" in line for line in shown)


def test_of_a_group_only_what_it_was_at_has_failed(told, monkeypatch):
    start_group(told, monkeypatch, "split_spw", "clean_spw", "remove_core")
    write_log(told.folder, 1, age=60)
    write_log(told.folder, 2, age=1)
    write_log(told.folder, 3, age=900)  # of an earlier run
    slurms = told.folder / "7.log"
    slurms.write_text(
        f"slurmstepd-node1: error: else\n{CANCELLED} DUE TO TIME LIMIT ***\nsrun: x\n"
    )
    fail_group(told, 1, 2, 3, log=str(slurms))
    text = "\n".join(told.close())
    assert text.count("FAILED: ") == 1
    what = "JOB 7 ON node1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT"
    assert f"FAILED: clean spw, track a, spw 1\n  {what}: " in text
    assert "Failed: 1, done: 0 of 3 jobs." in text


def test_a_job_of_a_group_tells_itself_why_it_failed(told, monkeypatch):
    start_group(told, monkeypatch, "fit_visibilities", "export_fit_and_flags")
    write_log(
        told.folder, 1, 1, "minispiral: fit_visibilities, track a, iteration 0, spw 1: none\n"
    )
    fail_group(told, 1, 2)
    assert "FAILED: fit visibilities, track a, spw 1\n  none\n" in "\n".join(told.close())


def test_a_group_that_succeeds_when_tried_again_has_not_failed(told, monkeypatch):
    start_group(told, monkeypatch, "split_spw", "clean_spw")
    write_log(told.folder, 1, age=60)
    fail_group(told, 1, 2)
    for number, rule in ((1, "split_spw"), (2, "clean_spw")):
        told.start(number, rule=rule)
        told.send(LogEvent.JOB_FINISHED, job_id=number)
    assert any(line.startswith("All 2 jobs are done") for line in told.close())


def test_a_single_job_fails_for_what_the_executor_says(told, monkeypatch):
    told.begin(monkeypatch, write_gains=1)
    told.start(1, {"track": "a"}, "write_gains")
    message = f"SLURM-job '7' failed, SLURM status is: 'OUT_OF_MEMORY'. {ELSEWHERE}"
    told.send(LogEvent.JOB_ERROR, "Error", logging.ERROR, jobid=1, rule_msg=message)
    text = "\n".join(told.close())
    assert "FAILED: write gains, track a\n  SLURM-job '7' failed, SLURM status is: 'OUT_OF" in text
    assert ELSEWHERE not in text


def test_what_is_left_counts_on_as_many_at_a_time_as_there_were(told, monkeypatch):
    told.begin(monkeypatch, clean_spw=40)
    for number in range(20):
        told.start(number, rule="clean_spw")
    told.now += 60.0
    for number in range(10):
        told.send(LogEvent.JOB_FINISHED, job_id=number)
    assert told.handler.run.left(told.now) == pytest.approx((20 * 60 + 10 * 0.2 * 60) / 20)


def test_a_group_without_logs_failed_before_its_first_job(tmp_path):
    jobs = {1: job(log=tmp_path / "1.log"), 2: job("clean_spw", FIT, tmp_path / "2.log")}
    assert stopped_at(jobs) == 1
    assert stopped_at({}) is None


@pytest.mark.parametrize(
    ("log", "says"),
    [
        (f"{CANCELLED} ***\n", "JOB 7 ON node1 CANCELLED AT 2026-01-01T00:00:00"),
        ("slurmstepd: error: Detected 1 oom_kill event in StepId=7.0.\n", "Detected 1 oom_kill"),
        ("srun: error: node1: task 0: Exited with exit code 1\n", ""),
        ("", ""),
    ],
)
def test_slurms_own_log_tells_how_a_job_ended(tmp_path, log, says):
    (tmp_path / "7.log").write_text(log)
    assert ending(str(tmp_path / "7.log")).startswith(says)
    assert bool(ending(str(tmp_path / "7.log"))) == bool(says)
    assert ending(None) == ""
