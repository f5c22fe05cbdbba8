"""The fit of one spw: against reading its columns, against a plain loop, and how it grows."""

from pathlib import Path

import numpy as np
from timing import seconds, tell

from minispiral import casa
from minispiral.fit.track import fit_measurement_set
from minispiral.imaging.grid import components
from minispiral.ms.inspection import inspect
from minispiral.ms.split import split_field
from minispiral.ms.windows import BLOCK_ROWS
from minispiral.simulation.track import simulate_track
from minispiral.visibilities.transform import component_visibilities, uv_wavelengths

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
CELL = 0.1  # arcsec
FREQUENCY = 213.1e9  # Hz
TRACK = {
    "antennas": 40,
    "integration_s": 4,
    "scans": 1,
    "scan_minutes": 20,
    "gap_minutes": 0,
    "start": "2017-04-06T06:00:00",
    "frequencies_ghz": [FREQUENCY / 1e9],
}


def clean_model(n_components: int = 1150, size: int = 512) -> np.ndarray:
    """Make a model as CLEAN leaves it: components on pixels within 10 arcsec."""
    rng = np.random.default_rng(1)
    model = np.zeros(size * size)
    x, y = np.indices((200, 200)).reshape(2, -1) + size // 2 - 100
    model[rng.choice(x * size + y, n_components, replace=False)] = rng.random(n_components)
    return model.reshape(size, size)


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


def simulate(folder: Path, name: str, **settings) -> Path:
    """Simulate a spw."""
    ms = folder / f"{name}.ms"
    simulate_track(ms, folder / f"{name}.csv", {**TRACK, **settings})
    return ms


def one_spw(folder: Path, track: Path) -> Path:
    """Split the first spw of a track off."""
    ms = folder / "first_spw.ms"
    split_field(track, ms, inspect(track, "Sgr A*", [0], "data"), "0", "data")
    return ms


def bench(folder: Path, track: Path | None = None, with_loop: bool = True) -> list[str]:
    """Compare the fit of a spw with reading, and with the loop; of 20 minutes, or of a track."""
    lines: list[str] = []
    ms = simulate(folder, "small_spw") if track is None else None
    model = clean_model()
    with casa.session(scratch=folder):
        if track is not None:
            ms = one_spw(folder, track)
        with casa.table(ms) as table:
            rows = table.nrows()
        reading = seconds(lambda: read_columns(ms))
        fit = fit_measurement_set(ms, model, CELL)
        fitting = seconds(lambda: fit_measurement_set(ms, model, CELL))
        size = f"{rows} rows, {len(fit)} integrations, {np.count_nonzero(model)} components"
        tell(lines, "", f"## The fit of one spw: {size}", "", "| | s | |", "|---|---|---|")
        tell(lines, f"| reading its columns | {reading:.2f} | |")
        ratio = f"{fitting / reading:.2f} x reading (goal: below 2.5)"
        tell(lines, f"| fit, reading included | {fitting:.2f} | {ratio} |")
        if with_loop:
            plain = plain_fit(ms, model)
            looping = seconds(lambda: plain_fit(ms, model), repeat=1)
            worst = np.max(np.abs(plain[:, 0] / fit["I_extended"] - 1))
            tell(lines, f"| plain loop | {looping:.1f} | {looping / fitting:.0f} x fit |")
            tell(lines, "", f"Largest difference of F_ext between both: {worst:.1e}")
    return lines


def growth(folder: Path) -> list[str]:
    """Time the fit of more and more integrations, antennas and components."""
    lines: list[str] = []
    tell(
        lines, "", "## How the fit grows: linearly, where a row takes the same time throughout", ""
    )
    tell(lines, "| | rows | components | s | microseconds a row |", "|---|---|---|---|---|")
    cases = [
        *(("integrations", {"scan_minutes": minutes}, 1150) for minutes in (10, 20, 40)),
        *(("antennas", {"antennas": antennas}, 1150) for antennas in (10, 20, 40)),
        *(("components", {}, n) for n in (300, 1150, 5000)),
    ]
    for k, (what, settings, n) in enumerate(cases):
        ms, model = simulate(folder, f"growth{k}", **settings), clean_model(n)
        with casa.session(scratch=folder):
            with casa.table(ms) as table:
                rows = table.nrows()
            took = seconds(lambda ms=ms, model=model: fit_measurement_set(ms, model, CELL))
        tell(lines, f"| {what} | {rows} | {n} | {took:.2f} | {1e6 * took / rows:.2f} |")
    return lines
