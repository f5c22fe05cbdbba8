"""Light curves of a simulated campaign against the truth, by `snakemake validate`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import workflow
from benchmarks.page import Page
from minispiral.io.tables import read_table


def bench(page: Page, folder: Path, simulation: Mapping[str, Any]) -> None:
    """Validate a simulated track of two spws, with smooth gains and each integration's own."""
    page.section("Light curves against the truth, Stokes I of two spws")
    page.table("gains", "factors", "pulls")
    scatter = {}
    for gains in ("integration", "smooth"):
        config = {
            "campaign": "bench",
            "spws": [0, 1],
            "tracks": {"a": {"simulate": dict(simulation)}},
            "scale": {"gains": gains},
        }
        workflow.run(folder, config, "validate", cores=2)
        table = read_table(folder / "results" / "bench" / "validation.ecsv")
        scaled = table[(table["stokes"] == "I") & (table["stage"] == "after scaling")]
        scatter[gains] = np.sqrt(np.mean(scaled["scatter"] ** 2))
        factors = ", ".join(f"{factor:.4f}" for factor in scaled["factor"])
        page.row(gains, factors, ", ".join(f"{pull:.2f}" for pull in scaled["pull_std"]))
    ratio = scatter["smooth"] / scatter["integration"]
    page.say(f"Scatter of smooth over own gains: {ratio:.2f}")
