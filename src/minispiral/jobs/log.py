"""One job's log: what it logs, what CASA prints, and its one-line error."""

import errno
import logging
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from minispiral.errors import MinispiralError
from minispiral.jobs import process
from minispiral.jobs.job import Job
from minispiral.jobs.lock import share

FULL = 100_000  # bytes that a disk has left, or less, when nothing more can be written
NO_SPACE = os.strerror(errno.ENOSPC)
OUTCOME = "minispiral.outcome"  # the logger of what the terminal is told too


def run(main: Callable[[Job], None], snakemake: Any) -> None:
    """Run a script's `main` on the job of Snakemake's object, logged as `logged` does."""
    share()
    job = Job(snakemake)
    with logged(job.log[0], job.rule, dict(job.wildcards.items())):
        main(job)


def announce(text: str) -> None:
    """Log an outcome that the user is to see on the terminal as well."""
    logging.getLogger(OUTCOME).info(text)


@contextmanager
def logged(
    log: str | os.PathLike[str], stage: str, wildcards: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Send Python's logging and everything printed to `log`; show errors on the terminal.

    CASA writes to the terminal from C++, so the file descriptors themselves are redirected.
    A `MinispiralError` ends the program with one line on the terminal, which names the stage and
    its track and spw; any other error with its traceback in the log and one line on the terminal.
    """
    job = ", ".join([stage, *(f"{name} {value}" for name, value in (wildcards or {}).items())])
    path = Path(log)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    # appending, because CASA opens the same file to append to it
    with _appended(path) as file, _redirected(file.fileno()) as terminal:
        handler = logging.StreamHandler(file)
        handler.setFormatter(_UtcFormatter("%(asctime)s %(levelname)s %(message)s"))
        root = logging.getLogger()
        root.addHandler(handler)
        outcome = _TerminalHandler(terminal, job)
        logging.getLogger(OUTCOME).addHandler(outcome)
        root.setLevel(logging.INFO)
        failure = None
        process.end_job_on_signals()
        process.keep_freed_memory()
        try:
            yield
        except Exception as error:
            failure = error
            if not (isinstance(error, MinispiralError) or _for_want_of_space(error, log)):
                _write(file, traceback.format_exc())
        finally:
            root.removeHandler(handler)
            logging.getLogger(OUTCOME).removeHandler(outcome)
        if failure is not None:
            line = f"minispiral: {job}: {_reason(failure, log)}\n"
            _write(file, line)
            os.write(terminal, line.encode())
            sys.exit(1)


@contextmanager
def _appended(path: Path) -> Iterator[TextIO]:
    """Open a log; that it cannot be written to the end is no error beside what is written."""
    file = open(path, "a", encoding="utf-8")  # noqa: SIM115  (closing may fail on a full disk)
    try:
        yield file
    finally:
        with suppress(OSError):
            file.close()


def _reason(error: Exception, log: str | os.PathLike[str]) -> str:
    """Why a job failed and what to do, in one line."""
    reason = str(error)
    if not isinstance(error, MinispiralError):
        first = reason.splitlines()[0] if reason else ""
        reason = f"unexpected {type(error).__name__}: {first} (see {log})"
    if _for_want_of_space(error, log):
        return f"{NO_SPACE}: make space, and give the same command again ({reason})"
    return reason


def _for_want_of_space(error: BaseException | None, log: str | os.PathLike[str]) -> bool:
    """Whether an error, or its cause, is a full disk or quota; the log's disk counts too."""
    if shutil.disk_usage(Path(log).parent).free < FULL:
        return True
    while error is not None:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            return True
        if NO_SPACE in str(error) or os.strerror(errno.EDQUOT) in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _write(file: TextIO, text: str) -> None:
    with suppress(OSError):
        file.write(text)
        file.flush()


class _TerminalHandler(logging.Handler):
    """Write records as lines that name the job, like errors, to a file descriptor."""

    def __init__(self, descriptor: int, job: str) -> None:
        super().__init__()
        self.descriptor, self.job = descriptor, job

    def emit(self, record: logging.LogRecord) -> None:
        line = f"minispiral: {self.job}: {record.getMessage()}\n"
        os.write(self.descriptor, line.encode())


class _UtcFormatter(logging.Formatter):
    converter = staticmethod(time.gmtime)


@contextmanager
def _redirected(target: int) -> Iterator[int]:
    """Send stdout and stderr to the descriptor `target`; yield one of the terminal's."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    os.dup2(target, 1)
    os.dup2(target, 2)
    try:
        yield saved[1]
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError):  # a full disk takes no more of the log
                stream.flush()
        for descriptor, copy in enumerate(saved, start=1):
            os.dup2(copy, descriptor)
            os.close(copy)
