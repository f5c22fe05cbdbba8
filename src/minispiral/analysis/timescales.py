r"""Pulls against timescale: whether errors hold for means over time, and for changes.

Neighbouring integrations share errors, so that pulls of single ones say nothing of a mean of many,
or of a change within minutes. With r the residual of a light curve and C its covariance
(`minispiral.gains.covariance`), a sum w r has the variance w C w^T. Two kinds of sums are judged:

binned        means over bins of a length, less what the flux scale makes of them
differences   of two integrations, by the time between them

The pull's standard deviation is the root of the mean of (w r)^2 / (w C w^T): 1 where errors hold.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from minispiral.analysis.validation import LEAST_FILLED
from minispiral.gains.covariance import SpwErrors, about_the_scale, bin_weights
from minispiral.measures.times import evenly

BINNED, DIFFERENCES = "binned", "differences"
SECONDS = (10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0)
# shorter than this many bins, or times between integrations, and a track says little of them
FEWEST = 6
MOST = 250  # sums of one kind, spread over the track: more would hardly say more
SAME = 0.6  # of an integration: what the time between two may be off


@dataclass(frozen=True)
class TimescalePulls:
    """Pulls of one `kind` at `seconds`: how many, and their root mean square."""

    kind: str
    seconds: float
    number: int
    std: float


@dataclass(frozen=True)
class Residuals:
    """Residuals of a Stokes parameter: ``(n,)`` in order of `time` (s), Jy.

    `flux`, as recovered; `residual` from the truth; `noise`, the independent noise of Q, U or V, or
    None for Stokes I, whose own is in `errors`.
    """

    time: np.ndarray
    flux: np.ndarray
    residual: np.ndarray
    noise: np.ndarray | None
    errors: SpwErrors

    def pull(self, weights: np.ndarray) -> float:
        """Root mean square pull of weighted sums, ``(m, n)``, less the flux scale's share."""
        # residual = flux x relative error, whose mean is the flux scale's
        relative = self.residual / self.flux
        shared = about_the_scale(weights * self.flux)
        if self.noise is None:
            value, variance = shared @ relative, self.errors.variance(shared)
        else:
            value = weights @ self.residual
            variance = self.errors.variance(shared, core=False) + weights**2 @ self.noise**2
        return float(np.sqrt(np.mean(value**2 / variance)))


def pulls_by_timescale(of: Residuals, interval: float) -> Iterator[TimescalePulls]:
    """Yield pulls of both kinds at all timescales for which the track is long enough.

    `interval`, s, is the length of an integration.
    """
    covered = np.ptp(of.time) + interval
    lengths = [interval, *(length for length in SECONDS if length > 1.5 * interval)]
    for seconds in lengths:
        if covered >= FEWEST * seconds:
            for kind, weights in (
                (BINNED, _full_bins(of.time, seconds)),
                (DIFFERENCES, _differences(of.time, seconds, interval)),
            ):
                if len(weights) >= FEWEST:
                    yield TimescalePulls(kind, seconds, len(weights), of.pull(weights))


def _full_bins(time: np.ndarray, seconds: float) -> np.ndarray:
    weights, label = bin_weights(time, seconds)
    number = np.bincount(label)
    full = np.flatnonzero(number >= LEAST_FILLED * number.max())
    return weights[full[evenly(len(full), MOST)]]


def _differences(time: np.ndarray, seconds: float, interval: float) -> np.ndarray:
    """Weights of differences between integrations `seconds` apart, spread over the track."""
    later = np.searchsorted(time, time + seconds - interval / 2)
    first = np.flatnonzero(later < len(time))
    later = later[first]
    same = np.abs(time[later] - time[first] - seconds) < SAME * interval
    first, later = first[same], later[same]
    some = evenly(len(first), MOST)
    first, later = first[some], later[some]
    weights = np.zeros((len(first), len(time)))
    place = np.arange(len(first))
    weights[place, later], weights[place, first] = 1.0, -1.0
    return weights
