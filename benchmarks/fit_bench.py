"""The fit of one spw: against reading its columns, against a plain loop, and how it grows."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from astropy.table import Table

from benchmarks.page import Page
from benchmarks.sizes import Growth
from benchmarks.timing import seconds, timed
from minispiral import casa
from minispiral.fit.track import fit_measurement_set
from minispiral.imaging.grid import components
from minispiral.ms.windows import BLOCK_ROWS, spectral_windows
from minispiral.simulation.track import simulate_track
from minispiral.visibilities.sky_model import SkyModel
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
N_COMPONENTS = 1150
TRACK = {
    "integration_s": 4,
    "scans": 1,
    "gap_minutes": 0,
    "start": "2017-04-06T06:00:00",
    "frequencies_ghz": [213.1],
}


def bench(page: Page, ms: Path, with_loop: bool = True) -> None:
    """Compare the fit of a spw with reading it, and with the loop."""
    model = clean_model(N_COMPONENTS)
    with casa.session():
        rows = count_rows(ms)
        reading = seconds(lambda: read_columns(ms))
        table = fit(ms, model)
        fitting = seconds(lambda: fit(ms, model))
        page.section(
            f"The fit of one spw: {rows} rows, {len(table)} integrations, {N_COMPONENTS} components"
        )
        page.table("", "s", "")
        page.row("reading its columns", f"{reading:.2f}", "")
        ratio = f"{fitting / reading:.2f} x reading (goal: below 2.0)"
        page.row("fit, reading included", f"{fitting:.2f}", ratio)
        if with_loop:
            plain, looping = timed(lambda: plain_fit(ms, model))
            page.row("plain loop", f"{looping:.1f}", f"{looping / fitting:.0f} x fit")
            difference = np.max(np.abs(plain[:, 0] / table["I_extended"] - 1))
            page.say(f"Largest difference of F_ext between both: {difference:.1e}")


def growth(page: Page, folder: Path, sizes: Growth) -> None:
    """Time the fit of more and more integrations, antennas and components."""
    page.section("How the fit grows: linearly, where a row takes the same time throughout")
    page.table("", "rows", "components", "s", "microseconds a row")
    for name, minutes, antennas, n_components in cases(sizes):
        ms, model = folder / f"{minutes}_{antennas}.ms", clean_model(n_components)
        if not ms.exists():
            track = {**TRACK, "scan_minutes": minutes, "antennas": antennas}
            simulate_track(ms, ms.with_suffix(".csv"), track)
        with casa.session():
            rows = count_rows(ms)
            took = seconds(partial(fit, ms, model))
        page.row(name, rows, n_components, f"{took:.2f}", f"{1e6 * took / rows:.2f}")


def cases(sizes: Growth) -> Iterator[tuple[str, float, int, int]]:
    """Yield what grows, with minutes, antennas and components, of which two are the usual ones."""
    minutes, antennas, n_components = sizes.minutes[1], sizes.antennas[-1], sizes.components[1]
    yield from (("integrations", value, antennas, n_components) for value in sizes.minutes)
    yield from (("antennas", minutes, value, n_components) for value in sizes.antennas)
    yield from (("components", minutes, antennas, value) for value in sizes.components)


def fit(ms: Path, model: np.ndarray) -> Table:
    """Fit minispiral and core to every integration as the workflow does."""
    return fit_measurement_set(ms, SkyModel(model, CELL))


def plain_fit(ms: Path, model: np.ndarray) -> np.ndarray:
    """Fit as the equations read: integration by integration, a sum over all components."""
    frequency = next(iter(spectral_windows(ms).values())).frequency_hz
    with casa.table(ms) as table:
        time, uvw = table.getcol("TIME"), table.getcol("UVW")
        data, flag = table.getcol("DATA")[:, 0], table.getcol("FLAG")[:, 0]
        weight = table.getcol("WEIGHT")
    x, y, flux = components(model / model.sum(), CELL).T
    fluxes = []
    for t in np.unique(time):
        rows = (time == t) & ~flag[0] & ~flag[-1]
        visibility = (data[0, rows] + data[-1, rows]) / 2
        w = 4 / (1 / weight[0, rows] + 1 / weight[-1, rows])
        u, v = uv_wavelengths(uvw[:, rows], frequency)
        m = component_visibilities(u, v, x, y, flux)
        hessian = [[np.sum(w * abs(m) ** 2), np.sum(w * m.real)], [np.sum(w * m.real), np.sum(w)]]
        gradient = [np.sum(w * (visibility * np.conj(m)).real), np.sum(w * visibility.real)]
        fluxes.append(np.linalg.solve(hessian, gradient))
    return np.array(fluxes)


def read_columns(ms: Path) -> None:
    """Read the columns that the fit needs, in its blocks."""
    with casa.table(ms) as table:
        for start in range(0, table.nrows(), BLOCK_ROWS):
            for column in COLUMNS:
                table.getcol(column, start, BLOCK_ROWS)


def count_rows(ms: Path) -> int:
    """Count the rows of a measurement set."""
    with casa.table(ms) as table:
        return int(table.nrows())


def clean_model(n_components: int, size: int = 512) -> np.ndarray:
    """Make a model as CLEAN leaves it: components on pixels within 10 arcsec."""
    rng = np.random.default_rng(1)
    model = np.zeros(size * size)
    x, y = np.indices((200, 200)).reshape(2, -1) + size // 2 - 100
    model[rng.choice(x * size + y, n_components, replace=False)] = rng.random(n_components)
    return model.reshape(size, size)
