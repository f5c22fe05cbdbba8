"""The time that a call takes."""

import statistics
import time
from collections.abc import Callable


def seconds(call: Callable[[], object], repeat: int = 3) -> float:
    """Median wall-clock time of a call."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)
