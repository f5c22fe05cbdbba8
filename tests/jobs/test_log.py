"""What a job shows on the terminal and what goes to its log, by real processes."""

import errno
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from minispiral.errors import MinispiralError
from minispiral.jobs.log import logged
from tests.helpers.places import ROOT

SOURCE = ROOT / "src"


WILDCARDS = "{'track': '20170406', 'spw': '2'}"


def command(body: str, log: Path, wildcards: str = WILDCARDS) -> list[str]:
    """Python that runs `body` as a job that logs to `log`."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    program = (
        "import logging, os, subprocess, sys, time\n"
        "from minispiral.errors import MinispiralError\n"
        "from minispiral.jobs.log import logged\n"
        f"with logged({str(log)!r}, 'fit_visibilities', {wildcards}):\n{indented}"
        "print('after the job')\n"
    )
    return [sys.executable, "-c", program]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": ""}


def job(tmp_path: Path, body: str, **options: str) -> tuple[subprocess.CompletedProcess, str]:
    """Run a job; return how it ended and its log."""
    log = tmp_path / "logs" / "a" / "fit.log"
    ended = subprocess.run(
        command(body, log, **options), capture_output=True, text=True, env=environment()
    )
    return ended, log.read_text()


def test_an_error_for_the_user_is_one_line_that_names_the_job_and_ends_it(tmp_path):
    ended, log = job(tmp_path, "raise MinispiralError('spw 2: no unflagged XX row: correct flags')")
    line = (
        "minispiral: fit_visibilities, track 20170406, spw 2: "
        "spw 2: no unflagged XX row: correct flags\n"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", line)
    assert log.splitlines()[-1] + "\n" == line
    assert "Traceback" not in log


def test_without_wildcards_the_job_is_named_alone(tmp_path):
    ended, _ = job(tmp_path, "raise MinispiralError('what')", wildcards="None")
    assert ended.stderr == "minispiral: fit_visibilities: what\n"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("1 / 0", "unexpected ZeroDivisionError: division by zero"),
        ("raise ValueError('one\\ntwo\\nthree')", "unexpected ValueError: one"),
        ("raise RuntimeError", "unexpected RuntimeError: "),
        ("{}['flux']", "unexpected KeyError: 'flux'"),
    ],
)
def test_any_other_error_is_one_line_and_its_traceback_stands_in_the_log(tmp_path, statement, says):
    ended, log = job(tmp_path, statement)
    assert ended.returncode == 1
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith("minispiral: fit_visibilities, track 20170406, spw 2: ")
    assert says in line
    assert "fit.log" in line
    assert "Traceback (most recent call last)" in log
    assert line in log.splitlines()


@pytest.mark.parametrize("error", ["OSError(28, 'x', 'a.ms')", "shutil.Error('[Errno 28] {}')"])
def test_a_full_disk_is_the_reason_whatever_it_makes_of_the_work(tmp_path, error):
    full = os.strerror(errno.ENOSPC)
    ended, log = job(tmp_path, f"import shutil; raise {error.format(full)}")
    assert f", spw 2: {full}: make space, and give the same command again (" in ended.stderr
    assert "Traceback" not in ended.stderr + log


@pytest.mark.parametrize("error", ["MinispiralError", "ValueError"])
def test_the_line_may_have_letters_of_any_language(tmp_path, error):
    ended, log = job(tmp_path, f"raise {error}('field Señor Å is no field')")
    assert "Señor Å" in ended.stderr
    assert "Señor Å" in log


PRINTED = {
    "python's stdout": "print('said')",
    "python's stderr": "print('said', file=sys.stderr)",
    "C's stdout": "os.write(1, b'said\\n')",
    "C's stderr": "os.write(2, b'said\\n')",
    "another program": "subprocess.run(['echo', 'said'], check=True)",
    "a warning": "import warnings; warnings.warn('said', stacklevel=1)",
    "a logger": "logging.getLogger('minispiral.x').info('said')",
}


@pytest.mark.parametrize("statement", PRINTED.values(), ids=PRINTED)
@pytest.mark.parametrize("fails", [False, True])
def test_whatever_is_said_goes_to_the_log_alone(tmp_path, statement, fails):
    ended, log = job(tmp_path, f"{statement}\n" + ("raise MinispiralError('x')" if fails else ""))
    assert log.count("said") >= 1
    assert "said" not in ended.stdout + ended.stderr


def test_nothing_in_the_log_overwrites_anything_else(tmp_path):
    """CASA opens the log too, to append to it."""
    statements = [
        "for i in range(200):",
        "    print(f'<python {i}>')",
        "    os.write(1, f'<descriptor {i}>\\n'.encode())",
        "    logging.getLogger('x').info(f'<logger {i}>')",
        "    with open(os.readlink('/proc/self/fd/1'), 'a') as f: f.write(f'<casa {i}>\\n')",
    ]
    ended, log = job(tmp_path, "\n".join(statements))
    assert ended.returncode == 0
    kinds = ("python", "descriptor", "logger", "casa")
    for i in range(200):
        assert all(f"<{kind} {i}>" in log for kind in kinds), i


def test_log_lines_have_time_in_utc_level_and_message(tmp_path):
    job_in_tokyo = "time.tzset()\nlogging.getLogger('x').warning('the message')"
    log = tmp_path / "fit.log"
    subprocess.run(command(job_in_tokyo, log), env={**environment(), "TZ": "Asia/Tokyo"})
    stamp, message = log.read_text().strip().split(",")
    assert re.fullmatch(r"\d+ WARNING the message", message)
    written = datetime.fromisoformat(stamp).replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - written) < timedelta(minutes=5)


def test_a_job_that_succeeds_is_silent_and_the_program_goes_on(tmp_path):
    ended, log = job(tmp_path, "pass")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "after the job\n", "")
    assert log == ""


def test_each_run_starts_a_new_log(tmp_path):
    job(tmp_path, "print('first')")
    _, log = job(tmp_path, "print('second')")
    assert log == "second\n"


def test_the_terminal_is_back_after_a_failure(capfd, tmp_path):
    def fail() -> None:
        with logged(tmp_path / "x.log", "stage"):
            os.write(1, b"inside")
            raise MinispiralError("what is wrong")

    handlers = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        with pytest.raises(SystemExit) as ended:
            fail()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert ended.value.code == 1
    print("outside")
    captured = capfd.readouterr()
    assert captured.out == "outside\n"
    assert captured.err == "minispiral: stage: what is wrong\n"


def test_a_job_that_the_cluster_ends_cleans_up(tmp_path):
    """SIGTERM, which SLURM sends at a job's time limit, lets `finally` run."""
    statements = [
        "try:",
        "    os.write(1, b'started')",
        "    time.sleep(60)",
        "finally:",
        "    print('cleaned up')",
    ]
    log = tmp_path / "fit.log"
    process = subprocess.Popen(
        command("\n".join(statements), log),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    try:
        while not (log.exists() and "started" in log.read_text()):
            assert process.poll() is None
        process.terminate()
        _, stderr = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode != 0
    assert stderr.count(b"\n") <= 1
    assert "cleaned up" in log.read_text()


def test_an_outcome_is_shown_on_the_terminal_and_logged(tmp_path):
    body = "from minispiral.jobs.log import announce\nlogging.info('detail')\nannounce('S/N up')"
    ended, log = job(tmp_path, body)
    line = "minispiral: fit_visibilities, track 20170406, spw 2: S/N up\n"
    assert (ended.returncode, ended.stderr) == (0, line)
    assert "INFO S/N up" in log
    assert "detail" in log
