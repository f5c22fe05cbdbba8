"""How a run and its jobs end on signals such as Ctrl-C, and what makes them faster.

All that changes the process itself, beside the lock: what signals do, how often garbage is looked
for, how often the path of a script is taken apart, and what becomes of memory that is free again.
A run of the workflow goes through three states: before any job, where Ctrl-C ends it at once; with
jobs, where Snakemake ends them; and ending, where further Ctrl-C change nothing.
"""

import ctypes
import gc
import os
import signal
import sys
from contextlib import suppress
from functools import cache
from typing import Any, NoReturn

from minispiral.jobs.signatures import with_signature

# of glibc's malloc.h: below which size memory is taken from what the process keeps, and how much of
# that may be free before it is given back
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_ARRAY, KEPT = 2**30, 2**31 - 1  # bytes


def end_at_once_on_interrupt() -> None:
    """Let Ctrl-C end a run in which no job has begun.

    Snakemake reads the workflow and builds the graph of jobs for up to a minute. Python's own way
    with Ctrl-C ends this, seconds later, with a traceback of more than a screen.
    """
    signal.signal(signal.SIGINT, _stop_early)


def _stop_early(*_: object) -> NoReturn:
    print("minispiral: stopped before any job began", file=sys.stderr, flush=True)
    # not sys.exit: Snakemake would take it for an error of the rule with this request;
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


def parse_paths_once() -> None:
    """Let Snakemake take the path of a script apart once, not three times for each of its jobs.

    `smart_open` defines a class for what it finds in a path, each time anew, which takes an eighth
    of the time for a graph of jobs. Equal paths have equal parts, so that they can be kept.
    """
    with suppress(ImportError):  # Snakemake brings it, and may do without one day
        import smart_open

        smart_open.parse_uri = cache(smart_open.parse_uri)


def remember_signatures() -> None:
    """Let Snakemake find the parameters of its own functions once, not for each resource of a job.

    See `minispiral.jobs.signatures`.
    """
    with suppress(KeyError, AttributeError):  # another Snakemake may call it otherwise
        with_signature(sys.modules["snakemake.resources"].Resource.evaluate)


def find_producers_once() -> None:
    """Let Snakemake look once for the rules that make a file, not once for each job that reads it.

    It compares the file with the outputs of all rules, which takes a tenth of the time for a graph
    of jobs. An index of outputs does not change: where rules do, Snakemake makes another.
    """
    with suppress(KeyError, AttributeError):  # another Snakemake may do it otherwise
        index = sys.modules["snakemake.output_index"].OutputIndex
        find = index.match_producers

        def match_producers(self: Any, targetfile: str) -> Any:
            known = vars(self).setdefault("known_producers", {})
            if targetfile not in known:
                known[targetfile] = find(self, targetfile)
            return known[targetfile]

        index.match_producers = match_producers


def keep_freed_memory() -> None:
    """Let a job keep the memory of large arrays that are no longer needed, for the next ones.

    glibc gives each of them back, and Linux clears every page again of the next: for streams of
    blocks of rows, a third of the time of a fit. Other systems are left as they are.
    """
    with suppress(OSError, AttributeError):  # another library than glibc
        change = ctypes.CDLL(None).mallopt
        change(M_MMAP_THRESHOLD, LARGEST_ARRAY)
        change(M_TRIM_THRESHOLD, KEPT)
