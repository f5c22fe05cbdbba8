"""How a run and its jobs end on signals such as Ctrl-C, and how memory is looked after.

All that changes the process itself, beside the lock: what signals do, and garbage collection.
A run of the workflow goes through three states: before any job, where Ctrl-C ends it at once; with
jobs, where Snakemake ends them; and ending, where further Ctrl-C change nothing.
"""

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import NoReturn


def end_at_once_on_interrupt() -> None:
    """Let Ctrl-C end a run in which no job has begun.

    Snakemake reads the workflow and builds the graph of jobs for up to a minute. Python's own way
    with Ctrl-C ends this, seconds later, with a traceback of more than a screen.
    """
    signal.signal(signal.SIGINT, _stop_early)


def _stop_early(*_: object) -> NoReturn:
    print("minispiral: stopped before any job began", file=sys.stderr, flush=True)
    # not sys.exit: Snakemake would take it for an error of the rule whose request it looks at;
    # and there is nothing to be cleaned up
    os._exit(130)


def leave_interrupts_to_snakemake() -> None:
    """Let Ctrl-C be what Python makes of it, on which Snakemake ends all jobs: once they begin."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def ignore_interrupts() -> None:
    """Let nothing disturb the end of a run: a second Ctrl-C would leave jobs and a traceback."""
    with suppress(ValueError):  # in another thread than the main one
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_job_on_signals() -> None:
    """Let SIGTERM and Ctrl-C end a job as an exception does.

    A cluster ends jobs with SIGTERM, which by itself leaves temporary folders behind; and a user's
    Ctrl-C, which a terminal sends to jobs too, is no reason for tracebacks.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def collect_garbage_seldom() -> None:
    """Look for garbage seldom.

    A graph of jobs is hundreds of thousands of objects that stay: looking through them again and
    again takes a seventh of the time for it.
    """
    gc.set_threshold(200_000, 50, 50)
