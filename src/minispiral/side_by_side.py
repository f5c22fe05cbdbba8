"""The same for each of several things, in processes of their own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

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
    with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
        yield from pool.map(function, items)
