"""The time that calls take."""

import statistics
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def timed(call: Callable[[], Result]) -> tuple[Result, float]:
    """Return what a call returns, and its wall-clock time in seconds."""
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


def seconds(call: Callable[[], object], repeat: int = 3) -> float:
    """Median wall-clock time of a call."""
    return statistics.median(timed(call)[1] for _ in range(repeat))
