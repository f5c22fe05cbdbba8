"""Light curves of a campaign of several tracks on several cores, against one track on one core."""

import shutil
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import workflow
from benchmarks.page import Page
from benchmarks.sizes import Track
from benchmarks.timing import timed
from minispiral.simulation.track import simulate_track

GOAL = 0.55  # of one track on one core, for each of several on two


def bench(page: Page, folder: Path, track: Track, number: int, cores: int) -> None:
    """Time the light curves of one track on one core, and of so many on so many cores."""
    folder.mkdir(parents=True)
    for k in range(number):
        settings = {**track.simulation, "seed": k + 1}
        simulate_track(folder / f"t{k}.ms", folder / f"t{k}.csv", settings)
    page.section(f"Light curves of {number} tracks on {cores} cores")
    page.table("tracks", "cores", "s", "s a track", "of one track on one core")
    one = None
    for tracks, used in ((1, 1), (number, cores)):
        config = campaign(track, tracks)
        run = partial(workflow.run, folder, config, "light_curves", cores=used)
        each = timed(run)[1] / tracks
        one = each if one is None else one
        goal = f" (goal: {GOAL})" if used > 1 else ""
        page.row(tracks, used, f"{each * tracks:.0f}", f"{each:.1f}", f"{each / one:.2f}{goal}")
        shutil.rmtree(folder / "results")
    shutil.rmtree(folder)


def campaign(track: Track, tracks: int) -> dict[str, Any]:
    """Return the configuration of so many tracks."""
    return {
        "campaign": "bench",
        "spws": list(track.spws),
        "tracks": {f"t{k}": {"ms": f"t{k}.ms"} for k in range(tracks)},
        **track.settings,
    }
