r"""A light curve for the questions of this room: binned, its spws as one, with what errors share.

Each spw's curve is scaled by its integrations' own gains (`minispiral.analysis.variability_tables`)
and divided by its mean over the integrations that all spws have. The mean over spws of these is y,
the flux over its mean. With d = |t - t'| / tau, the errors of two bins have the covariance ::

    C(t, t') = s(t)^2 [t = t'] + D^2 (1 + sqrt(3) d) exp(-sqrt(3) d)

s     white noise: that of the integrations, over the root of how many bins and spws have
D     what drifts with antennas that err each on their own (docs/errors.md), of timescale tau. It is
      taken to be the same in all spws, so that their mean has no less of it

Bins are whole numbers of integrations, few enough for matrices of their number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from minispiral.analysis.variability import Curve
from minispiral.gains.process import smooth_kernel

MOST_BINS = 256  # of a track: a basis of each slope takes two seconds then
FEWEST_BINS = 20  # with fewer, nothing is said
SLOW_BIN = 600.0  # s: bins for what changes slowly
FEWEST_SLOW_BINS = 12  # two hours of these


@dataclass(frozen=True)
class Series:
    """Values of evenly long bins, ``(n,)`` each, in order of time.

    `place` is the bin's number from the track's start and `interval` its length, s; `value` in
    units of the mean flux (or Jy), its `white` noise; `drift` and `drift_timescale` (s) of what
    errors share; `start` of the track, MJD in s; `mean`, Jy, that values are in units of.
    """

    place: np.ndarray
    interval: float
    value: np.ndarray
    white: np.ndarray
    drift: float = 0.0
    drift_timescale: float = 1.0
    start: float = 0.0
    mean: float = 1.0

    def __len__(self) -> int:
        """Number of bins."""
        return len(self.place)

    @property
    def time(self) -> np.ndarray:
        """Middle of each bin, s from the track's start."""
        return (self.place + 0.5) * self.interval

    @property
    def covered(self) -> float:
        """Time from the start of the first bin to the end of the last, s."""
        return float(self.place[-1] - self.place[0] + 1) * self.interval if len(self) else 0.0

    def with_value(self, value: np.ndarray) -> "Series":
        """The same window and errors with other values."""
        return replace(self, value=value)

    def noise_covariance(self) -> np.ndarray:
        """Covariance of the errors, ``(n, n)``."""
        covariance = np.diag(self.white**2)
        if self.drift > 0:
            distance = np.abs(self.time[:, None] - self.time) / self.drift_timescale
            covariance += smooth_kernel(self.drift).get_value(distance)
        return covariance


def combine(
    curves: Mapping[int, Curve],
    interval: float,
    drift: float = 0.0,
    drift_timescale: float = 1.0,
    start: float = 0.0,
    shortest: float = 0.0,
) -> Series:
    """The mean over spws as one series; see above.

    Parameters
    ----------
    curves : of the spws of one track, in common slots of `interval` s
    drift, drift_timescale, start : see `Series`
    shortest : s, that bins last at least
    """
    common = _common_slots(list(curves.values()))
    length = max(curve.length for curve in curves.values())
    per_bin = max(1, -(-length // MOST_BINS), round(shortest / interval))
    means, totals = [], np.zeros((3, -(-length // per_bin)))  # n, sum y, sum s^2
    for curve in curves.values():
        mean = float(np.mean(curve.flux[np.isin(curve.slot, common)]))
        means.append(mean)
        relative = curve.flux / mean, curve.error / mean
        totals += _sums(curve.slot // per_bin, *relative, (3, totals.shape[1]))
    n, sums, squares = totals
    place = np.flatnonzero(n)
    n = n[place]
    return Series(
        place,
        interval * per_bin,
        sums[place] / n,
        np.sqrt(squares[place]) / n,
        drift,
        drift_timescale,
        start,
        float(np.mean(means)),
    )


def means_in_bins(
    slot: np.ndarray, value: np.ndarray, error: np.ndarray, place: np.ndarray, per_bin: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean of values in slots over some bins, NaN where there are none, and its white noise.

    Parameters
    ----------
    place : (m,), numbers of the bins, ascending
    per_bin : slots of a bin
    """
    shape = (3, int(place.max(initial=0)) + 1)
    n, sums, squares = _sums(slot // per_bin, value, error, shape)[:, place]
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums / n, np.where(n > 0, np.sqrt(squares) / n, np.nan)


def _sums(
    place: np.ndarray, value: np.ndarray, error: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Number, sum of values and of squared errors in each bin, ``(3, m)``."""
    used = np.isfinite(value + error) & (place < shape[1])
    terms = (np.ones(used.sum()), value[used], error[used] ** 2)
    return np.array([np.bincount(place[used], term, shape[1]) for term in terms])


def _common_slots(curves: Sequence[Curve]) -> np.ndarray:
    """Slots that all spws have; of spws that have none in common, all of any."""
    common = curves[0].slot
    for curve in curves[1:]:
        common = np.intersect1d(common, curve.slot)
    if not len(common):
        return np.unique(np.concatenate([curve.slot for curve in curves]))
    return common
