r"""Calibrated data less the full model, and maps of snapshots of them over their noise.

From the data of the minispiral alone (`minispiral.calibration.data.write_extended_data`), which are
g (V - C p), the minispiral of each integration is taken too, of Stokes I, as it was fitted::

    r = g (V - C p - F_ext m)

so that what is left is noise, and what the model does not have: sources that come and go, errors of
the calibration. A snapshot is an interval of a few minutes, of all spws together. Its map is the
dirty image D of r in Stokes I, natural weights, over its noise s, which is that of the residuals'
own scatter, whatever the weights say (`minispiral.visibilities.time_images`)::

    D(x, y) = sum w Re[r exp(-2 pi i (u x + v y))] / sum w        Jy/beam
    s = sqrt(sum w^2 |r|^2 / 2) / sum w

Without anything left, pixels have a standard deviation of 1.

Call these inside `minispiral.casa.session`. They read measurement sets and write new ones.
"""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy import units
from astropy.io import fits
from astropy.table import Table

from minispiral import casa
from minispiral.calibration.solution import Solution, integration_of, row_gains
from minispiral.imaging.models import ModelImage
from minispiral.io.progress import progress
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.ms.windows import BLOCK_ROWS, Window, spectral_windows
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.stokes import correlations_of, stokes_visibilities
from minispiral.visibilities.time_images import TimeImages

SNAPSHOT_S = 300.0


class Snapshots(TimeImages):
    """Snapshots of a track; intervals without data are none."""

    @classmethod
    def covering(
        cls,
        times: Iterable[np.ndarray],
        shape: tuple[int, int],
        cell: float,
        seconds: float = SNAPSHOT_S,
    ) -> "Snapshots":
        """Snapshots for some times, s, that begin at whole multiples of their length in UTC."""
        edges = [edge(of) for of in times if len(of) for edge in (np.min, np.max)]
        first, last = (edge(edges) // seconds for edge in (min, max)) if edges else (0, 0)
        return cls(shape, cell, first * seconds, seconds, int(last - first) + 1)

    @property
    def noise(self) -> np.ndarray:
        """Jy/beam, by the residuals' own scatter: ``(number,)``, NaN without data."""
        with np.errstate(invalid="ignore"):
            return np.sqrt(self.squares / 2) / self.weight

    def maps(self) -> np.ndarray:
        """Maps over their noise, ``(n_snapshot, n_x, n_y)``, in order of time."""
        there = self.weight > 0
        scale = (self.weight * self.noise)[there, None, None]
        return self.images[there] / scale

    def table(self) -> Table:
        """A row for each snapshot: times, MJD (UTC), noise, and its highest pixel.

        Columns: mjd (mean), mjd_first, mjd_last (of integrations), noise and, from the map over its
        noise, highest, lowest and the standard deviation; east and north (arcsec) of the highest.
        """
        rows = []
        for k, image in zip(np.flatnonzero(self.weight), self.maps(), strict=True):
            x, y = np.unravel_index(np.argmax(image), image.shape)
            times = (self.weighted_time[k] / self.weight[k], self.first[k], self.last[k])
            rows.append(
                (
                    *(time / SECONDS_PER_DAY for time in times),
                    self.noise[k],
                    float(image.max()),
                    float(image.min()),
                    float(image.std()),
                    (self.shape[0] // 2 - int(x)) * self.cell,
                    (int(y) - self.shape[1] // 2) * self.cell,
                )
            )
        names = ("mjd", "mjd_first", "mjd_last", "noise", "highest", "lowest", "std")
        table = Table(
            rows=rows or None,
            names=(*names, "east", "north"),
            dtype=[float] * 9,
        )
        for name in names[:3]:
            table[name].unit = units.d
        table["noise"].unit = units.Jy / units.beam
        table["east"].unit = table["north"].unit = units.arcsec
        return table


@dataclass(frozen=True)
class FittedSky:
    """What the data were fitted with: IM1 and the core's place, and where `antennas` point to."""

    sky: SkyModel
    antennas: Sequence[str]
    pointing: Pointing | None = None
    threads: int = 1

    def minispiral(self, table: Any, start: int, frequency: float, times: np.ndarray) -> np.ndarray:
        """Visibilities of the minispiral for 1 Jy of a block of rows: ``(n_row,)``.

        `times` ``(n_row,)``, s, are those of the fitted integrations.
        """
        offset = None
        if self.pointing is not None:
            known, place = np.unique(times, return_inverse=True)
            pair = (table.getcol(f"ANTENNA{k}", start, BLOCK_ROWS) for k in (1, 2))
            offset = self.pointing.of_baselines(known, place, self.antennas, *pair)
        uvw = table.getcol("UVW", start, BLOCK_ROWS)
        return self.sky.minispiral_visibilities(uvw, frequency, self.threads, offset)


def write_residual_data(
    extended: str | Path,
    output: str | Path,
    fluxes: Sequence[np.ndarray],
    solutions: Sequence[Solution],
    sky: SkyModel,
    pointing: Pointing | None = None,
    threads: int = 1,
) -> Snapshots:
    """Write the data less the full model, one channel a spw, and return their snapshots.

    Parameters
    ----------
    extended : as `minispiral.calibration.data.write_extended_data` makes it
    fluxes : for each spw F_ext as fitted, ``(n,)``, Jy
    solutions : one for each spw
    sky : IM1 and the core's place
    pointing : of the antennas, that the data were fitted with
    """
    shutil.copytree(extended, output)
    times = (solution.times for solution in solutions)
    snapshots = Snapshots.covering(times, sky.minispiral.shape, sky.cell)
    with casa.table(f"{output}/ANTENNA") as table:
        antennas = [str(name) for name in table.getcol("NAME")]
    fitted = FittedSky(sky, antennas, pointing, threads)
    windows = sorted(spectral_windows(output).items())
    for (spw, window), flux, solution in zip(windows, fluxes, solutions, strict=True):
        with (
            casa.table(output, writable=True) as main,
            casa.selected(main, f"DATA_DESC_ID IN {window.ids}") as chosen,
        ):
            blocks = range(0, chosen.nrows(), BLOCK_ROWS)
            for start in progress(blocks, f"subtract the minispiral, spw {spw}"):
                _subtract(chosen, start, window, flux, solution, fitted, snapshots)
    return snapshots


def _subtract(
    table: Any,
    start: int,
    window: Window,
    flux: np.ndarray,
    solution: Solution,
    fitted: FittedSky,
    snapshots: Snapshots,
) -> None:
    """Take the minispiral out of a block of rows, and add what is left to the snapshots."""

    def column(name: str) -> np.ndarray:
        return table.getcol(name, start, BLOCK_ROWS)

    time = column("TIME")
    integration = integration_of(time, solution)
    gain, good = row_gains(integration, solution)
    model = fitted.minispiral(table, start, window.frequency_hz, solution.times[integration])
    stokes = np.zeros((len(model), 4), complex)
    stokes[:, 0] = np.where(good, gain * flux[integration], 0.0) * model
    data = column("DATA") - correlations_of(stokes, window.correlations).T[:, None]
    table.putcol("DATA", data, start, BLOCK_ROWS)
    (pair, *_) = stokes_visibilities(
        data[:, 0], column("WEIGHT"), column("FLAG")[:, 0], window.correlations
    )
    weight = np.where(good & ~column("FLAG_ROW"), pair.weight, 0.0)
    residual = np.where(weight > 0, pair.values[0], 0)
    snapshots.add(time, column("UVW"), window.frequency_hz, weight, residual, fitted.threads)


def write_snapshots(path: str | Path, snapshots: Snapshots, im1: ModelImage) -> None:
    """Write maps over their noise as a FITS cube, and `Snapshots.table` as its extension.

    The third axis is the number of the snapshot, from 1, which is the table's row.
    """
    header = fits.Header()
    for axis in (1, 2):
        for keyword in ("CTYPE", "CRVAL", "CDELT", "CRPIX", "CUNIT"):
            header[f"{keyword}{axis}"] = im1.header[f"{keyword}{axis}"]
    header["CTYPE3"], header["CRPIX3"], header["CRVAL3"], header["CDELT3"] = "SNAPSHOT", 1, 1, 1
    for keyword in ("RADESYS", "EQUINOX"):
        if keyword in im1.header:
            header[keyword] = im1.header[keyword]
    header["BUNIT"] = ("", "residual over its noise")
    header["SNAPSHOT"] = (snapshots.seconds, "s, length of a snapshot")
    header["TIMESYS"] = "UTC"
    table = fits.table_to_hdu(snapshots.table())
    table.name = "SNAPSHOTS"
    cube = fits.PrimaryHDU(snapshots.maps().transpose(0, 2, 1).astype(np.float32), header)
    fits.HDUList([cube, table]).writeto(path)
