"""What a user sees of a run: Snakemake's events as lines and bars, and what to do on failure."""

import io
import logging
import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_minispiral import LogHandler
from snakemake_logger_plugin_minispiral.display import PlainDisplay, bars
from snakemake_logger_plugin_minispiral.failures import (
    LAST_LINES,
    description,
    how_far,
    reason,
    signal_of,
    tail,
)
from snakemake_logger_plugin_minispiral.jobs import LONG, TYPICAL, Job, Run
from snakemake_logger_plugin_minispiral.relay import Relay

FIT = {"track": "a", "iteration": "0", "spw": "1"}


def job(rule="fit_visibilities", wildcards=FIT, log=None, memory=900, started=0.0) -> Job:
    return Job(rule, wildcards, None if log is None else str(log), memory, started)


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
    rules = Path(__file__).parent.parent / "workflow" / "rules"
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


MESSAGE = "minispiral: fit_visibilities, track a, iteration 0, spw 1: no fit: leave the spw out"


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


# the handler


SETTINGS = {
    "printshellcmds": False,
    "nocolor": False,
    "quiet": None,
    "debug_dag": False,
    "verbose": False,
    "show_failed_logs": False,
    "stdout": False,
    "dryrun": False,
}


class Told:
    """A handler whose lines are kept, and the events that Snakemake would send."""

    def __init__(self, folder: Path) -> None:
        self.handler = LogHandler(SimpleNamespace(**SETTINGS), None)
        self.handler.clock = lambda: self.now
        self.now, self.folder, self.stream = 100.0, folder, io.StringIO()
        self.send(minispiral_logs=str(folder / "logs"))
        self.send(LogEvent.WORKFLOW_STARTED, cmd="snakemake --cores 2")
        self.send(LogEvent.RESOURCES_INFO, cores=2)

    def send(self, event=None, msg=None, level=logging.INFO, **fields) -> None:
        record = logging.makeLogRecord({"msg": msg, "levelno": level, "event": event, **fields})
        self.handler.emit(record)

    def begin(self, monkeypatch, **stats: int) -> None:
        monkeypatch.setattr(
            "snakemake_logger_plugin_minispiral.PlainDisplay",
            lambda stream: PlainDisplay(self.stream),
        )
        self.send(LogEvent.RUN_INFO, stats={**stats, "total": sum(stats.values())})

    def start(self, number: int, wildcards=FIT, rule="fit_visibilities") -> None:
        self.send(
            LogEvent.JOB_INFO,
            jobid=number,
            rule_name=rule,
            wildcards=wildcards,
            log=[str(self.folder / f"{number}.log")],
            resources=SimpleNamespace(mem_mb=900),
        )

    def fail(self, number: int, status: int, message: str = "") -> None:
        (self.folder / f"{number}.log").write_text(f"before\n{message}\n")
        error = f"RuleException:\nCalledProcessError in x.smk:\nx.py returned exit status {status}."
        self.send(LogEvent.ERROR, error, logging.ERROR, exception="RuleException")
        self.send(LogEvent.JOB_ERROR, "Error in rule", logging.ERROR, jobid=number)

    def close(self) -> list[str]:
        for noise in (
            "Shutting down, this might take some time.",
            "Exiting because a job execution failed. Look above for error messages",
            "Complete log(s): /x",
        ):
            self.send(msg=noise)
        failed = "WorkflowError:\nAt least one job did not complete successfully."
        self.send(LogEvent.ERROR, failed, logging.ERROR)
        self.handler.close()
        self.handler.close()
        return self.stream.getvalue().splitlines()


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
    assert "All 2 jobs are done, in 2:00." in lines and "Log of this run" in lines[-1]
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
    assert text.count("    before") == 2 and "2.log" in second
    assert "Failed: 2, done: 1 of 3 jobs. Put right what failed. The same command goes on" in text
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
    assert "track a, spw 1\n  no fit" in text and "track b, spw 1\n  killed (SIGKILL)" in text


def test_a_run_that_its_user_stops_has_no_failures(told, monkeypatch):
    told.begin(monkeypatch, fit_visibilities=2)
    told.start(1)
    told.send(msg="Terminating processes on user request, this might take some time.")
    told.fail(1, 130)
    lines = told.close()
    assert not any("FAILED" in line for line in lines)
    assert any(line.startswith("Stopped; done: 0 of 2 jobs.") for line in lines)


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
    assert "Log of this run" not in lines[-1] and "Traceback" not in capfd.readouterr().err


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
    assert "Failed: 1, done: 0 of 2 jobs." in text and "WorkflowError" not in text


def test_messages_before_a_run_are_told_and_noise_is_not(told, capsys):
    told.send(msg="Building DAG of jobs...")
    told.send(msg="Nothing to be done (all requested files are present and up to date).")
    told.send(LogEvent.ERROR, "MissingRuleException:\nNo rule", logging.ERROR)
    err = capsys.readouterr().err
    assert "Nothing to be done" in err and "MissingRuleException" in err
    assert "Building" not in err
    assert not (told.folder / "logs").exists()
