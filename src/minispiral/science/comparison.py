r"""Two light curves of one source: ratio, lag, and what is left.

The curves may be sampled differently. Points are those of the curve with the longer steps; the
other is a line through its points within each scan, of which the mean over a step is taken where
its own steps are much shorter, and the value else. Nothing is interpolated across gaps. With A and
B the first and the second curve at these times, ::

    ln B(t) - ln A(t) = ln r + k ln(x(t) / <x>) - l x'(t) / x(t) + e(t)

r is the ratio, l by how much B is later, k by how much more B varies, and x the curve that both
share: their mean, smoothed as little as makes the noise of its slope small. The times of B are
shifted by the lag that is found until no more of it is left, so that noise of x' cannot make l too
small. e is white noise, as large as the differences of neighbours show, and a damped random walk as
large as the residuals ask for (`minispiral.science.marginal_regression`): what drifts between the
curves is in the errors of r, l and k. Quoted errors are not, since those of neighbours are shared
and two curves of the same data share theirs; they are compared with the scatter.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.comparison import COMPARISON
from minispiral.errors import MinispiralError
from minispiral.light_curves.neighbours import BESIDE
from minispiral.measures.scatter import robust_scatter
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.science.given_curves import GivenCurve
from minispiral.science.marginal_regression import marginal_regress
from minispiral.science.sampling import covered, sampled

FEWEST = 10  # points that can be compared
MOST = 1000  # points of the regression; more are averaged by twos, threes, ...
ALIKE_ENOUGH = 0.8  # correlation, below which two curves have no lag or excess to tell
LONGEST_LAG = 1800.0  # s, looked for
OVERLAP = 0.5  # share of the points that a lag has to leave, of those without lag
SHIFTS = 4  # of B's times, at most
SETTLED = 0.1  # of its error: a lag so small needs no further shift
WIDTHS = (1.5, 3.0, 6.0, 12.0, 24.0, 48.0)  # of the smoothing, in steps
QUIET = 0.1  # noise of x' over x', in squares, that is small
LEAST_NOISE = 1e-9  # relative: of curves that are the same
ALIKE = 2e-3  # relative: frequencies of one spw of two runs
TEN_MINUTES, HALF_FULL, FEWEST_MEANS = 600.0, 0.5, 3


@dataclass(frozen=True)
class Compared:
    """What two curves have to do with each other, and the points that say so.

    `time` (MJD in s, of the points of the first curve), `first` and `second` flux there (Jy), and
    `deviation` of second over first from all that was fitted, relative; ``(n,)`` each. `share` of
    the first curve's points, and `other_share` of the second's, that the other covers;
    `correlation` of their logarithms. `ratio`, `lag` (s) and `excess`, each with its error. The
    lag is NaN where it cannot be told, and `no_lag` says why, else it is empty; the excess is NaN
    where the curves are not alike. `error`, the quoted ones of both together,
    relative, ``(n,)``, NaN where neither is known.
    """

    one: GivenCurve
    other: GivenCurve
    time: np.ndarray
    first: np.ndarray
    second: np.ndarray
    deviation: np.ndarray
    error: np.ndarray
    share: float
    other_share: float
    correlation: float
    ratio: tuple[float, float]
    lag: tuple[float, float]
    excess: tuple[float, float]
    no_lag: str = ""

    @property
    def scatter(self) -> float:
        """Standard deviation of second over first, relative."""
        return float(np.std(self.second / self.first) / np.mean(self.second / self.first))

    @property
    def scatter_10min(self) -> float:
        """The same of means over 10 minutes at least half full; NaN of fewer than three."""
        bins = ((self.time - self.time[0]) // TEN_MINUTES).astype(int)
        number = np.bincount(bins)
        full = number >= HALF_FULL * number.max()
        ratio = self.second / self.first
        means = np.bincount(bins, ratio)[full] / number[full]
        return float(np.std(means) / np.mean(means)) if len(means) >= FEWEST_MEANS else np.nan


def pairs(
    ones: Sequence[GivenCurve], others: Sequence[GivenCurve]
) -> list[tuple[GivenCurve, GivenCurve]]:
    """Which curves are compared: with each of `ones` that at its time nearest in frequency.

    Where frequencies are not known, it is that of the same spw, if there is one.

    Where one side has hours of a day that is not known, it is taken for the other's day.

    Raises
    ------
    MinispiralError
        If there are none.
    """
    found = []
    for one in ones:
        dated = [_on_day_of(other, one) for other in others]
        dated = [b for b in dated if b.time[0] < one.time[-1] and one.time[0] < b.time[-1]]
        same = [b for b in dated if b.spw == one.spw]
        if same and not all(np.isfinite(b.frequency + one.frequency) for b in dated):
            dated = same
        distance = np.array([abs(np.log(b.frequency / one.frequency)) for b in dated])
        nearest = np.min(distance[np.isfinite(distance)], initial=np.inf)
        # not known, NaN, is as good as near
        found += [(one, dated[k]) for k in np.flatnonzero(~(distance > nearest + ALIKE))]
    if not found:
        raise MinispiralError(
            "no two light curves are of the same time: "
            f"{_times(ones)} on one side, {_times(others)} on the other"
        )
    return found


def compare(one: GivenCurve, other: GivenCurve) -> Compared | None:
    """Compare two curves; None where fewer than `FEWEST` points are of the same time."""
    unmoved = _aligned(one, other, 0.0)
    number = int(unmoved.known.sum())
    if number < FEWEST:
        return None
    # a quarter of the time that both cover, at most
    longest = min(LONGEST_LAG, float(np.ptp(unmoved.time[unmoved.known])) / 4)
    before, no_lag = _rough_lag(one, other, unmoved, longest), ""
    points = _aligned(one, other, before)
    for further in reversed(range(SHIFTS)):
        fitted = _fitted(points)
        lag = before + fitted.coefficients[2]
        if abs(lag - before) < SETTLED * fitted.errors[2] or not further:
            break
        moved = _aligned(one, other, lag)
        if moved.known.sum() < OVERLAP * number:
            no_lag = f"no lag (one of {lag:.0f} s or more leaves less than half of the points)"
            break
        points, before = moved, lag
    too_unlike, too_long = points.correlation < ALIKE_ENOUGH, abs(lag) > longest
    if too_unlike:
        no_lag = f"too unlike (correlation {points.correlation:.2f}) to tell a lag"
    elif too_long:
        no_lag = f"no lag (one of {lag:.0f} s is longer than the {longest:.0f} s looked for)"
    if too_unlike or too_long:
        points, before = unmoved, 0.0
        fitted = _fitted(points, ratio_alone=True)
    coefficients, errors = fitted.coefficients, fitted.errors
    ratio = float(np.exp(coefficients[0]))
    used = points.known
    first, second = points.first[used], points.second[used]
    return Compared(
        one=one,
        other=other,
        time=points.time[used],
        first=first,
        second=second,
        deviation=np.expm1(points.logarithm[used] - fitted.expected),
        error=points.error[used],
        share=covered(one, other, before),
        other_share=covered(other, one, -before),
        correlation=points.correlation,
        ratio=(ratio, float(ratio * errors[0])),
        lag=(np.nan, np.nan) if no_lag else (float(lag), float(errors[2])),
        excess=(float(coefficients[1]), float(errors[1])),
        no_lag=no_lag,
    )


@dataclass(frozen=True)
class _Points:
    """Both curves at the same times; ``(n,)``, and where both are `known`."""

    time: np.ndarray
    first: np.ndarray
    second: np.ndarray
    error: np.ndarray
    piece: np.ndarray
    known: np.ndarray
    step: float

    @property
    def logarithm(self) -> np.ndarray:
        """Ln of second over first."""
        return np.log(self.second / self.first)

    @property
    def correlation(self) -> float:
        """Correlation of the logarithms of both."""
        logs = np.log(self.first[self.known]), np.log(self.second[self.known])
        with np.errstate(invalid="ignore", divide="ignore"):
            return float(np.nan_to_num(np.corrcoef(*logs)[0, 1]))


def _aligned(one: GivenCurve, other: GivenCurve, lag: float) -> _Points:
    """Both at the times of the one with longer steps, the other moved to be `lag` s earlier."""
    if one.interval >= other.interval:
        second, error, known = sampled(other, one.time + lag, one.interval)
        both = _relative(one.flux, one.error, second, error)
        return _Points(one.time, one.flux, second, both, one.stretch, known, one.interval)
    first, error, known = sampled(one, other.time - lag, other.interval)
    both = _relative(first, error, other.flux, other.error)
    time = other.time - lag
    return _Points(time, first, other.flux, both, other.stretch, known, other.interval)


def _relative(
    first: np.ndarray, first_err: np.ndarray, second: np.ndarray, second_err: np.ndarray
) -> np.ndarray:
    """Relative error of the ratio by those that are known; NaN where neither is."""
    parts = np.stack([first_err / first, second_err / second])
    both = np.sqrt(np.nansum(parts**2, axis=0))
    return np.where(np.isfinite(parts).any(axis=0), both, np.nan)


def _rough_lag(one: GivenCurve, other: GivenCurve, unmoved: _Points, longest: float) -> float:
    """The lag with the least scatter of second over first; 0 unless it is clearly less there."""
    number = unmoved.known.sum()
    step = max(unmoved.step, longest / 60)
    scatter, lags = {}, step * np.arange(-int(longest / step), int(longest / step) + 1)
    for lag in lags.tolist():
        moved = _aligned(one, other, lag)
        if moved.known.sum() >= OVERLAP * number:
            scatter[lag] = max(float(np.var(moved.logarithm[moved.known])), LEAST_NOISE**2)
    best = min(scatter, key=lambda lag: scatter[lag])
    gain = number * np.log(scatter[0.0] / scatter[best])
    return best if gain > 10 + 2 * np.log(len(scatter)) else 0.0


@dataclass(frozen=True)
class _Fitted:
    """ln r, k and what is left of the lag, their errors; and what they say of each point."""

    coefficients: np.ndarray
    errors: np.ndarray
    expected: np.ndarray


def _fitted(points: _Points, ratio_alone: bool = False) -> _Fitted:
    used = points.known
    value, time, piece = points.logarithm[used], points.time[used], points.piece[used]
    common = np.log(points.first * points.second)[used] / 2
    factor = int(np.ceil(len(value) / MOST))
    group = np.arange(len(value)) // factor
    number = np.bincount(group)
    averaged = [np.bincount(group, each) / number for each in (time, value, common)]
    noise = max(_noise(value, piece), LEAST_NOISE) / np.sqrt(number)
    smooth, slope = _smoothed(
        averaged[0], averaged[2], _noise(common, piece) / np.sqrt(factor), factor * points.step
    )
    centred = smooth - np.average(smooth, weights=number)
    columns = np.stack([np.ones(len(smooth)), centred, -slope], axis=1)
    columns = columns[:, : 1 if ratio_alone else 3]
    found = marginal_regress(averaged[0], averaged[1], noise, columns)
    expected = np.interp(time, averaged[0], columns @ found.coefficients)
    unknown = np.full(3 - columns.shape[1], np.nan)
    return _Fitted(
        np.append(found.coefficients, unknown), np.append(found.errors, unknown), expected
    )


def _noise(values: np.ndarray, piece: np.ndarray) -> float:
    """White noise, by what values differ from the mean of both neighbours of the same piece."""
    together = (piece[:-2] == piece[1:-1]) & (piece[1:-1] == piece[2:])
    if together.sum() >= FEWEST:
        deviation = values[1:-1] - (values[:-2] + values[2:]) / 2
        return robust_scatter(deviation[together]) / BESIDE
    return robust_scatter(np.diff(values)) / np.sqrt(2)


def _smoothed(
    time: np.ndarray, values: np.ndarray, noise: float, step: float
) -> tuple[np.ndarray, np.ndarray]:
    """Values and slopes (1/s) of lines through neighbours, over a width that makes both quiet."""
    away = time - time[:, None]
    for width in WIDTHS:
        weight = np.exp(-((away / (width * step)) ** 2) / 2)
        zeroth, first, second = (np.sum(weight * away**k, axis=1) for k in range(3))
        of_values, of_slopes = weight @ values, (weight * away) @ values
        determinant = zeroth * second - first**2
        with np.errstate(invalid="ignore", divide="ignore"):
            level = (second * of_values - first * of_slopes) / determinant
            slope = (zeroth * of_slopes - first * of_values) / determinant
            spread = (zeroth[:, None] * away - first[:, None]) * weight / determinant[:, None]
        variance = noise**2 * np.sum(spread**2, axis=1)
        alone = ~np.isfinite(slope)  # of a point without neighbours
        level, slope = np.where(alone, values, level), np.where(alone, 0.0, slope)
        if np.mean(variance[~alone]) < QUIET * np.mean(slope[~alone] ** 2):
            break
    return level, slope


def comparison_table(compared: Sequence[Compared]) -> Table:
    """Table of comparisons, a row each; see `minispiral.columns.comparison.COMPARISON`."""
    rows = [
        (
            each.one.track,
            each.one.spw,
            each.one.frequency,
            each.other.track,
            each.other.spw,
            each.other.frequency,
            len(each.time),
            each.share,
            each.other_share,
            each.correlation,
            *each.ratio,
            *each.lag,
            *each.excess,
            each.scatter,
            each.scatter_10min,
            float(np.sqrt(np.mean(each.error**2))),
            float(np.std(each.deviation / each.error)),
        )
        for each in compared
    ]
    return described(Table(rows=rows, names=list(COMPARISON)), COMPARISON)


def _on_day_of(curve: GivenCurve, other: GivenCurve) -> GivenCurve:
    """The curve on the scale of times of another one, of which only one may have a date."""
    if curve.has_date == other.has_date:
        return curve
    dated = curve if curve.has_date else other
    hours = other if curve.has_date else curve
    day = dated.time[0] // SECONDS_PER_DAY * SECONDS_PER_DAY
    # that before or after, where one of them begins on the other side of midnight
    days = (day, day - SECONDS_PER_DAY, day + SECONDS_PER_DAY)
    same = (d for d in days if hours.time[0] + d < dated.time[-1])
    day = next((d for d in same if dated.time[0] < hours.time[-1] + d), day)
    return replace(curve, time=curve.time + (-day if curve.has_date else day))


def _times(curves: Sequence[GivenCurve]) -> str:
    first, last = min(c.time[0] for c in curves), max(c.time[-1] for c in curves)
    if all(curve.has_date for curve in curves):
        return f"MJD {first / SECONDS_PER_DAY:.4f} to {last / SECONDS_PER_DAY:.4f}"
    return f"{first / 3600:.2f} to {last / 3600:.2f} h"
