"""How long Snakemake takes to build the graph of a large campaign's jobs, and to tell it."""

import re
import resource
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import workflow
from benchmarks.page import Page
from benchmarks.timing import timed


def bench(page: Page, folder: Path, campaigns: Iterable[tuple[int, int]]) -> None:
    """Time dry runs of campaigns of so many tracks and spws."""
    page.section("A dry run of many tracks")
    page.table("tracks", "spws", "jobs", "s", "ms a job")
    for tracks, spws in campaigns:
        place = folder / f"{tracks}x{spws}"
        config = make_campaign(place, tracks, spws)
        told, took = timed(partial(workflow.dry_run, place, config))
        jobs = int(re.findall(r"^total +(\d+)", told, re.MULTILINE)[0])
        page.row(tracks, spws, jobs, f"{took:.1f}", f"{1e3 * took / jobs:.1f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    page.say(f"Memory of the largest: {peak:.1f} GB")


def make_campaign(folder: Path, tracks: int, spws: int) -> dict[str, Any]:
    """Make tracks that are there by name only, and return a configuration of them."""
    names = [f"t{k}" for k in range(tracks)]
    for name in names:
        (folder / f"{name}.ms").mkdir(parents=True)
        (folder / f"{name}.ms" / "table.dat").write_text("")
    return {
        "campaign": "large",
        "spws": list(range(spws)),
        "tracks": {name: {"ms": f"{name}.ms"} for name in names},
    }
