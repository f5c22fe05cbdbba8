"""Simulated tracks that are made difficult, and what is known of them, for the tests."""

import hashlib
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.imaging.grid import pixel_offsets
from minispiral.simulation import source
from minispiral.simulation.track import simulate_track


def short_track(folder: Path, channels: int = 1) -> Path:
    """Write a track of a few integrations, five antennas and two spws."""
    settings = {
        "antennas": 5,
        "scans": 1,
        "scan_minutes": 0.3,
        "channels": channels,
        "frequencies_ghz": [213.1, 227.1],
        "broken_integrations": 0,
    }
    simulate_track(folder / "a.ms", folder / "a.truth.csv", settings)
    return folder / "a.ms"


def without_phases(folder: Path) -> Path:
    """Write raw data of the VLA, whose phases no sky explains: a calibrator of NGC5921's set."""
    with casa.session():
        uvfits = str(casa.data_path("demo/NGC5921.fits"))
        casa.tasks().importuvfits(fitsfile=uvfits, vis=str(folder / "all.ms"))
        casa.tasks().split(
            vis=str(folder / "all.ms"),
            outputvis=str(folder / "raw.ms"),
            field="0",
            datacolumn="data",
        )
    return folder / "raw.ms"


def in_parts(track: Path, ms: Path) -> Path:
    """Write a track as a MultiMS of two parts, a spw each."""
    with casa.session():
        casa.tasks().partition(
            vis=str(track),
            outputvis=str(ms),
            datacolumn="data",
            createmms=True,
            separationaxis="spw",
            numsubms=2,
            flagbackup=False,
        )
    return ms


def make_ms(path: Path, sizes: dict[str, int]) -> Path:
    """A folder with files named as in a measurement set."""
    for name, size in {"table.dat": 100, "table.lock": 300, **sizes}.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(b"x" * size)
    return path


def checksums(ms: Path) -> dict[str, str]:
    """Checksums of all files of a measurement set but its lock."""
    return {
        str(path.relative_to(ms)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(ms.rglob("*"))
        if path.is_file() and path.name != "table.lock"
    }


def add_autocorrelations(ms: Path) -> None:
    """Give each antenna and integration a row with itself, bright as autocorrelations are."""
    with casa.session(), casa.table(ms, writable=True) as table:
        chosen = table.query("ANTENNA2 == ANTENNA1 + 1")
        n, start = chosen.nrows(), table.nrows()
        chosen.copyrows(str(ms))
        chosen.close()
    with casa.session(), casa.table(ms, writable=True) as table:
        table.putcol("ANTENNA2", table.getcol("ANTENNA1", start, n), start, n)
        table.putcol("UVW", np.zeros((3, n)), start, n)
        table.putcol("DATA", 1e3 + 0 * table.getcol("DATA", start, n), start, n)


def flag(ms: Path, selection: str) -> None:
    """Flag the rows that a TaQL expression selects."""
    with casa.session(), casa.table(ms, writable=True) as table:
        chosen = table.query(selection)
        chosen.putcol("FLAG", np.ones_like(chosen.getcol("FLAG")))
        chosen.putcol("FLAG_ROW", np.ones(chosen.nrows(), bool))
        chosen.close()


def set_columns(ms: Path, **values) -> None:
    """Put values, one for all rows or one for each, into columns of the main table."""
    with casa.table(ms, writable=True) as table:
        for name, given in values.items():
            old = table.getcol(name)
            table.putcol(name, np.broadcast_to(given, old.shape).astype(old.dtype))


def joined(tracks: list[Path], output: Path) -> Path:
    """Join measurement sets of different spws to one."""
    copies = [output.with_suffix(f".{k}.ms") for k in range(len(tracks))]
    with casa.session():
        for ms, copy in zip(tracks, copies, strict=True):
            # CASA's simulator leaves traces of columns that concat stumbles on
            casa.tasks().split(vis=str(ms), outputvis=str(copy), datacolumn="data")
        casa.tasks().concat(vis=[str(copy) for copy in copies], concatvis=str(output))
    return output


def pixels_of_the_minispiral(size: int, cell: float) -> np.ndarray:
    """The simulated minispiral on a pixel grid: exact where the cell is finer than its detail."""
    x, y = pixel_offsets((size, size), cell)
    sky = source.minispiral(1.0)
    image = np.zeros((size, size))
    for x_k, y_k, flux, fwhm in zip(sky.x, sky.y, sky.flux, sky.fwhm, strict=True):
        sigma = fwhm / source.FWHM_PER_SIGMA
        gaussian = np.exp(-((x - x_k) ** 2 + (y - y_k) ** 2) / (2 * sigma**2))
        image += flux * cell**2 * gaussian / (2 * np.pi * sigma**2)
    return image


def corrupt(ms: Path, gains: np.ndarray) -> None:
    """Multiply the data by antenna gains ``(n_time, n_antenna, 2)`` of XX and YY, as in the sky's.

    The measurement set has correlations XX, XY, YX, YY or XX, YY.
    """
    with casa.session(), casa.table(ms, writable=True) as table:
        data = table.getcol("DATA")
        time = np.unique(table.getcol("TIME"), return_inverse=True)[1]
        first = gains[time, table.getcol("ANTENNA1")]
        second = np.conj(gains[time, table.getcol("ANTENNA2")])
        feeds = [(0, 0), (1, 1)] if len(data) == 2 else [(0, 0), (0, 1), (1, 0), (1, 1)]
        for correlation, (i, j) in enumerate(feeds):
            data[correlation] *= first[:, i] * second[:, j]
        table.putcol("DATA", data)


def drifting_gains(
    seed: int, times: int, antennas: int, degrees: float, amplitude: float
) -> np.ndarray:
    """Antenna gains that drift slowly, without a common amplitude or phase: for `corrupt`."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, times)[:, None, None]
    waves = [
        a * np.cos(2 * np.pi * k * x) + b * np.sin(2 * np.pi * k * x)
        for k, a, b in ((k, *rng.standard_normal((2, 1, antennas, 2))) for k in (1, 2, 3))
    ]
    phase = sum(waves) / np.sqrt(3) * np.radians(degrees)
    size = sum(waves[::-1]) / np.sqrt(3) * amplitude * rng.choice([-1, 1], (1, antennas, 2))
    gains = np.exp(size + 1j * phase)
    common = np.exp(
        np.log(np.abs(gains)).mean(1, keepdims=True) + 1j * np.angle(gains).mean(1, keepdims=True)
    )
    return gains / common
