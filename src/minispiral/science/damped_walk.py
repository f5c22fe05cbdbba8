r"""A damped random walk: how long a light curve remembers, and what is known of that.

The flux over its mean is an Ornstein-Uhlenbeck process (Kelly et al. 2009, ApJ 698, 895; Dexter et
al. 2014, MNRAS 442, 2797), whose covariance and one-sided power spectral density are ::

    k(t, t') = s^2 exp(-|t - t'| / tau)          P(f) = 4 s^2 tau / (1 + (2 pi f tau)^2)

averaged over bins: with x = D / tau, D being the length of bins, two bins and a bin with itself
have ::

    k'(t, t') = k(t, t') 2 (cosh x - 1) / x^2        k'(t, t) = s^2 2 (x - 1 + exp(-x)) / x^2

Without that, changes between neighbouring bins would look a third too small, and tau too long. The
errors' covariance (`minispiral.science.series`) is added. The likelihood, with a mean of which
nothing is known, is celerite2's (Foreman-Mackey et al. 2017, AJ 154, 220) on a grid of tau and of
the short-term amplitude q = s sqrt(2 / tau), the rms of a change in a time t << tau over
sqrt(t). Priors are flat in ln q, and in ln tau fall as tau^(-1/2), from two bins to `LONGEST` times
what is covered: that is Jeffreys' prior, as a curve of length T knows tau to a share sqrt(2 tau /
T). With a flat one most of the probability would lie where the data say nothing, and limits would
not hold.

Where a curve is shorter than some tau, any longer tau explains it as well: the likelihood does not
fall towards its upper end, and only a lower limit is quoted. Likewise an upper limit where the
curve forgets within bins. A limit is the end of the interval of 95 % that is known, as it hangs on
chance whether the other is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import celerite2
import numpy as np
from celerite2 import terms
from celerite2.driver import LinAlgError

from minispiral.gains.process import smooth_kernel
from minispiral.science.power_law import DETECTED, quantiles
from minispiral.science.series import Series

TIMESCALES, AMPLITUDES = 48, 32  # points of the grid
COARSE = (10, 16)  # of a first one, to find the amplitudes
UNLIKELY = 12.0  # below the greatest ln L: amplitudes that need not be looked at
SHORTEST, LONGEST = 2.0, 30.0  # tau, in bins, and in units of the time covered
SPREAD = 3.0  # ln q is looked for this far about that of the curve's changes
# of the greatest likelihood at the end of the grid: with more, that end is open
OPEN = 0.05
LEVELS = (0.025, 0.5, 0.975)  # of intervals, and the median
SQRT_HOUR = 60.0  # of s
SMALL = 0.01


@dataclass(frozen=True)
class DampedWalk:
    """What is known of a damped random walk: medians, and 95 % credible intervals.

    `timescale` s; `deviation` s and `short_term` q in units of the mean flux (the latter for an
    hour). `limit` is "", or "lower" or "upper": then `timescale` is that end of the interval, the
    other is not known, and nor is `deviation`. Where neither is known, `timescale` is NaN. All
    NaN where the curve does not vary by more than its errors. `interval` of the longest bins, s.
    """

    timescale: float
    timescale_low: float
    timescale_high: float
    deviation: float
    deviation_low: float
    deviation_high: float
    short_term: float
    short_term_low: float
    short_term_high: float
    limit: str = ""
    interval: float = float("nan")


NAN = float("nan")
NOTHING = DampedWalk(NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN)


def damped_walk(tracks: Sequence[Series], one_mean: bool = True) -> DampedWalk:
    """Fit a damped random walk to one series, or to those of several tracks.

    Parameters
    ----------
    tracks : in order of time, their values all in units of one mean flux
    one_mean : whether all have one flux scale; else each has a mean of its own, and nothing between
        tracks is used
    """
    groups = [list(tracks)] if one_mean else [[track] for track in tracks]
    covered = max(group[-1].start + group[-1].time[-1] - group[0].start for group in groups)
    shortest = SHORTEST * max(track.interval for track in tracks)
    timescales = np.geomspace(shortest, max(LONGEST * covered, 4 * shortest), TIMESCALES)
    curves = [Joined(group) for group in groups]
    some = np.geomspace(timescales[0], timescales[-1], COARSE[0])
    amplitudes = _changes(tracks) * np.exp(np.linspace(-SPREAD, SPREAD, COARSE[1]))
    total = _on_grid(curves, some, amplitudes)
    alone = sum(curve.log_likelihood(None, 0.0) for curve in curves)
    if 2 * (total.max() - alone) < DETECTED:
        return NOTHING
    likely = np.flatnonzero(total.max(axis=0) > total.max() - UNLIKELY)
    ends = np.clip([likely[0] - 1, likely[-1] + 1], 0, COARSE[1] - 1)
    amplitudes = np.geomspace(amplitudes[ends[0]], amplitudes[ends[1]], AMPLITUDES)
    walk = summarise(_on_grid(curves, timescales, amplitudes), timescales, amplitudes)
    return replace(walk, interval=max(track.interval for track in tracks))


def _on_grid(
    curves: Sequence["Joined"], timescales: np.ndarray, amplitudes: np.ndarray
) -> np.ndarray:
    return np.array(
        [
            [sum(curve.log_likelihood(tau, q) for curve in curves) for q in amplitudes]
            for tau in timescales
        ]
    )


def summarise(
    log_likelihood: np.ndarray, timescales: np.ndarray, amplitudes: np.ndarray
) -> DampedWalk:
    """What a likelihood on a grid says, ``(n_timescale, n_amplitude)``."""
    logs = np.log(timescales)
    log_posterior = log_likelihood - logs[:, None] / 2
    posterior = np.exp(log_posterior - log_posterior.max())
    of_timescale = posterior.sum(axis=1)
    low, middle, high = np.exp(quantiles(logs, of_timescale, LEVELS))
    short = np.exp(quantiles(np.log(amplitudes), posterior.sum(axis=0), LEVELS)) * SQRT_HOUR
    usual, small, large = _deviations(posterior, logs, np.log(amplitudes))
    known = DampedWalk(
        float(middle),
        float(low),
        float(high),
        usual,
        small,
        large,
        float(short[1]),
        float(short[0]),
        float(short[2]),
    )
    likelihood = of_timescale * np.sqrt(timescales)
    ends = likelihood[[0, -1]] / likelihood.max()
    if ends.max() <= OPEN:
        return known
    limit = "lower" if ends[1] >= ends[0] else "upper"
    bound = float(low if limit == "lower" else high)
    if ends.min() > OPEN:  # any timescale will do
        limit, bound = "", NAN
    short_term = known.short_term, known.short_term_low, known.short_term_high
    return DampedWalk(bound, NAN, NAN, NAN, NAN, NAN, *short_term, limit=limit)


def _deviations(
    posterior: np.ndarray, timescales: np.ndarray, amplitudes: np.ndarray
) -> tuple[float, float, float]:
    """Median and interval of s = q sqrt(tau / 2), by its distribution over the grid of logs."""
    deviation = (timescales[:, None] + 2 * amplitudes - np.log(2)) / 2
    order = np.argsort(deviation, axis=None)
    mass = np.cumsum(posterior.ravel()[order])
    values = np.exp(np.interp(LEVELS, mass / mass[-1], deviation.ravel()[order]))
    return float(values[1]), float(values[0]), float(values[2])


def _changes(tracks: Sequence[Series]) -> float:
    """A first guess of q, 1/sqrt(s), from the changes between neighbouring bins, and over all."""
    guesses = []
    for track in (one for one in tracks if len(one) > 1):
        step = np.diff(track.value) ** 2 / np.diff(track.time)
        noise = (track.white[1:] ** 2 + track.white[:-1] ** 2) / np.diff(track.time)
        guesses.append(max(float(np.mean(step - noise)), 0.01 * float(np.mean(step))))
    return float(np.sqrt(np.mean(guesses)))


def _less_within(width: np.ndarray) -> np.ndarray:
    """By how much less than `k'` between bins, in units of s^2, that of a bin with itself is."""
    small = -width / 3 - width**3 / 60  # where the difference of two near numbers is nothing
    return np.where(width < SMALL, small, 2 * (width - np.sinh(width)) / width**2)


class Joined:
    """Series on one axis of time, in units of the timescale of what drifts."""

    def __init__(self, tracks: Sequence[Series]) -> None:
        times = [track.start + track.time for track in tracks]
        self._unit = max(track.drift_timescale for track in tracks)
        self._drift = max(track.drift for track in tracks)
        self._place = (np.concatenate(times) - times[0][0]) / self._unit
        self._value = np.concatenate([track.value for track in tracks])
        self._variance = np.concatenate([track.white for track in tracks]) ** 2
        self._width = np.concatenate([np.full(len(track), track.interval) for track in tracks])
        self._ones = np.ones(len(self._place))

    def log_likelihood(self, timescale: float | None, short_term: float) -> float:
        """Ln L, the mean marginalised; of errors alone without a timescale."""
        parts, diagonal = [], self._variance
        if timescale is not None:
            variance = short_term**2 * timescale / 2
            width = self._width / timescale
            # bins of tracks differ little: to second order in the width, their mean will do
            half = width.mean() / 2
            between = (np.sinh(half) / half) ** 2
            parts.append(terms.RealTerm(a=variance * between, c=self._unit / timescale))
            diagonal = diagonal + variance * _less_within(width)
        if self._drift > 0:
            parts.append(smooth_kernel(self._drift))
        kernel = terms.TermSum(*parts) if parts else terms.RealTerm(a=0.0, c=1.0)
        solver = celerite2.GaussianProcess(kernel)
        try:
            solver.compute(self._place, diag=diagonal)
        except LinAlgError:  # not positive definite to rounding
            return -np.inf
        weighted = solver.apply_inverse(self._ones)
        weight = float(weighted.sum())
        residual = self._value - float(weighted @ self._value) / weight
        return float(solver.log_likelihood(residual)) - float(np.log(weight)) / 2
