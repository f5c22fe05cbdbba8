"""The split of all spws: against reading the visibilities, against CASA's split, and its growth.

A pass over the input writes all spws, or one of them, as the workflow's jobs do. CASA's split
averages spw by spw.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.page import Page
from benchmarks.sizes import SplitGrowth, Track
from benchmarks.timing import timed
from minispiral import casa
from minispiral.jobs.process import keep_freed_memory
from minispiral.ms.casa_split import average_by_casa
from minispiral.ms.inspection import Inspection, inspect
from minispiral.ms.split_source import PIECE_SAMPLES
from minispiral.ms.split_stream import COPIED, Wanted, stream_spws
from minispiral.simulation.track import simulate_track

GOAL = (
    1.3  # times reading, where files are not in memory already, as here: then writing counts more
)
NEEDED = ("DATA", "FLAG", "WEIGHT", "SIGMA", "UVW", "FLAG_ROW", "FIELD_ID", *COPIED)


def bench(page: Page, folder: Path, track: Track) -> None:
    """Compare ways to split a track of many channels with reading it."""
    ms = simulated(folder, track)
    with casa.session(scratch=folder, threads=1):
        inspection = inspect(ms, "Sgr A*", track.spws, "data")
        casa.tasks()  # loaded before the clock runs
        keep_freed_memory()  # as all jobs do
        channels = inspection.spws[0].channels
        rows = sum(window.rows for window in inspection.spws)
        page.section(f"The split of {rows} rows of {channels} channels, {len(track.spws)} spws")
        page.table("", "s", "of reading", "of CASA's split")
        read(ms, channels, NEEDED)  # into the page cache
        _, column = timed(lambda: read(ms, channels, ("DATA",)))
        _, reading = timed(lambda: read(ms, channels, NEEDED))
        _, together = timed(lambda: stream(ms, folder, inspection, list(track.spws)))
        _, alone = timed(lambda: [stream(ms, folder, inspection, [spw]) for spw in track.spws])
        _, casas = timed(lambda: by_casa(ms, folder, inspection))
        for name, took in (
            ("reading DATA", column),
            ("reading all columns that are needed, from memory", reading),
            (f"all spws in one pass (goal: {GOAL} x reading)", together),
            ("a pass for each spw, as its jobs do", alone),
            ("CASA's split of each spw", casas),
        ):
            page.row(name, f"{took:.2f}", f"{took / reading:.2f}", f"{took / casas:.2f}")
    shutil.rmtree(folder)


def growth(page: Page, folder: Path, sizes: SplitGrowth) -> None:
    """Time the split of more and more rows, channels and spws."""
    page.section("How the split grows: linearly, where a sample takes the same time throughout")
    page.table("", "rows", "channels", "spws", "s", "microseconds a row", "ns a channel of a row")
    for name, track in sizes.cases():
        ms = simulated(folder, track)
        with casa.session(scratch=folder, threads=1):
            inspection = inspect(ms, "Sgr A*", track.spws, "data")
            rows, channels = sum(w.rows for w in inspection.spws), inspection.spws[0].channels
            keep_freed_memory()
            spws = list(track.spws)
            stream(ms, folder, inspection, spws)
            _, took = timed(lambda: stream(ms, folder, inspection, spws))  # noqa: B023  (at once)
        of_row = 1e6 * took / rows
        page.row(
            *(name, rows, channels, len(track.spws), f"{took:.2f}"),
            *(f"{of_row:.2f}", f"{1e3 * of_row / channels:.0f}"),
        )
        shutil.rmtree(folder)


def simulated(folder: Path, track: Track) -> Path:
    """Simulate a track in a new folder."""
    folder.mkdir(parents=True)
    ms = folder / "a.ms"
    simulate_track(ms, folder / "a.csv", track.simulation)
    return ms


def read(ms: Path, channels: int, columns: tuple[str, ...]) -> None:
    """Read some columns, in the blocks that the split takes."""
    rows = max(1, PIECE_SAMPLES // channels)
    with casa.table(ms) as table:
        for start in range(0, table.nrows(), rows):
            for column in columns:
                table.getcol(column, start, rows)


def stream(ms: Path, folder: Path, inspection: Inspection, spws: list[int]) -> None:
    """Split some spws in one pass."""
    wanted = [
        Wanted(window.spw, folder / f"spw{window.spw}.ms", window.interval_s)
        for window in inspection.spws
        if window.spw in spws
    ]
    _clear(folder, inspection, lambda: stream_spws(ms, inspection.field_id, wanted, "data"))


def by_casa(ms: Path, folder: Path, inspection: Inspection) -> None:
    """Split all spws as CASA does."""

    def split() -> None:
        for window in inspection.spws:
            output = folder / f"spw{window.spw}.ms"
            average_by_casa(ms, output, inspection, window.spw, "data")

    _clear(folder, inspection, split)


def _clear(folder: Path, inspection: Inspection, call: Callable[[], object]) -> None:
    call()
    for window in inspection.spws:
        shutil.rmtree(folder / f"spw{window.spw}.ms", ignore_errors=True)
