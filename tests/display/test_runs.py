"""What a user sees of a run from its first line to its last: Snakemake's events as lines."""

import logging
import os
import signal

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from tests.helpers.told import FIT, MESSAGE, Told


@pytest.fixture
def told(tmp_path):
    before = signal.getsignal(signal.SIGINT)  # which a run that is stopped ignores from then on
    told = Told(tmp_path)
    yield told
    told.handler.close()
    signal.signal(signal.SIGINT, before)


def test_a_run_is_told_by_its_starts_and_ends_and_kept_in_a_log(told, monkeypatch):
    told.begin(monkeypatch, fit_visibilities=2)
    for number in (1, 2):
        told.start(number)
        told.now += 60.0
        os.write(2, f"minispiral: fit_visibilities: outcome {number}\n".encode())
        told.send(LogEvent.JOB_FINISHED, job_id=number)
    lines = told.close()
    assert lines[0].endswith("2 jobs to do, 2 at a time")
    assert any(line.endswith("started   fit visibilities, track a, spw 1") for line in lines)
    assert any("in 1:00; 1 of 2 jobs done, 1:00 elapsed" in line for line in lines)
    for number in (1, 2):
        assert f"minispiral: fit_visibilities: outcome {number}" in lines
    assert "All 2 jobs are done, in 2:00." in lines
    assert "Log of this run" in lines[-1]
    (log,) = (told.folder / "logs" / "runs").iterdir()
    assert str(log) in lines[-1]
    command, *written = log.read_text().splitlines()
    assert command == "snakemake --cores 2"
    for line in lines[:-1]:  # each with the day before it, here
        assert any(line.split("  ")[-1] in w for w in written)


def test_failures_are_told_once_at_the_end_without_snakemakes_noise(told, monkeypatch):
    told.begin(monkeypatch, fit_visibilities=3)
    told.start(1)
    told.start(2, {**FIT, "track": "b"})
    told.start(3, {**FIT, "track": "c"})
    told.fail(1, 1, MESSAGE)
    told.fail(2, 137)
    told.send(LogEvent.JOB_FINISHED, job_id=3)
    text = "\n".join(told.close())
    first, second = text.split("FAILED: ")[1:]
    assert first.startswith("fit visibilities, track a, spw 1\n  no fit: leave the spw out\n")
    assert second.startswith("fit visibilities, track b, spw 1\n  killed (SIGKILL)")
    assert text.count("    before") == 2
    assert "2.log" in second
    assert "Failed: 2, done: 1 of 3 jobs. Remove the cause of each failure. The same" in text
    for noise in ("Exception", "CalledProcessError", "WorkflowError", "Shutting", "Exiting"):
        assert noise not in text


def test_a_signal_goes_to_the_silent_one_of_two_jobs(told, monkeypatch):
    told.begin(monkeypatch, fit_visibilities=2)
    told.start(1)
    told.start(2, {**FIT, "track": "b"})
    (told.folder / "1.log").write_text(MESSAGE + "\n")
    for status in (137, 1):
        error = f"CalledProcessError: fit_visibilities.py returned exit status {status}."
        told.send(LogEvent.ERROR, error, logging.ERROR)
    for number in (1, 2):
        told.send(LogEvent.JOB_ERROR, "", logging.ERROR, jobid=number)
    text = "\n".join(told.close())
    assert "track a, spw 1\n  no fit" in text
    assert "track b, spw 1\n  killed (SIGKILL)" in text


def test_a_run_that_its_user_stops_has_no_failures(told, monkeypatch):
    told.begin(monkeypatch, fit_visibilities=2)
    told.start(1)
    told.send(msg="Terminating processes on user request, this might take some time.")
    told.fail(1, 130)
    lines = told.close()
    assert not any("FAILED" in line for line in lines)
    assert not any("failed" in line for line in lines)
    assert any(line.endswith("stopped   fit visibilities, track a, spw 1") for line in lines)
    assert any(line.startswith("Stopped; done: 0 of 2 jobs.") for line in lines)


def test_jobs_that_ctrl_c_reaches_before_snakemake_says_so_are_stopped_too(told, monkeypatch):
    told.begin(monkeypatch, fit_visibilities=3)
    told.start(1)
    told.start(2, {**FIT, "track": "b"})
    told.fail(2, 130)
    told.send(msg="Terminating processes on user request, this might take some time.")
    told.fail(1, 1, MESSAGE)  # a failure of its own, at the same time
    text = "\n".join(told.close())
    assert "stopped   fit visibilities, track b, spw 1" in text
    assert "failed    fit visibilities, track a, spw 1" in text
    assert text.count("FAILED") == 1
    assert "FAILED: fit visibilities, track a, spw 1\n  no fit: leave the spw out" in text
    assert "Stopped; done: 0 of 3 jobs." in text


def test_the_path_of_the_report_comes_last(told, monkeypatch):
    monkeypatch.chdir(told.folder)
    told.begin(monkeypatch, write_report=1, write_track_report=1, validate_light_curves=1)
    pages = {
        "write_report": "report.html",
        "validate_light_curves": "validation.html",
        "write_track_report": "a/report.html",
    }
    for number, (rule, page) in enumerate(pages.items()):
        told.start(number, {}, rule, output=[page, page.replace(".html", ".ecsv")])
        told.send(LogEvent.JOB_FINISHED, job_id=number)
    *_, validation, log, last = told.close()
    assert validation == "Validation: validation.html"
    assert log.startswith("Log of this run: logs/runs/")
    assert last == "Report: report.html"


def test_a_report_that_is_not_of_this_run_is_not_named(told, monkeypatch):
    (told.folder / "report.html").touch()
    told.begin(monkeypatch, write_report=1)
    told.start(1, {}, "write_report", output=["report.html"])
    told.fail(1, 1)
    assert not any("report.html" in line for line in told.close())


def test_removed_intermediates_are_no_news(told, monkeypatch):
    told.begin(monkeypatch, fit_visibilities=1)
    told.send(msg="Removing temporary output results/a/20170406/turn1/sky_sums.npz.")
    assert not any("sky_sums" in line for line in told.close())


INTERRUPTED = """Traceback (most recent call last):
  File "script.py", line 1, in <module>
    import numpy
KeyError: 'numpy'

During handling of the above exception, another exception occurred:

KeyboardInterrupt
"""


@pytest.mark.parametrize("stopped", [True, False])
def test_a_traceback_of_a_job_that_just_began_is_told_unless_its_user_stopped_it(
    told, monkeypatch, stopped
):
    told.begin(monkeypatch, fit_visibilities=1)
    told.start(1)
    os.write(2, INTERRUPTED.encode())
    os.write(2, b"minispiral: fit_visibilities: an outcome\n")
    if stopped:
        told.send(msg="Terminating processes on user request, this might take some time.")
    told.fail(1, 130)
    text = "\n".join(told.close())
    assert "an outcome" in text
    assert ("Traceback" in text) == ("KeyboardInterrupt" in text) == (not stopped)


def test_a_job_that_succeeds_when_tried_again_is_no_failure(told, monkeypatch):
    told.begin(monkeypatch, fit_visibilities=1)
    told.start(1)
    told.fail(1, 1)
    told.start(1)
    told.send(LogEvent.JOB_FINISHED, job_id=1)
    assert any(line.startswith("The one job is done") for line in told.close())


def test_a_log_on_a_full_disk_is_given_up_without_a_word(told, monkeypatch, capfd):
    (told.folder / "logs").mkdir()
    (told.folder / "logs" / "runs").symlink_to("/dev")
    monkeypatch.setattr("snakemake_logger_plugin_minispiral.JOURNAL", "full")
    told.begin(monkeypatch, fit_visibilities=1)
    told.start(1)
    told.send(LogEvent.JOB_FINISHED, job_id=1)
    lines = told.close()
    assert any(line.startswith("The one job is done") for line in lines)
    assert "Log of this run" not in lines[-1]
    assert "Traceback" not in capfd.readouterr().err


def test_an_input_that_vanished_is_told_with_what_to_do(told, monkeypatch):
    told.begin(monkeypatch, fit_visibilities=2)
    error = (
        'WorkflowError in rule split_spw in file "/x/split.smk", line 13:\nOSError: Missing files '
        "after 5 seconds. This might be due to filesystem latency. If that is the case, consider "
        "to increase the wait time with --latency-wait:\na.ms (missing locally, parent dir not "
        "present)\nb.ms (missing)"
    )
    told.send(LogEvent.ERROR, error, logging.ERROR)
    text = "\n".join(told.close())
    assert "FAILED: split spw: cannot find a.ms, b.ms any more: put back what was moved" in text
    assert "Failed: 1, done: 0 of 2 jobs." in text
    assert "WorkflowError" not in text


def test_messages_before_a_run_are_told_and_noise_is_not(told, capsys):
    told.send(msg="Building DAG of jobs...")
    told.send(msg="Nothing to be done (all requested files are present and up to date).")
    told.send(LogEvent.ERROR, "MissingRuleException:\nNo rule", logging.ERROR)
    err = capsys.readouterr().err
    assert "Nothing to be done" in err
    assert "MissingRuleException" in err
    assert "Building" not in err
    assert not (told.folder / "logs").exists()
