"""Light curves of a simulated campaign against the truth, by `snakemake validate`."""

from pathlib import Path

import numpy as np

from benchmarks import workflow
from benchmarks.page import Page
from benchmarks.sizes import Track
from minispiral.io.tables import read_table


def bench(page: Page, folder: Path, track: Track) -> None:
    """Validate a simulated track, with each integration's own gain and with smooth gains."""
    page.section("Light curves against the truth, Stokes I of each spw")
    page.table("gains", "factors", "pulls")
    scatter = {}
    for gains in ("integration", "smooth"):
        config = {
            "campaign": "bench",
            "spws": list(track.spws),
            "tracks": {"a": {"simulate": track.simulation}},
            "scale": {"gains": gains},
            **track.settings,
        }
        workflow.run(folder, config, "validate", cores=track.cores)
        table = read_table(folder / "results" / "bench" / "validation.ecsv")
        scaled = table[(table["stokes"] == "I") & (table["stage"] == "after scaling")]
        scatter[gains] = np.sqrt(np.mean(scaled["scatter"] ** 2))
        factors = ", ".join(f"{factor:.4f}" for factor in scaled["factor"])
        page.row(gains, factors, ", ".join(f"{pull:.2f}" for pull in scaled["pull_std"]))
    ratio = scatter["smooth"] / scatter["integration"]
    page.say(f"Scatter of smooth over own gains: {ratio:.2f}")
