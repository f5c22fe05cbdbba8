"""Time the visibility fit, and judge light curves of a simulated campaign, in one run.

The fit is timed against reading its columns and against a plain loop; light curves are compared
with the truth by `snakemake validate`, with smooth gains and with each integration's own. Run by
`make bench`; `FULL=1 make bench` adds a full-size spectral window of 3.5 million rows.
Absolute times depend on the machine and its load; quote the ratios.
"""

import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import yaml

from minispiral import casa
from minispiral.fit_track import fit_measurement_set
from minispiral.image_grid import components
from minispiral.measurement_set import BLOCK_ROWS
from minispiral.products import read_table
from minispiral.simulate import simulate_track
from minispiral.transform import component_visibilities, uv_wavelengths

COLUMNS = (
    "TIME",
    "ANTENNA1",
    "ANTENNA2",
    "UVW",
    "DATA",
    "FLAG",
    "FLAG_ROW",
    "WEIGHT",
    "SCAN_NUMBER",
)
ROOT = Path(__file__).resolve().parent.parent
CELL = 0.1  # arcsec
FREQUENCY = 213.1e9  # Hz
TRACK = {
    "antennas": 40,
    "integration_s": 4,
    "scans": 1,
    "gap_minutes": 0,
    "start": "2017-04-06T06:00:00",
    "frequencies_ghz": [FREQUENCY / 1e9],
}


def clean_model(n_components: int = 1150, size: int = 512) -> np.ndarray:
    """Make a model as CLEAN leaves it: components on pixels within 10 arcsec."""
    rng = np.random.default_rng(1)
    model = np.zeros((size, size))
    x, y = rng.integers(size // 2 - 100, size // 2 + 100, (2, n_components))
    model[x, y] = rng.random(n_components)
    return model


def read_columns(ms: Path) -> None:
    """Read the columns that the fit needs, in its blocks."""
    with casa.table(ms) as table:
        for start in range(0, table.nrows(), BLOCK_ROWS):
            for column in COLUMNS:
                table.getcol(column, start, BLOCK_ROWS)


def plain_fit(ms: Path, model: np.ndarray) -> np.ndarray:
    """Fit as the equations read: integration by integration, a sum over all components."""
    with casa.table(ms) as table:
        time_, uvw = table.getcol("TIME"), table.getcol("UVW")
        data, flag = table.getcol("DATA")[:, 0], table.getcol("FLAG")[:, 0]
        weight = table.getcol("WEIGHT")
    x, y, flux = components(model / model.sum(), CELL).T
    fitted = []
    for t in np.unique(time_):
        rows = (time_ == t) & ~flag[0] & ~flag[-1]
        v = (data[0, rows] + data[-1, rows]) / 2
        w = 4 / (1 / weight[0, rows] + 1 / weight[-1, rows])
        m = component_visibilities(*uv_wavelengths(uvw[:, rows], FREQUENCY), x, y, flux)
        hessian = [[np.sum(w * abs(m) ** 2), np.sum(w * m.real)], [np.sum(w * m.real), np.sum(w)]]
        residual = [np.sum(w * (v * np.conj(m)).real), np.sum(w * v.real)]
        fitted.append(np.linalg.solve(hessian, residual))
    return np.array(fitted)


def seconds(call: Callable[[], object], repeat: int = 3) -> float:
    """Median wall-clock time of a call."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def bench(folder: Path, minutes: float, with_loop: bool) -> None:
    """Simulate a spectral window of `minutes` and print its times and ratios."""
    ms = folder / f"{minutes:g}min.ms"
    simulate_track(ms, folder / "truth.csv", {**TRACK, "scan_minutes": minutes})
    model = clean_model()
    with casa.session(scratch=folder):
        with casa.table(ms) as table:
            rows = table.nrows()
        reading = seconds(lambda: read_columns(ms))
        fit = fit_measurement_set(ms, model, CELL)
        fitting = seconds(lambda: fit_measurement_set(ms, model, CELL))
        print(f"\n{rows} rows, {len(fit)} integrations, {np.count_nonzero(model)} components")
        print(f"  reading the columns        {reading:8.2f} s")
        print(f"  fit, reading included      {fitting:8.2f} s = {fitting / reading:.2f} x reading")
        if with_loop:
            plain = plain_fit(ms, model)
            looping = seconds(lambda: plain_fit(ms, model), repeat=1)
            worst = np.max(np.abs(plain[:, 0] / fit["I_extended"] - 1))
            print(f"  plain loop                 {looping:8.2f} s = {looping / fitting:.0f} x fit")
            print(f"  largest difference of F_ext between both: {worst:.1e}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        print(f"  peak memory of the process so far: {peak:.0f} MB")


def bench_light_curves(folder: Path) -> None:
    """Validate a simulated track, with smooth gains and with each integration's own."""
    print("\nlight curves of a simulated track against the truth, Stokes I of two spws")
    scatter = {}
    for gains in ("integration", "smooth"):
        config = {
            "campaign": "bench",
            "spws": [0, 1],
            "tracks": {"a": {"simulate": {"seed": 6, "frequencies_ghz": [213.1, 227.1]}}},
            "scale": {"gains": gains},
        }
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "-d", folder]
        subprocess.run([*command, "--cores", "2", "-q", "all", "--", "validate"], check=True)
        table = read_table(folder / "results" / "bench" / "validation.ecsv")
        mine = table[(table["stokes"] == "I") & (table["stage"] == "after scaling")]
        scatter[gains] = np.sqrt(np.mean(mine["scatter"] ** 2))
        factors = ", ".join(f"{factor:.4f}" for factor in mine["factor"])
        pulls = ", ".join(f"{pull:.2f}" for pull in mine["pull_std"])
        print(f"  gains: {gains:12s} factors {factors}; pulls {pulls}")
    print(f"  scatter of smooth over own gains: {scatter['smooth'] / scatter['integration']:.2f}")


def main() -> None:
    """Bench a small spectral window, and with FULL=1 a full-size one; and the light curves."""
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"numpy {np.__version__}, casatools {casa.tools().version_string()}"
    )
    with tempfile.TemporaryDirectory(prefix="minispiral-bench-") as folder:
        bench(Path(folder), 20, with_loop=True)
        if os.environ.get("FULL") == "1":
            bench(Path(folder), 300, with_loop=False)
        bench_light_curves(Path(folder))


if __name__ == "__main__":
    main()
