r"""What moves in a light curve when IM1 is found in another way.

With q = F_core / F_ext of an average in time and R the reference flux, the median of F_ext over
all averages that share it, a light curve is R q. Between a variant and the default::

    c(t) = ln(R' q'(t)) - ln(R q(t))

The flux scale moves by exp(median c); the slope is that of a straight line through the means of c
over ten minutes; what these means, and c itself, scatter by about the line is the curve's own
change. The data are the same and so is their noise, so that nothing of this is noise of the fit.

What a quoted error s contains of a change d is min(1, s^2 / d^2), the share of its square.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from minispiral.analysis.validation import LEAST_FILLED, LEAST_MEANS, LONG_MEAN
from minispiral.analysis.variant_fluxes import weighted_median
from minispiral.gains.covariance import SpwErrors
from minispiral.measures.units import SECONDS_PER_DAY

HOUR = 3600.0


@dataclass(frozen=True)
class Quoted:
    """Relative errors that a light curve quotes: `single` of an integration, `mean` of ten minutes.

    `mean` is about a straight line through the means, whose `slope` is per hour: what all share is
    the flux scale's.
    """

    single: float
    mean: float
    slope: float


@dataclass(frozen=True)
class Change:
    """What a variant changes in a light curve.

    `scale`, a factor; `slope` and `slope_err`, per hour; `rms_mean` and `rms_single`, of means of
    ten minutes and of single integrations about scale and slope, relative. NaN where there are
    fewer means than `LEAST_MEANS`.
    """

    scale: float
    slope: float
    slope_err: float
    rms_mean: float
    rms_single: float


@dataclass(frozen=True)
class Means:
    """Means over ten minutes: `time`, hours from the first integration, and `value`, ``(m,)``.

    `weights` ``(m, n)``, of the values from which they are made.
    """

    time: np.ndarray
    value: np.ndarray
    weights: np.ndarray


def means_of(time: np.ndarray, values: np.ndarray, number: np.ndarray) -> Means:
    """Means over ten minutes from the first on; those less than half filled are left out."""
    stretch = ((time - time[0]) // LONG_MEAN).astype(int)
    total = np.bincount(stretch, number)
    filled = np.flatnonzero((total > 0) & (total >= LEAST_FILLED * total.max()))
    weights = np.where(stretch == filled[:, None], number / total[stretch], 0.0)
    return Means(weights @ ((time - time[0]) / HOUR), weights @ values, weights)


def change(time: np.ndarray, c: np.ndarray, number: np.ndarray) -> Change:
    """Measure what a variant changes, from `difference`."""
    if not len(c):
        return Change(*(float("nan"),) * 5)
    middle = weighted_median(c, number)
    means = means_of(time, c, number)
    if len(means.value) < LEAST_MEANS:
        rms = np.sqrt(np.average((c - middle) ** 2, weights=number))
        return Change(float(np.exp(middle)), np.nan, np.nan, np.nan, float(rms))
    x = means.time - means.time.mean()
    slope = float(np.sum(x * means.value) / np.sum(x**2))
    left = means.value - means.value.mean() - slope * x
    free = len(x) - 2
    error = float(np.sqrt(np.sum(left**2) / free / np.sum(x**2)))
    about = c - slope * (time - time[0]) / HOUR
    about -= np.average(about, weights=number)
    return Change(
        scale=float(np.exp(middle)),
        slope=slope,
        slope_err=error,
        rms_mean=float(np.sqrt(np.sum(left**2) / free)),
        rms_single=float(np.sqrt(np.average(about**2, weights=number))),
    )


def quoted(curve: Mapping[str, np.ndarray], errors: SpwErrors) -> Quoted:
    """Relative errors that a light curve quotes, by the covariance of its good integrations.

    With M the means of ten minutes, ``(m, n)``, and H the matrix that puts a straight line through
    m values, means scatter about their line by sqrt(tr[(1 - H) M C M^T] / (m - 2)); the error of
    the line's slope follows from the same M C M^T.

    Parameters
    ----------
    curve : columns of the light curve of a track's spw
    errors : of the same integrations
    """
    good = np.asarray(curve["good"], bool) & (curve["I_err"] > 0)
    time = SECONDS_PER_DAY * curve["mjd"][good]
    if not len(time):
        return Quoted(*(float("nan"),) * 3)
    single = float(np.sqrt(np.mean((curve["I_err"] / curve["I"])[good] ** 2)))
    ones = np.ones(len(time))
    means = means_of(time, ones, ones)
    if len(means.time) < LEAST_MEANS:
        return Quoted(single, float("nan"), float("nan"))
    covariance = errors.at(good).covariance(means.weights)
    x = means.time - means.time.mean()
    slopes = x / np.sum(x**2)
    line = np.outer(x, slopes) + 1 / len(x)
    scatter = np.trace(covariance - line @ covariance) / (len(x) - 2)
    slope = slopes @ covariance @ slopes
    return Quoted(single, float(np.sqrt(max(scatter, 0.0))), float(np.sqrt(max(slope, 0.0))))


def contained(error: float, changed: float) -> float:
    """Share of the square of a change that an error contains: from 0 to 1."""
    if np.isnan(error) or np.isnan(changed):
        return float("nan")
    return 1.0 if abs(changed) <= error else float((error / changed) ** 2)
