"""A light curve at the times of another one: within its pieces, and not across gaps."""

import numpy as np

from minispiral.measures.times import nearest_times
from minispiral.science.given_curves import GivenCurve

LONGER = 1.5  # steps of one curve over those of the other, from which on the other is averaged


def sampled(
    curve: GivenCurve, at: np.ndarray, step: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flux and error of a curve at times, or over steps longer than its own; where it is known.

    Of a mean, the error is that of a point, as if neighbours shared all of it.
    """
    place, away = nearest_times(curve.time, at)
    if step > LONGER * curve.interval:
        flux, known = _means(curve, at, step)
    else:
        right = np.clip(np.searchsorted(curve.time, at), 1, len(curve.time) - 1)
        left = right - 1
        share = (at - curve.time[left]) / (curve.time[right] - curve.time[left])
        flux = (1 - share) * curve.flux[left] + share * curve.flux[right]
        known = (curve.stretch[left] == curve.stretch[right]) & (share >= 0) & (share <= 1)
        same = away < 1e-3 * curve.interval
        flux, known = np.where(same, curve.flux[place], flux), known | same
    return np.where(known, flux, curve.flux[place]), curve.error[place], known


def _means(curve: GivenCurve, at: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Means over steps of the line through the points of each piece, and where one covers it."""
    mean, known = np.full(len(at), np.nan), np.zeros(len(at), bool)
    for piece in np.unique(curve.stretch):
        rows = curve.stretch == piece
        time, flux = curve.time[rows], curve.flux[rows]
        low, high = time[0] - curve.interval / 2, time[-1] + curve.interval / 2
        inside = (at - step / 2 >= low) & (at + step / 2 <= high)
        if not inside.any():
            continue
        knots = np.concatenate([[low], time, [high]])
        values = np.concatenate([flux[:1], flux, flux[-1:]])
        low, high = (_integral(at[inside] + side, knots, values) for side in (-step / 2, step / 2))
        mean[inside] = (high - low) / step
        known |= inside
    return mean, known


def _integral(until: np.ndarray, knots: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Integral of the line through values at knots, from the first of them to some times."""
    sums = np.concatenate([[0.0], np.cumsum(np.diff(knots) * (values[1:] + values[:-1]) / 2)])
    k = np.clip(np.searchsorted(knots, until) - 1, 0, len(knots) - 2)
    after = until - knots[k]
    slope = (values[k + 1] - values[k]) / (knots[k + 1] - knots[k])
    return np.asarray(sums[k] + values[k] * after + slope * after**2 / 2)


def covered(one: GivenCurve, other: GivenCurve, lag: float) -> float:
    """Share of the points of one curve that lie within pieces of the other."""
    ends = [
        (other.time[rows[0]] - other.interval / 2, other.time[rows[-1]] + other.interval / 2)
        for rows in (np.flatnonzero(other.stretch == k) for k in np.unique(other.stretch))
    ]
    low, high = np.array(ends).T
    at = one.time + lag
    piece = np.clip(np.searchsorted(low, at, side="right") - 1, 0, len(low) - 1)
    return float(np.mean((at >= low[piece]) & (at <= high[piece])))
