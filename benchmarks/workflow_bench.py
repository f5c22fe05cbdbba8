"""The workflow on one core, from a track to its products, against CASA's split and tclean alone.

CASA gets the same: it splits each spw and CLEANs it with the same parameters, at full resolution,
in one process. That ends at IM0; the workflow goes on to the light curves.
"""

import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import workflow
from benchmarks.page import Page
from benchmarks.sizes import Track
from benchmarks.timing import timed
from minispiral import casa
from minispiral.config import resolve
from minispiral.imaging.clean import ImageSettings, choose_cell, clean
from minispiral.jobs.provenance import job_records
from minispiral.ms.inspection import Inspection, inspect
from minispiral.simulation.track import simulate_track

CAMPAIGN = "bench"
ITERATION = {"iterations": 1, "selfcal": {"rounds": [{"calmode": "ap"}]}}
OF_ONE = re.compile(r"a|(spw|iteration)\d+")  # track, spw, iteration
CLEAN_OF_IM0 = re.compile(r"[^/]+/spw\d+/clean")
MEMORY_GOAL_MB = 1000


def bench(page: Page, folder: Path, track: Track, memory_mb: int | None = None) -> Path:
    """Time the whole workflow and its rerun on a track of this size, and CASA alone.

    With `memory_mb`, the workflow has no more memory. Returns the first spw as the workflow split
    it off.
    """
    folder.mkdir(parents=True)
    ms = folder / "a.ms"
    simulate_track(ms, folder / "a.csv", track.simulation)
    config = {
        "campaign": CAMPAIGN,
        "spws": list(track.spws),
        "tracks": {"a": {"ms": "a.ms"}},
        **track.settings,
    }
    image = resolve(config).settings("image", "a")
    with casa.session(scratch=folder, threads=1):
        inspection = inspect(ms, "Sgr A*", track.spws, "data")
        casa.tasks()  # loaded before the clock runs
        _, alone = timed(lambda: split_and_clean(ms, inspection, image))
    rows = sum(window.rows for window in inspection.spws)
    cores = "one core" if track.cores == 1 else f"{track.cores} cores"
    page.section(f"A track of {rows} rows, {len(track.spws)} spws, on {cores}")
    time_runs(page, folder, config, track.cores, alone, memory_mb)
    results = folder / "results" / CAMPAIGN
    if memory_mb is not None:
        page.say(f"All of this was done by processes of {memory_mb / 1000:g} GB at most.")
    page.say(f"CLEAN of IM0, of which no light curve is made: {clean_seconds(results):.0f} s.")
    page.say(f"Memory of jobs, of which none is to take more than {MEMORY_GOAL_MB} MB:")
    page.table("job", "MB", "s")
    for name, (memory, took) in sorted(peaks(results).items(), key=lambda item: -item[1][0]):
        page.row(name, f"{memory:.0f}", f"{took:.1f}")
    return results / "a" / f"spw{track.spws[0]}" / "split.ms"


def split_and_clean(ms: Path, inspection: Inspection, settings: Mapping[str, Any]) -> None:
    """Split each spw and CLEAN it as the workflow does, but with all its integrations."""
    for window in inspection.spws:
        split, images = (Path(f"spw{window.spw}{suffix}").resolve() for suffix in (".ms", ""))
        casa.run_task(
            "split",
            ms,
            split,
            vis=str(ms),
            outputvis=str(split),
            field=str(inspection.field_id),
            spw=str(window.spw),
            antenna="*&",
            datacolumn="data",
        )
        clean(split, images, ImageSettings(settings, choose_cell(settings, inspection)))
        shutil.rmtree(split)
        shutil.rmtree(images)


def time_runs(
    page: Page,
    folder: Path,
    config: Mapping[str, Any],
    cores: int,
    alone: float,
    memory_mb: int | None = None,
) -> None:
    """Time run after run of the workflow in one folder, in seconds and by CASA's time."""
    iterated = {**config, **ITERATION}
    page.table("", "s", "of CASA alone")
    page.row("CASA's split and tclean at full resolution", f"{alone:.0f}", 1)
    for name, configuration, targets in (
        ("workflow to the light curves (goal: 0.2, full)", config, ["light_curves"]),
        ("rest of the products (goal: 0.4 with the light curves, full)", config, ["all"]),
        ("all again, nothing to do (goal: 2 s)", config, ["all"]),
        ("an iteration of self-calibration, all channels", iterated, ["all", "calibrated"]),
    ):
        options = {"cores": cores, "memory_mb": memory_mb}
        _, took = timed(partial(workflow.run, folder, configuration, *targets, **options))
        page.row(name, f"{took:.0f}", f"{took / alone:.2f}")


def peaks(results: Path) -> dict[str, tuple[float, float]]:
    """For each kind of job, the largest memory (MB) and time (s) of all its jobs."""
    kinds: dict[str, list[tuple[float, float]]] = {}
    for job in job_records(results / "benchmarks"):
        kind = "/".join(part for part in job.name.split("/") if not OF_ONE.fullmatch(part))
        # a job that is over at once has no memory measured
        kinds.setdefault(kind, []).append((np.nan_to_num(job.memory_mb), job.seconds))
    return {kind: tuple(np.max(jobs, axis=0)) for kind, jobs in kinds.items()}


def clean_seconds(campaign: Path) -> float:
    """Seconds of CLEAN for the IM0 of all spws, as the workflow noted them."""
    jobs = job_records(campaign / "benchmarks")
    return sum(record.seconds for record in jobs if CLEAN_OF_IM0.fullmatch(record.name))
