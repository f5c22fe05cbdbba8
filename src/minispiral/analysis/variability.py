r"""Statistics of variability: mean, modulation index, structure function, correlation of spws.

Of a light curve I with independent errors s, and averages < > over integrations or pairs of them::

    mean                  <I>, with its error from those of I
    modulation index      sqrt(<(I - <I>)^2> - <s^2>) / <I>   (Vaughan et al. 2003, MNRAS 345, 1271)
    structure function    <(I(t + tau) - I(t))^2 - s(t)^2 - s(t + tau)^2>
                                            (Simonetti et al. 1985, ApJ 296, 46; noise taken out)
    correlation           <(I_1(t) - <I_1>) (I_2(t + tau) - <I_2>)> / (S_1 S_2)
                                            (Edelson & Krolik 1988, ApJ 333, 646)

with S^2 = <(I - <I>)^2> - <s^2>. Of a light curve with itself, pairs of one integration are left
out.

Errors of the structure function and the correlation are those of a jackknife over stretches of time
(scans, where there are enough): they contain what is peculiar to the stretches, so the scatter of a
random process as far as a track samples it, and the noise. The error of the modulation index is of
the noise alone.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np

with warnings.catch_warnings():  # it misses numba, which nothing here would use
    warnings.simplefilter("ignore")
    from stingray.utils import excess_variance

STRETCHES = 5  # a jackknife needs, at least; what a track is cut into that has fewer scans
LAGS_PER_DECADE = 6


@dataclass(frozen=True)
class Curve:
    """A light curve, ``(n,)`` each: `flux` and `error`, Jy, in `slot` of time and in `stretch`.

    Slots are an integration long, `length` of them from 0; `stretches` is the number of those.
    """

    slot: np.ndarray
    stretch: np.ndarray
    flux: np.ndarray
    error: np.ndarray
    length: int
    stretches: int


@dataclass(frozen=True)
class Lagged:
    """A function of lag, ``(m,)`` each: `value`, its jackknife `error`, and number of `pairs`.

    `lag`, in integrations, is the mean over the pairs.
    """

    lag: np.ndarray
    value: np.ndarray
    error: np.ndarray
    pairs: np.ndarray


def stretch_edges(slot: np.ndarray, scan: np.ndarray, length: int) -> np.ndarray:
    """First slots of a track's stretches but the first: its scans, or if few, equal times.

    Parameters
    ----------
    slot, scan : (n,), of one spw, in order of time; scans may be numbered otherwise in another
    length : of the track, in slots
    """
    edges = slot[1:][np.diff(scan) != 0]
    if len(edges) + 1 >= STRETCHES:
        return edges
    return np.arange(1, STRETCHES) * length // STRETCHES


def mean_flux(curve: Curve) -> tuple[float, float]:
    """Mean and its error, Jy."""
    n = len(curve.flux)
    return float(np.mean(curve.flux)), float(np.sqrt(np.sum(curve.error**2)) / n)


def modulation_index(curve: Curve) -> tuple[float, float]:
    """Modulation index and its error; NaN of a light curve that varies by less than its noise."""
    with np.errstate(invalid="ignore", divide="ignore"):
        light_curve = SimpleNamespace(counts=curve.flux, counts_err=curve.error)
        index, error = excess_variance(light_curve, normalization="fvar")
    return float(index), float(error)


def structure_function(curve: Curve, longest: int) -> Lagged:
    """Structure function of a light curve, Jy^2, at lags of 1 to `longest` integrations."""

    def squares(at: np.ndarray, later: np.ndarray) -> np.ndarray:
        noise = curve.error[at] ** 2 + curve.error[later] ** 2
        return (curve.flux[later] - curve.flux[at]) ** 2 - noise

    sums = _sums(curve, curve, _bins(longest), squares)
    return _jackknifed(sums, sums.total / _positive(sums.pairs), sums.left_out())


def correlation(first: Curve, second: Curve, longest: int) -> Lagged:
    """Correlation of two spws at lags of the second, or of one with itself.

    Both number integrations and stretches alike. With itself, the lags are positive. NaN where a
    light curve varies by less than its noise.
    """
    edges = _bins(longest)
    if first is not second:
        edges = np.concatenate([1 - edges[::-1], edges])
    means = [float(np.mean(curve.flux)) for curve in (first, second)]

    def products(at: np.ndarray, later: np.ndarray) -> np.ndarray:
        return (first.flux[at] - means[0]) * (second.flux[later] - means[1])

    sums = _sums(first, second, edges, products)
    n = sums.of_stretch.shape[0]
    (all_1, without_1), (all_2, without_2) = (_variances(curve, n) for curve in (first, second))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = sums.total / _positive(sums.pairs) / (np.sqrt(all_1) * np.sqrt(all_2))
        left_out = sums.left_out() / (np.sqrt(without_1) * np.sqrt(without_2))[:, None]
    return _jackknifed(sums, value, left_out)


def joined(curves: Sequence[Curve], longest: int) -> Curve:
    """Light curves of several tracks as one, more than `longest` integrations apart."""
    slot, stretch, parts = 0, 0, []
    for curve in curves:
        parts.append(replace(curve, slot=curve.slot + slot, stretch=curve.stretch + stretch))
        slot += curve.length + longest
        stretch += curve.stretches
    return Curve(
        slot=np.concatenate([part.slot for part in parts]),
        stretch=np.concatenate([part.stretch for part in parts]),
        flux=np.concatenate([part.flux for part in parts]),
        error=np.concatenate([part.error for part in parts]),
        length=slot,
        stretches=stretch,
    )


def _variances(curve: Curve, stretches: int) -> tuple[float, np.ndarray]:
    """Variance without noise, of all and with each stretch left out."""
    flux = curve.flux - np.mean(curve.flux)
    n = np.bincount(curve.stretch, minlength=stretches)
    excess = np.bincount(curve.stretch, flux**2 - curve.error**2, stretches)
    return float(excess.sum() / n.sum()), (excess.sum() - excess) / _positive(n.sum() - n)


def _bins(longest: int) -> np.ndarray:
    """Edges of lags in whole integrations, ascending from 1, each bin at least one wide."""
    number = int(np.log10(longest) * LAGS_PER_DECADE) + 2
    return np.unique(np.rint(np.geomspace(1, longest + 1, number)).astype(int))


@dataclass(frozen=True)
class _Sums:
    """Sums over pairs of each bin ``(m,)``, and over those with an end in a stretch ``(k, m)``."""

    lag: np.ndarray
    total: np.ndarray
    pairs: np.ndarray
    of_stretch: np.ndarray
    pairs_of_stretch: np.ndarray

    def left_out(self) -> np.ndarray:
        """Mean over pairs with each stretch left out, ``(k, m)``; NaN where none is left."""
        return (self.total - self.of_stretch) / _positive(self.pairs - self.pairs_of_stretch)


def _sums(
    first: Curve,
    second: Curve,
    edges: np.ndarray,
    terms: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> _Sums:
    """Sum `terms` of the places in both over all pairs whose lag is in each bin."""
    n = max(first.stretches, second.stretches)
    bins = len(edges) - 1
    lag, total, pairs = np.zeros((3, bins))
    of_stretch, pairs_of_stretch = np.zeros((2, n, bins))
    places = _places(first), _places(second)
    for k in range(bins):
        for shift in range(edges[k], edges[k + 1]):
            at, later = _pairs(*places, shift)
            values = terms(at, later)
            lag[k] += shift * len(at)
            total[k] += values.sum()
            pairs[k] += len(at)
            begin, end = first.stretch[at], second.stretch[later]
            inside = begin == end
            for sums, weights in ((of_stretch, values), (pairs_of_stretch, np.ones(len(at)))):
                sums[:, k] += np.bincount(begin, weights, n) + np.bincount(end, weights, n)
                sums[:, k] -= np.bincount(begin[inside], weights[inside], n)
    return _Sums(lag / _positive(pairs), total, pairs, of_stretch, pairs_of_stretch)


def _places(curve: Curve) -> np.ndarray:
    """Place of each slot's integration in the light curve, -1 where there is none."""
    places = np.full(curve.length, -1)
    places[curve.slot] = np.arange(len(curve.slot))
    return places


def _pairs(first: np.ndarray, second: np.ndarray, shift: int) -> tuple[np.ndarray, np.ndarray]:
    """Places in both of all pairs whose second integration is `shift` later."""
    length = min(len(first), len(second))
    first, second = first[:length], second[:length]
    at, later = (
        (first[: length - shift], second[shift:])
        if shift >= 0
        else (first[-shift:], second[: length + shift])
    )
    both = (at >= 0) & (later >= 0)
    return at[both], later[both]


def _positive(number: np.ndarray) -> np.ndarray:
    """Divisors: NaN instead of 0."""
    return np.where(number > 0, number, np.nan)


def _jackknifed(sums: _Sums, value: np.ndarray, left_out: np.ndarray) -> Lagged:
    filled = sums.pairs > 0
    known = np.isfinite(left_out)
    k = known.sum(axis=0)
    middle = np.where(known, left_out, 0).sum(axis=0) / np.maximum(k, 1)
    spread = np.where(known, left_out - middle, 0)
    error = np.sqrt((k - 1) / np.maximum(k, 1) * np.sum(spread**2, axis=0))
    error = np.where(k > 1, error, np.nan)
    pairs = sums.pairs[filled].astype(int)
    return Lagged(sums.lag[filled], value[filled], error[filled], pairs)
