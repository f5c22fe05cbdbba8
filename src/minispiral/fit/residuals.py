r"""What the fit leaves in the visibilities, by length of the baseline; and the uv coverage.

With r = V - F_ext m - F_core p, the residual of Stokes I of a visibility in a good integration, and
w its weight, each bin of projected baselines b has::

    chi2     = sum w |r|^2 / (2 n)                  1 where the model and the weights hold
    residual = sqrt(sum w |r|^2 / (2 sum w))        rms of a real part, Jy
    mean     = sum w Re r / sum w                   what a constant error of the model leaves, Jy
    mean_err = sqrt(chi2 / sum w)

An error of the model that changes with the hour angle averages out of the mean and shows in chi2.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from astropy import units
from astropy.table import Table

from minispiral.measures.times import evenly
from minispiral.measures.units import six_digits
from minispiral.ms.rows import Rows, corrected_blocks, open_split
from minispiral.visibilities import transform
from minispiral.visibilities.antenna_gains import AntennaGains
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.stokes import stokes_visibilities

BINS_PER_DECADE = 12
DECADES = 8  # from 1 wavelength on: no array has baselines beyond
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
        for name in ("visibility", "residual", "mean", "mean_err"):
            table[name].unit = units.Jy
        return table


def measure_residuals(
    ms: str | Path,
    sky: SkyModel,
    curve: dict[str, np.ndarray],
    gains: AntennaGains | None = None,
    threads: int = 1,
) -> tuple[Table, Table]:
    """Measure the fit's residuals, and sample the uv coverage, of a split measurement set.

    Parameters
    ----------
    ms : measurement set of one spw and one channel
    sky : IM1 and the core's place
    curve : columns I_extended, I_compact (Jy, as fitted) and good, a row an integration
    gains : of self-calibration, that the fit was made with

    Returns
    -------
    table of residuals, see `ResidualSums.table`; table of u and v in wavelengths
    """
    extended, core = curve["I_extended"], curve["I_compact"]
    good = np.asarray(curve["good"], bool) & np.isfinite(extended) & np.isfinite(core)
    sums, coverage = ResidualSums(), []
    with open_split(ms) as split:
        sampled = _sampled(good)
        for rows in corrected_blocks(split, gains):
            integration = rows.integration
            stokes = stokes_visibilities(rows.data, rows.weight, rows.flag, split.correlations)[0]
            u, v = transform.uv_wavelengths(rows.uvw, split.frequency)
            seen = extended[integration] * sky.minispiral_visibilities(
                rows.uvw, split.frequency, threads
            )
            seen = seen + core[integration] * sky.core_visibilities(u, v)
            weight = np.where(good[integration], stokes.weight, 0.0)
            residual = np.where(weight > 0, stokes.values[0] - seen, 0)
            sums.add(np.hypot(u, v), weight, residual, stokes.values[0])
            coverage.append(_coverage(rows, weight, u, v, sampled))
    return sums.table(), _coverage_table(np.concatenate(coverage, axis=1))


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
    return Table(
        {name: [six_digits(x) for x in row] for name, row in zip("uv", points, strict=True)}
    )
