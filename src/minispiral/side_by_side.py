"""The same for each of several things, in processes of their own."""

import ctypes
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

PR_SET_PDEATHSIG = 1  # of Linux's prctl

Item = TypeVar("Item")
Result = TypeVar("Result")


def for_each(
    function: Callable[[Item], Result], items: Sequence[Item], workers: int = 1
) -> Iterator[Result]:
    """Yield the function's value of each item, in their order, by `workers` processes.

    Function, items and results have to be such as can be pickled where there are several workers.
    The values are the same with any number of them.
    """
    workers = min(workers, len(items))
    if workers < 2:
        yield from map(function, items)
        return
    # forked from a process without threads, which numpy's libraries have here
    pool = ProcessPoolExecutor(workers, get_context("forkserver"), _end_with_parent)
    try:
        yield from pool.map(function, items)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """Let Linux end this worker if the process that it works for is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
