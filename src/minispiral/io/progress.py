"""How far a long loop has come, now and then, as lines of the log."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeVar

Item = TypeVar("Item")

logger = logging.getLogger(__name__)

EVERY = 5.0  # s between lines, so that a log stays short


def progress(
    items: Iterable[Item],
    work: str,
    unit: str = "blocks",
    total: int | None = None,
    every: float = EVERY,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """Yield the items, and log every few seconds and at the end how many are done.

    A line is ``fit: 12 of 54 blocks, 0:12 elapsed, about 0:40 left``. Nothing is logged at the end
    of a loop that is left before.

    Parameters
    ----------
    items : what the loop goes over
    work : as the line names it
    unit : the items' name, in the plural
    total : number of items, where they do not know it themselves
    every : s between lines
    clock : s, for tests
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    start = last = clock()
    done = 0
    for item in items:
        yield item
        done += 1
        now = clock()
        if now - last >= every and done != total:
            logger.info("%s", line(work, done, total, unit, now - start))
            last = now
    logger.info("%s", line(work, done, done, unit, clock() - start))


def line(work: str, done: int, total: int | None, unit: str, elapsed: float) -> str:
    """How far the work is; what is left takes as long for each item as what is done."""
    if total is None:
        return f"{work}: {done} {unit}, {duration(elapsed)} elapsed"
    text = f"{work}: {done} of {total} {unit}, {duration(elapsed)} elapsed"
    if 0 < done < total:
        text += f", about {duration(elapsed * (total - done) / done)} left"
    return text


def duration(seconds: float) -> str:
    """Seconds as m:ss, or from an hour on as h:mm:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
