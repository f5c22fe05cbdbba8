"""The run as its user sees it: bars below messages on a terminal, plain lines elsewhere."""

import os
import time
from collections.abc import Callable
from typing import TextIO

from rich.console import Console, ConsoleDimensions, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from minispiral.io.progress import duration
from minispiral.io.terminal import wrapped
from snakemake_logger_plugin_minispiral.failures import how_far
from snakemake_logger_plugin_minispiral.jobs import Job, Run, words

BAR_WIDTH, NAME_WIDTH, GAP = 14, 16, 2  # columns
NARROW = 70  # columns below which there are no bars
Clock = Callable[[], float]


class PlainDisplay:
    """Lines, and nothing but lines, for files and pipes."""

    tells_all = True  # each start and end of a job

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        self._stream = stream

    def begin(self, run: Run) -> None:
        """Nothing is to be seen until something is said."""

    def say(self, line: str, _style: str = "") -> None:
        """Write a line, whatever its style on a terminal would be."""
        print(line, file=self._stream, flush=True)

    def end(self) -> None:
        """Nothing is to be tidied up."""


class TerminalDisplay:
    """Bars that stay at the bottom of a terminal while lines scroll away above."""

    tells_all = False  # the bars do

    def __init__(self, stream: TextIO, color: bool = True, clock: Clock = time.monotonic) -> None:
        """Write to `stream`, a terminal."""
        self._console = _Console(
            file=stream, highlight=False, markup=False, emoji=False, no_color=not color or None
        )
        self._clock = clock
        self._live: Live | None = None

    def begin(self, run: Run) -> None:
        """Show the bars."""
        self._live = Live(
            get_renderable=lambda: bars(run, self._clock(), *self._console.size[::-1]),
            console=self._console,
            refresh_per_second=2,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def say(self, line: str, style: str = "") -> None:
        """Write a line above the bars, broken between words where it is too long."""
        text = wrapped(line, self._console.width)
        self._console.print(Text(text, style=style), soft_wrap=True)

    def end(self) -> None:
        """Take the bars away."""
        if self._live is not None:
            self._live.stop()


class _Console(Console):
    """A console as wide as its terminal, whatever the standard streams are."""

    @property  # type: ignore[misc]  # rich lets it be set as well, which nobody does here
    def size(self) -> ConsoleDimensions:
        try:
            columns, lines = os.get_terminal_size(self.file.fileno())
        except (OSError, ValueError):
            columns, lines = 0, 0
        return ConsoleDimensions(columns or 80, lines or 25)


def bars(run: Run, now: float, height: int = 25, width: int = 80) -> Group:
    """A bar for each stage at work with a line for each of its jobs, and a bar for all jobs.

    What is said of a job is broken between words where it is too long for its column. Terminals of
    less than `NARROW` columns have no bars.
    """
    stages: dict[str, list[Job]] = {}
    for job in list(run.running.values()):  # another thread changes it
        stages.setdefault(job.rule, []).append(job)
    whole = ("all jobs", f"{run.jobs_done} of {run.jobs}")
    named = {r: (words(r), _progress(run.done[r], run.total.get(r, 0))) for r in stages}
    # ends of columns: the first two are as wide as their longest text
    name, count = (max(map(len, texts)) for texts in zip(whole, *named.values(), strict=True))
    bar = BAR_WIDTH + GAP if width >= NARROW else 0
    place = max(width - max(name, NAME_WIDTH) - count - 2 * GAP - bar, NAME_WIDTH)
    table = Table.grid(padding=(0, GAP, 0, 0), expand=True)
    table.add_column(no_wrap=True, min_width=NAME_WIDTH)
    if bar:
        table.add_column(width=BAR_WIDTH)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    room = max(1, height - 4)  # below it the bar of all jobs, and the cursor
    for rule, jobs in stages.items():
        total = run.total.get(rule, 0)
        stage = _stage(*named[rule], run.done[rule], total, "cyan", bool(bar))
        for k, job in enumerate(jobs):
            text = wrapped(_at_work(job, now), place)
            room -= text.count("\n") + 1
            if room < 0 and table.row_count:
                break
            table.add_row(*(stage if k == 0 else [""] * len(stage)), Text(text))
    shown = wrapped(times(run, now, elapsed=""), place)  # for terminals of 80 columns
    table.add_row(*_stage(*whole, run.jobs_done, run.jobs, "bold", bool(bar)), Text(shown))
    return Group(Text(), table)


def _progress(done: int, total: int) -> str:
    """How many of a stage's jobs are done, in words."""
    return f"{done} of {max(total, done, 1)}"


def _stage(
    name: str, count: str, done: int, total: int, style: str, has_bar: bool
) -> list[Text | ProgressBar | str]:
    """Name, bar and numbers of a stage."""
    total = max(total, done, 1)
    bar = ProgressBar(total=total, completed=done, width=BAR_WIDTH, complete_style="green")
    return [Text(name, style), *([bar] if has_bar else []), count]


def _at_work(job: Job, now: float) -> str:
    """The subject of a running job, and how far or for how long."""
    far = how_far(job.log) or duration(now - job.started)
    return f"{job.place} ({far})" if job.place else far


def times(run: Run, now: float, elapsed: str = " elapsed") -> str:
    """Time since the run began, and about how long it may take still."""
    text = f"{duration(now - run.started)}{elapsed}"
    left = run.left(now)
    return text if left is None else f"{text}, about {duration(left)} left"
