"""Stokes visibilities from correlations, for linear and circular feeds.

Linear feeds, sky frame (parallactic angle already applied, as QA2 delivers)::

    I = (XX + YY)/2    Q = (XX - YY)/2    U = (XY + YX)/2    V = (XY - YX)/(2i)

Circular feeds::

    I = (RR + LL)/2    V = (RR - LL)/2    Q = (RL + LR)/2    U = (RL - LR)/(2i)

(Hamaker & Bregman 1996, A&AS 117, 161). Each Stokes parameter is half the sum or difference of
one pair of correlations, so with weights w = 1/sigma^2 its own weight is 4 w1 w2 / (w1 + w2).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minispiral.errors import MinispiralError

# casacore's enumeration of correlation types (Stokes.h)
CORRELATION_NAMES = {5: "RR", 6: "RL", 7: "LR", 8: "LL", 9: "XX", 10: "XY", 11: "YX", 12: "YY"}

PARALLEL_HANDS = ("XX", "YY", "RR", "LL")

# what each correlation of perfect feeds is of Stokes I, Q, U, V
STOKES_OF_CORRELATION: dict[str, tuple[complex, complex, complex, complex]] = {
    "XX": (1, 1, 0, 0),
    "XY": (0, 0, 1, 1j),
    "YX": (0, 0, 1, -1j),
    "YY": (1, -1, 0, 0),
    "RR": (1, 0, 0, 1),
    "RL": (0, 1, 1j, 0),
    "LR": (0, 1, -1j, 0),
    "LL": (1, 0, 0, -1),
}


@dataclass(frozen=True)
class Pair:
    """Two correlations whose half sum and half difference are two Stokes parameters."""

    first: str
    second: str
    sum: str
    difference: str
    difference_factor: complex  # of (first - second)/2


PAIRS = (
    Pair("XX", "YY", "I", "Q", 1),
    Pair("XY", "YX", "U", "V", -1j),
    Pair("RR", "LL", "I", "V", 1),
    Pair("RL", "LR", "Q", "U", -1j),
)


@dataclass(frozen=True)
class StokesPair:
    """Stokes visibilities that share samples and weights.

    `names` are the two parameters, or the one that is wanted, `values` their visibilities,
    ``(n_name, n_row) complex, Jy``, and `weight` is ``(n_row,), 1/Jy^2``, zero where the sample is
    not to be used (its value is 0).
    """

    names: tuple[str, ...]
    values: np.ndarray
    weight: np.ndarray


def stokes_pairs(correlations: Sequence[str]) -> list[Pair]:
    """Return the pairs that `correlations` hold, the one with Stokes I first.

    Raises
    ------
    MinispiralError
        If there are not both parallel hands, without which there is no Stokes I.
    """
    pairs = [p for p in PAIRS if p.first in correlations and p.second in correlations]
    if not pairs or pairs[0].sum != "I":
        raise MinispiralError(
            f"correlations {', '.join(correlations) or '(none)'} give no Stokes I: "
            "both parallel hands are needed (XX and YY, or RR and LL)"
        )
    return pairs


def parallel_hands(correlations: Sequence[str]) -> tuple[str, ...]:
    """Return the parallel hands that `correlations` hold: both, or one that is alone.

    Raises
    ------
    MinispiralError
        If there is none.
    """
    for pair in PAIRS:
        hands = tuple(name for name in (pair.first, pair.second) if name in correlations)
        if pair.sum == "I" and hands:
            return hands
    raise MinispiralError(
        f"correlations {', '.join(correlations) or '(none)'} have no parallel hand (XX, YY, RR, LL)"
    )


def correlations_of(stokes: np.ndarray, correlations: Sequence[str]) -> np.ndarray:
    """Correlations of perfect feeds that see the given Stokes visibilities, in the sky's frame.

    Parameters
    ----------
    stokes : (..., 4)
        I, Q, U, V.
    correlations : names of the n_corr correlations

    Returns
    -------
    (..., n_corr) complex
    """
    matrix = np.array([STOKES_OF_CORRELATION[name] for name in correlations], complex)
    return np.asarray(stokes) @ matrix.T


def stokes_visibilities(
    data: np.ndarray, weight: np.ndarray, flag: np.ndarray, correlations: Sequence[str]
) -> list[StokesPair]:
    """Form Stokes visibilities, each sample used only if both its correlations are usable.

    Parameters
    ----------
    data : (n_corr, n_row) complex, Jy
    weight : (n_corr, n_row), 1/Jy^2
        Not positive or not finite means not usable.
    flag : (n_corr, n_row) bool
        True means not usable.
    correlations : names of the n_corr correlations

    Returns
    -------
    list of StokesPair
        One for the parallel and, where present, one for the cross hands.

    Raises
    ------
    MinispiralError
        If there are not both parallel hands.
    """
    result = []
    for pair in stokes_pairs(correlations):
        i, j = correlations.index(pair.first), correlations.index(pair.second)
        first, second = data[i], data[j]
        one, other = (np.ascontiguousarray(weight[k]) for k in (i, j))
        usable = ~(flag[i] | flag[j]) & (one > 0) & (other > 0)
        values = np.empty((2, first.size), complex)
        with np.errstate(all="ignore"):  # what is not finite is not used
            total = one + other
            np.add(first, second, out=values[0])
            np.subtract(first, second, out=values[1])
            values *= 0.5
            if pair.difference_factor != 1:
                values[1] *= pair.difference_factor
            usable &= np.isfinite(total) & np.isfinite(values[0])
            combined = 4 * one * other / total
        if not usable.all():
            np.copyto(combined, 0, where=~usable)
            np.copyto(values, 0, where=~usable)
        result.append(StokesPair((pair.sum, pair.difference), values, combined))
    return result
