"""The same for each of several things, in processes of their own."""

import ctypes
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

PR_SET_PDEATHSIG = 1  # of Linux's prctl

Map = Callable[..., Iterator[Any]]


@contextmanager
def workers(number: int) -> Iterator[Map]:
    """Yield a `map` whose calls are spread over so many processes, which last as long as the block.

    Function, items and results have to be such as can be pickled where there are several workers.
    The values, in the order of the items, are the same with any number of them.
    """
    if number < 2:
        yield map
        return
    # forked from a process without threads, which numpy's libraries have here
    pool = ProcessPoolExecutor(number, get_context("forkserver"), _end_with_parent)
    try:
        yield pool.map
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """Let Linux end this worker if the process that it works for is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
