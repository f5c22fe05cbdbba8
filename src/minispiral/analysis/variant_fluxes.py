"""Fluxes of averages in time with IM1 found in one way, and how they differ from those of another.

With q = F_core / F_ext of an average and R the reference flux, the median of F_ext over all
averages that share it, a light curve is R q, and the difference c = ln(R' q') - ln(R q).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np


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
