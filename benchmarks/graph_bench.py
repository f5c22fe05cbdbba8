"""How long Snakemake takes to build the graph of a large campaign's jobs, and to tell it."""

import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import yaml
from timing import tell
from workflow_bench import ROOT


def configure(folder: Path, tracks: int, spws: int) -> None:
    """Make a configuration of tracks that are there by name only."""
    names = [f"t{k}" for k in range(tracks)]
    for name in names:
        (folder / f"{name}.ms").mkdir(parents=True)
        (folder / f"{name}.ms" / "table.dat").write_text("")
    config = {
        "campaign": "large",
        "spws": list(range(spws)),
        "tracks": {name: {"ms": f"{name}.ms"} for name in names},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def bench(folder: Path) -> list[str]:
    """Time dry runs of larger and larger campaigns."""
    lines: list[str] = []
    tell(lines, "", "## A dry run of many tracks", "")
    tell(lines, "| tracks | spws | jobs | s | ms a job |", "|---|---|---|---|---|")
    for tracks, spws in ((10, 4), (50, 16), (200, 32)):
        place = folder / f"{tracks}x{spws}"
        configure(place, tracks, spws)
        command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile")]
        start = time.perf_counter()
        done = subprocess.run(
            [*command, "-d", str(place), "--workflow-profile", "none", "-n", "-q", "rules"],
            check=True,
            capture_output=True,
            text=True,
        )
        took = time.perf_counter() - start
        jobs = int(re.findall(r"^total +(\d+)", done.stdout + done.stderr, re.MULTILINE)[0])
        tell(lines, f"| {tracks} | {spws} | {jobs} | {took:.1f} | {1e3 * took / jobs:.1f} |")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    tell(lines, "", f"Memory of the largest: {peak:.1f} GB")
    return lines
