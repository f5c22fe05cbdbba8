"""Light curves of a simulated campaign against the truth, by `snakemake validate`."""

from pathlib import Path

import numpy as np
from timing import tell
from workflow_bench import run

from minispiral.io.tables import read_table


def bench(folder: Path) -> list[str]:
    """Validate a simulated track, with smooth gains and with each integration's own."""
    lines: list[str] = []
    tell(lines, "", "## Light curves against the truth, Stokes I of two spws", "")
    tell(lines, "| gains | factors | pulls |", "|---|---|---|")
    scatter = {}
    for gains in ("integration", "smooth"):
        config = {
            "campaign": "bench",
            "spws": [0, 1],
            "tracks": {"a": {"simulate": {"seed": 6, "frequencies_ghz": [213.1, 227.1]}}},
            "scale": {"gains": gains},
        }
        run(folder, config, "all", "validate", cores=2)
        table = read_table(folder / "results" / "bench" / "validation.ecsv")
        mine = table[(table["stokes"] == "I") & (table["stage"] == "after scaling")]
        scatter[gains] = np.sqrt(np.mean(mine["scatter"] ** 2))
        factors = ", ".join(f"{factor:.4f}" for factor in mine["factor"])
        pulls = ", ".join(f"{pull:.2f}" for pull in mine["pull_std"])
        tell(lines, f"| {gains} | {factors} | {pulls} |")
    ratio = scatter["smooth"] / scatter["integration"]
    tell(lines, "", f"Scatter of smooth over own gains: {ratio:.2f}")
    return lines
