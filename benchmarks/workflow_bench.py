"""The workflow on one core, from a track to its products, against CASA's split and tclean alone.

CASA gets the same: it splits each spw and CLEANs it with the same parameters, at full resolution,
in one process. That ends at IM0; the workflow goes on to the light curves.
"""

import csv
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml
from timing import seconds, tell

from minispiral import casa
from minispiral.config.defaults import defaults
from minispiral.imaging.clean import choose_cell, clean
from minispiral.ms.inspection import Inspection, inspect
from minispiral.ms.split import split_field
from minispiral.simulation.track import simulate_track

ROOT = Path(__file__).resolve().parent.parent
TRACK = {"antennas": 40, "integration_s": 4, "start": "2017-04-06T06:00:00"}
SPWS = (0, 1, 2, 3)
CONFIG = {"campaign": "bench", "tracks": {"a": {"ms": "a.ms"}}}
ITERATED = {**CONFIG, "iterations": 1, "selfcal": {"rounds": [{"calmode": "ap"}]}}
OF_ONE = re.compile(r"a|(spw|iteration)\d+")  # track, spw, iteration
MEMORY_GOAL_MB = 1500


def run(folder: Path, config: dict, *arguments: str, cores: int = 1) -> None:
    """Run the workflow in a folder, with this configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-d", str(folder)]
    subprocess.run([*command, "-q", "all", "--cores", str(cores), *arguments], check=True)


def casa_alone(ms: Path, inspection: Inspection, spw: int) -> None:
    """Split a spw and CLEAN it as the workflow does, but with all its integrations."""
    settings = defaults()["image"]
    split, images = Path(f"spw{spw}.ms"), Path(f"spw{spw}")
    split_field(ms, split, inspection, str(spw), "data", width=1)
    clean(split.resolve(), images.resolve(), settings, choose_cell(settings, inspection))
    shutil.rmtree(split)
    shutil.rmtree(images)


def peak_memory(results: Path) -> dict[str, tuple[float, float]]:
    """For each kind of job, the largest memory (MB) and time (s) of its benchmark files."""
    peaks: dict[str, tuple[float, float]] = {}
    folder = results / "benchmarks"
    for path in sorted(folder.rglob("*.tsv")):
        parts = path.relative_to(folder).with_suffix("").parts
        kind = "/".join(part for part in parts if not OF_ONE.fullmatch(part))
        with open(path) as file:
            for row in csv.DictReader(file, delimiter="\t"):
                values = [float(row[key]) if row[key] != "NA" else 0.0 for key in ("max_rss", "s")]
                before = peaks.get(kind, (0.0, 0.0))
                peaks[kind] = (max(before[0], values[0]), max(before[1], values[1]))
    return peaks


def bench(folder: Path, size: dict) -> list[str]:
    """Time the whole workflow and its reruns on a track of this size, and CASA alone."""
    lines: list[str] = []
    folder.mkdir(parents=True)
    ms = folder / "a.ms"
    simulate_track(ms, folder / "a.csv", {**TRACK, **size})
    with casa.session(scratch=folder, threads=1):
        inspection = inspect(ms, "Sgr A*", SPWS, "data")
        casa.tasks()  # loaded before the clock runs
        alone = seconds(lambda: [casa_alone(ms, inspection, spw) for spw in SPWS], repeat=1)
    rows = sum(window.rows for window in inspection.spws)
    tell(lines, "", f"## A track of {rows} rows, {len(SPWS)} spws, on one core", "")
    tell(lines, "| | s | of CASA alone |", "|---|---|---|")
    tell(lines, f"| CASA's split and tclean at full resolution | {alone:.0f} | 1 |")
    again = ("--forcerun", "results/bench/a/spw1/split.ms")
    for what, config, arguments in (
        (
            "workflow to the light curves (goal: 0.5, full)",
            CONFIG,
            ("light_curves",),
        ),
        ("rest of the products", CONFIG, ("all",)),
        ("all again, nothing to do", CONFIG, ("all",)),
        ("all again, one spw split anew", CONFIG, ("all", *again)),
        ("an iteration of self-calibration, all channels", ITERATED, ("all", "calibrated")),
    ):
        start = time.perf_counter()
        run(folder, config, *arguments)
        took = time.perf_counter() - start
        tell(lines, f"| {what} | {took:.0f} | {took / alone:.2f} |")
    peaks = peak_memory(folder / "results" / "bench")
    tell(lines, "", f"Memory of jobs, of which none is to take more than {MEMORY_GOAL_MB} MB:", "")
    tell(lines, "| job | MB | s |", "|---|---|---|")
    for name, (memory, took) in sorted(peaks.items(), key=lambda item: -item[1][0]):
        tell(lines, f"| {name} | {memory:.0f} | {took:.1f} |")
    return lines
