"""All turns of fluxes and sky: against reading the columns and CLEAN, and how they grow.

Each job is a script of the workflow in a process of its own, on one core. More tracks are the same
data again, of which every job runs. What CLEAN took is what the workflow noted of its jobs for IM0,
in which CLEAN works on averages of a minute.
"""

import shutil
from functools import partial
from pathlib import Path

from benchmarks import job
from benchmarks.fit_bench import read_columns
from benchmarks.job import Cost
from benchmarks.page import Page
from benchmarks.timing import seconds
from benchmarks.turns import Track, Turns
from benchmarks.workflow_bench import clean_seconds
from minispiral import casa
from minispiral.ms.inspection import read_inspection


def bench(page: Page, folder: Path, results: Path, numbers: tuple[int, ...]) -> None:
    """Time all turns of numbers of tracks, each of which is the one that has these results.

    The first number is 1.
    """
    track = track_of(results)
    with casa.session():
        reading = sum(seconds(partial(read_columns, ms)) for ms in track.splits)
    runs = []
    for number in numbers:
        runs.append(Turns(folder, track, number).run())
        shutil.rmtree(folder)
    one = runs[0]
    page.section("The minispiral from the visibilities: all turns of fluxes and sky, on one core")
    page.table("", "s", "of reading", "of CLEAN")
    clean = clean_seconds(results.parent)
    for name, took in (
        ("reading the columns of all spws", reading),
        ("CLEAN of all spws, averages of a minute", clean),
        (f"{one.number} turns, reading included (goal: 60 s, full)", one.total.seconds),
    ):
        page.row(name, f"{took:.1f}", f"{took / reading:.1f}", f"{took / clean:.2f}")
    page.say("Their jobs, of which none is to take more than 1000 MB:")
    page.table("job", "number", "s", "s of the processor", "MB")
    for name, costs in one.costs.items():
        page.row(name, len(costs), *cells(job.total(costs)))
    growth(page, numbers, runs)


def growth(page: Page, numbers: tuple[int, ...], runs: list[Turns]) -> None:
    """Compare the turns of more tracks with those of one."""
    page.say("How they grow: linearly, where a track and turn take the same time throughout")
    page.table("tracks", "turns", "s", "s of the processor", "MB", "s a track and turn")
    for number, run in zip(numbers, runs, strict=True):
        each = run.total.seconds / number / run.number
        page.row(number, run.number, *cells(run.total), f"{each:.2f}")


def cells(cost: Cost) -> tuple[str, str, str]:
    """Write a cost as cells of a table: s, s of the processor, MB."""
    return f"{cost.seconds:.1f}", f"{cost.cpu_seconds:.1f}", f"{cost.memory_mb:.0f}"


def track_of(results: Path) -> Track:
    """Find in a track's folder of results what the turns need."""
    inspection = results / "inspection.json"
    spws = [window.spw for window in read_inspection(inspection).spws]
    splits = [results / f"spw{spw}" / "split.ms" for spw in spws]
    return Track(inspection, results / "core.json", spws, splits)
