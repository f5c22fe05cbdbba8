r"""What the fit leaves, by baseline length and hour angle, and as an image; and the uv coverage.

With r = V - F_ext m - F_core p, the residual of Stokes I of a visibility in a good integration, and
w its weight, each bin of projected baselines b, or of hour angles, has::

    chi2     = sum w |r|^2 / (2 n)                  1 where the model and the weights hold
    residual = sqrt(sum w |r|^2 / (2 sum w))        rms of a real part, Jy
    mean     = sum w Re r / sum w                   what a constant error of the model leaves, Jy
    mean_err = sqrt(chi2 / sum w)

An error of the model that changes with the hour angle averages out of the mean and shows in chi2.
The image is that of `minispiral.visibilities.dirty_image`.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.fit import BY_BASELINE, BY_HOUR_ANGLE, UV_COVERAGE
from minispiral.fit.antenna_residuals import AntennaSums
from minispiral.measures.times import evenly
from minispiral.ms.rows import Rows, corrected_blocks, open_split
from minispiral.visibilities import transform
from minispiral.visibilities.antenna_gains import AntennaGains
from minispiral.visibilities.dirty_image import DirtyImage
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.stokes import stokes_visibilities

BINS_PER_DECADE = 12
DECADES = 8  # from 1 wavelength on: no array has baselines beyond
HOUR_ANGLE_BIN = 0.25  # hours
UV_INTEGRATIONS, UV_POINTS = 60, 8000  # kept for the picture of the coverage, at most


@dataclass
class ResidualSums:
    """Sums over visibilities in bins of baseline length, in wavelengths; `add` blocks of them."""

    sums: dict[str, np.ndarray] = field(default_factory=dict)

    def add(
        self,
        baseline: np.ndarray,
        weight: np.ndarray,
        residual: np.ndarray,
        visibility: np.ndarray,
    ) -> None:
        """Add visibilities.

        Parameters
        ----------
        baseline : (n_row,), wavelengths, projected
        weight : (n_row,), 1/Jy^2, 0 where not to be used
        residual, visibility : (n_row,) complex, Jy
        """
        place = np.floor(BINS_PER_DECADE * np.log10(np.maximum(baseline, 1.0))).astype(int)
        place = np.minimum(place, BINS_PER_DECADE * DECADES - 1)
        for name, values in (
            ("n", (weight > 0).astype(float)),
            ("w", weight),
            ("wb", weight * baseline),
            ("wrr", weight * np.abs(residual) ** 2),
            ("wr", weight * residual.real),
            ("wv", weight * visibility.real),
        ):
            total = np.bincount(place, values, minlength=BINS_PER_DECADE * DECADES)
            self.sums[name] = self.sums.get(name, 0.0) + total

    def table(self) -> Table:
        """Table of the bins that have any: baseline (wavelengths), n_vis, chi2, and Jy."""
        names = ("n", "w", "wb", "wrr", "wr", "wv")
        sums = {name: np.asarray(self.sums.get(name, np.zeros(0)), float) for name in names}
        used = sums["w"] > 0
        n, w, wb, wrr, wr, wv = (sums[name][used] for name in names)
        table = Table(
            {
                "baseline": wb / w,
                "n_vis": n.astype(int),
                "visibility": wv / w,
                "residual": np.sqrt(wrr / (2 * w)),
                "chi2": wrr / (2 * n),
                "mean": wr / w,
                "mean_err": np.sqrt(wrr / (2 * n) / w),
            }
        )
        return described(table, BY_BASELINE)


class HourAngleSums:
    """Sums over visibilities in bins of `HOUR_ANGLE_BIN` hours; `add` blocks of them."""

    def __init__(self, hour_angle: np.ndarray) -> None:
        """Take the hour angle of each integration, ``(n,)``, hours."""
        self._bin = np.floor(hour_angle / HOUR_ANGLE_BIN).astype(int)
        self._hour_angle = hour_angle
        self._sums = np.zeros((3, len(hour_angle)))

    def add(self, integration: np.ndarray, weight: np.ndarray, residual: np.ndarray) -> None:
        """Add visibilities.

        Parameters
        ----------
        integration : (n_row,) int, number of the row's integration
        weight : (n_row,), 1/Jy^2, 0 where not to be used
        residual : (n_row,) complex, Jy
        """
        n = len(self._hour_angle)
        terms = ((weight > 0).astype(float), weight, weight * np.abs(residual) ** 2)
        for sums, values in zip(self._sums, terms, strict=True):
            sums += np.bincount(integration, values, minlength=n)

    def table(self) -> Table:
        """Table of the bins that have any: hour_angle (h, mean), n_vis, chi2, residual (Jy)."""
        used = self._sums[0] > 0
        bins, place = np.unique(self._bin[used], return_inverse=True)
        n, w, wrr, hours = (
            np.bincount(place, values[used], minlength=len(bins))
            for values in (*self._sums, self._sums[0] * self._hour_angle)
        )
        table = Table(
            {
                "hour_angle": hours / n,
                "n_vis": n.astype(int),
                "chi2": wrr / (2 * n),
                "residual": np.sqrt(wrr / (2 * w)),
            }
        )
        return described(table, BY_HOUR_ANGLE)


@dataclass(frozen=True)
class Residuals:
    """Tables of what the fit leaves by `baseline`, `hour_angle`, `antenna`, and of the `coverage`.

    See `table` of `ResidualSums`, `HourAngleSums` and
    `minispiral.fit.antenna_residuals.AntennaSums`; the coverage has u and v in wavelengths.
    """

    baseline: Table
    hour_angle: Table
    antenna: Table
    coverage: Table


def measure_residuals(
    ms: str | Path,
    sky: SkyModel,
    curve: dict[str, np.ndarray],
    image: DirtyImage,
    gains: AntennaGains | None = None,
    threads: int = 1,
    pointing: Pointing | None = None,
) -> Residuals:
    """Measure the fit's residuals, and sample the uv coverage, of a split measurement set.

    Parameters
    ----------
    ms : measurement set of one spw and one channel
    sky : IM1 and the core's place
    curve : a row for each integration; columns I_extended, I_compact (Jy, as fitted), good and
        hour_angle
    image : to which the residuals are added
    gains : of self-calibration, if the fit used them
    """
    extended, core = curve["I_extended"], curve["I_compact"]
    good = np.asarray(curve["good"], bool) & np.isfinite(extended) & np.isfinite(core)
    sums, hours, coverage = ResidualSums(), HourAngleSums(curve["hour_angle"]), []
    with open_split(ms) as split:
        sampled, antennas = _sampled(good), AntennaSums(split.antennas)
        for rows in corrected_blocks(split, gains):
            integration = rows.integration
            stokes = stokes_visibilities(rows.data, rows.weight, rows.flag, split.correlations)[0]
            u, v = transform.uv_wavelengths(rows.uvw, split.frequency)
            offset = None if pointing is None else split.offsets(pointing, rows)
            seen = extended[integration] * sky.minispiral_visibilities(
                rows.uvw, split.frequency, threads, offset
            )
            seen = seen + core[integration] * sky.core_visibilities(u, v)
            weight = np.where(good[integration], stokes.weight, 0.0)
            residual = np.where(weight > 0, stokes.values[0] - seen, 0)
            sums.add(np.hypot(u, v), weight, residual, stokes.values[0])
            hours.add(integration, weight, residual)
            antennas.add(
                rows.antenna1, rows.antenna2, weight, residual, np.where(weight > 0, seen, 0)
            )
            image.add(rows.uvw, split.frequency, weight, residual, threads)
            coverage.append(_coverage(rows, weight, u, v, sampled))
    seen_uv = _coverage_table(np.concatenate(coverage, axis=1))
    return Residuals(sums.table(), hours.table(), antennas.table(), seen_uv)


def _sampled(good: np.ndarray) -> np.ndarray:
    """Which of the good integrations are shown, evenly spaced: ``(n,) bool``."""
    places = np.flatnonzero(good)
    sampled = np.zeros(len(good), bool)
    sampled[places[evenly(len(places), UV_INTEGRATIONS)]] = True
    return sampled


def _coverage(
    rows: Rows, weight: np.ndarray, u: np.ndarray, v: np.ndarray, sampled: np.ndarray
) -> np.ndarray:
    chosen = sampled[rows.integration] & (weight > 0)
    return np.stack([u[chosen], v[chosen]])


def _coverage_table(points: np.ndarray) -> Table:
    """Table of u and v, thinned at random, always alike, so that no baseline is preferred."""
    n = points.shape[1]
    if n > UV_POINTS:
        points = points[:, np.sort(np.random.default_rng(0).permutation(n)[:UV_POINTS])]
    return described(Table(dict(zip("uv", points, strict=True))), UV_COVERAGE)
