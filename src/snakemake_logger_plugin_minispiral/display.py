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

BAR_WIDTH = 14
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
            get_renderable=lambda: bars(run, self._clock(), self._console.height),
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


def bars(run: Run, now: float, height: int = 25) -> Group:
    """A bar for each stage at work with a line for each of its jobs, and a bar for all jobs."""
    stages: dict[str, list[Job]] = {}
    for job in list(run.running.values()):  # another thread changes it
        stages.setdefault(job.rule, []).append(job)
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(no_wrap=True, min_width=16)
    table.add_column(width=BAR_WIDTH)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    room = max(1, height - 4)  # below it the bar of all jobs, and the cursor
    for rule, jobs in stages.items():
        for k, job in enumerate(jobs[:room]):
            stage = _stage(words(rule), run.done[rule], run.total.get(rule, 0), "cyan")
            table.add_row(*(stage if k == 0 else ("", "", "")), Text(_at_work(job, now)))
        room -= len(jobs)
        if room <= 0:
            break
    shown = times(run, now, elapsed="")  # for terminals of 80 columns
    table.add_row(*_stage("all jobs", run.jobs_done, run.jobs, "bold"), Text(shown))
    return Group(Text(), table)


def _stage(name: str, done: int, total: int, style: str) -> tuple[Text, ProgressBar, str]:
    """Name, bar and numbers of a stage."""
    total = max(total, done, 1)
    bar = ProgressBar(total=total, completed=done, width=BAR_WIDTH, complete_style="green")
    return Text(name, style), bar, f"{done} of {total}"


def _at_work(job: Job, now: float) -> str:
    """The subject of a running job, and how far or for how long."""
    far = how_far(job.log) or duration(now - job.started)
    return f"{job.place} ({far})" if job.place else far


def times(run: Run, now: float, elapsed: str = " elapsed") -> str:
    """Time since the run began, and about how long it may take still."""
    text = f"{duration(now - run.started)}{elapsed}"
    left = run.left(now)
    return text if left is None else f"{text}, about {duration(left)} left"
