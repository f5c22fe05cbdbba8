r"""What moves in a light curve when IM1 is found in another way.

With q = F_core / F_ext of an average in time and R the reference flux, the median of F_ext over
all averages that share it, a light curve is R q. Between a variant and the default::

    c(t) = ln(R' q'(t)) - ln(R q(t))

The flux scale moves by exp(median c); the slope is that of a straight line through the means of c
over ten minutes; what these means, and c itself, scatter by about the line is the curve's own
change. The data are the same and so is their noise, so that nothing of this is noise of the fit.

What a quoted error s contains of a change d is min(1, s^2 / d^2), the share of its square.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from minispiral.analysis.validation import LEAST_FILLED, LEAST_MEANS, LONG_MEAN
from minispiral.measures.units import SECONDS_PER_DAY

HOUR = 3600.0


@dataclass(frozen=True)
class AveragedFluxes:
    """Fluxes of a track's spw in averages in time, ``(n,)`` each.

    `time` s; `number` of integrations; `extended` and `core`, Jy; `used`, whether it is good.
    """

    track: str
    spw: int
    time: np.ndarray
    number: np.ndarray
    extended: np.ndarray
    core: np.ndarray
    used: np.ndarray


@dataclass(frozen=True)
class Quoted:
    """Relative errors that light curves quote: `single` of an integration, `mean` of ten minutes.

    `slope`, of a straight line through these means, per hour.
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
    """Means over ten minutes: `time`, hours from the first integration, `value`, and `number`."""

    time: np.ndarray
    value: np.ndarray
    number: np.ndarray


def references(
    spws: Iterable[AveragedFluxes], alone: Sequence[str]
) -> dict[tuple[str | None, int], float]:
    """Reference flux of each spw, Jy: of all tracks together, or of each of those `alone`."""
    together: dict[tuple[str | None, int], list[AveragedFluxes]] = {}
    for fluxes in spws:
        track = fluxes.track if fluxes.track in alone else None
        together.setdefault((track, fluxes.spw), []).append(fluxes)
    return {
        place: weighted_median(
            np.concatenate([fluxes.extended[fluxes.used] for fluxes in parts]),
            np.concatenate([fluxes.number[fluxes.used] for fluxes in parts]),
        )
        for place, parts in together.items()
    }


def weighted_median(values: np.ndarray, weight: np.ndarray) -> float:
    """Median of values, each of which counts `weight` times; NaN of none.

    In straight lines between the middles of their weights, so that it moves steadily with them.
    """
    if not len(values):
        return float("nan")
    order = np.argsort(values)
    below = np.cumsum(weight[order]) - weight[order] / 2
    return float(np.interp(weight.sum() / 2, below, values[order]))


def difference(
    default: AveragedFluxes, other: AveragedFluxes, reference: float, other_reference: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time (s), c and number of integrations of the averages good in both: ``(n,)`` each."""
    good = default.used & other.used
    for fluxes in (default, other):
        good &= (fluxes.core > 0) & (fluxes.extended > 0)
    q, other_q = (fluxes.core[good] / fluxes.extended[good] for fluxes in (default, other))
    c = np.log(other_reference * other_q) - np.log(reference * q)
    return default.time[good], c, default.number[good]


def means_of(time: np.ndarray, values: np.ndarray, number: np.ndarray) -> Means:
    """Means over ten minutes from the first on; those less than half filled are left out."""
    stretch = ((time - time[0]) // LONG_MEAN).astype(int)
    total = np.bincount(stretch, number)
    filled = np.flatnonzero((total > 0) & (total >= LEAST_FILLED * total.max()))
    hours, means = (
        np.bincount(stretch, number * of_each)[filled] / total[filled]
        for of_each in ((time - time[0]) / HOUR, values)
    )
    return Means(hours, means, total[filled])


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


def quoted(curve: Mapping[str, np.ndarray], own_gains: bool) -> Quoted:
    """Relative errors that a light curve quotes, of its good integrations.

    With I = g F_core, the error of a mean of n integrations is that of F_core, over sqrt(n), and
    that of g: over sqrt(n) where each integration has its own (`own_gains`), and else the same for
    all of ten minutes, as neighbours share it.

    Parameters
    ----------
    curve : columns of the light curve of a track's spw
    """
    good = np.asarray(curve["good"], bool) & (curve["I_err"] > 0)
    time = SECONDS_PER_DAY * curve["mjd"][good]
    if not len(time):
        return Quoted(*(float("nan"),) * 3)
    total = (curve["I_err"] / curve["I"])[good] ** 2
    single = float(np.sqrt(total.mean()))
    gain = np.minimum((curve["gain_err"] / curve["gain"])[good] ** 2, total)
    shared = np.zeros_like(gain) if own_gains else gain
    parts = [means_of(time, values, np.ones(len(time))) for values in (shared, total - shared)]
    variance = parts[0].value + parts[1].value / parts[1].number
    if len(variance) < LEAST_MEANS:
        return Quoted(single, float("nan"), float("nan"))
    x = parts[0].time - parts[0].time.mean()
    slope = float(np.sqrt(np.sum(x**2 * variance)) / np.sum(x**2))
    return Quoted(single, float(np.sqrt(variance.mean())), slope)


def contained(error: float, changed: float) -> float:
    """Share of the square of a change that an error contains: from 0 to 1."""
    if np.isnan(error) or np.isnan(changed):
        return float("nan")
    return 1.0 if abs(changed) <= error else float((error / changed) ** 2)
