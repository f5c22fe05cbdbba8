"""Which integrations of different spws, tables or measurement sets are the same."""

from collections.abc import Sequence

import numpy as np

from minispiral.measures.units import SECONDS_PER_DAY

SIDEREAL_DAY = 86164.1  # s
GAP = 1.5  # integrations between two that are not neighbours
HALF = 0.505  # of an integration, and a hundredth more for rounding
LONG_GAP = 3.0  # usual steps in time that are a gap


def common_integrations(
    times: Sequence[np.ndarray], good: Sequence[np.ndarray], tolerance: float
) -> list[np.ndarray]:
    """Find the integrations that are good in all spws: for each spw their indices.

    Parameters
    ----------
    times : for each spw ``(n_k,)``, s, ascending
    good : for each spw ``(n_k,) bool``
    tolerance : s within which times are of one integration
    """
    indices = [np.flatnonzero(flags) for flags in good]
    common = times[0][indices[0]]
    for time, index in zip(times[1:], indices[1:], strict=True):
        common = (
            common[nearest_times(time[index], common)[1] < tolerance] if len(index) else common[:0]
        )
    return [
        index[nearest_times(time[index], common)[0]] if len(common) else index[:0]
        for time, index in zip(times, indices, strict=True)
    ]


def reach(*intervals: float) -> float:
    """Distance (s) within which integrations of these lengths overlap by half of the shorter.

    A hundredth more, for rounding: those shifted by half an integration reach each other.
    """
    return HALF * max(intervals)


def within(times: np.ndarray, longer: np.ndarray, interval: float) -> np.ndarray:
    """The one of `longer` integrations at each time, -1 where it is in none.

    Parameters
    ----------
    times : (n,), s
    longer : (m,), s, ascending, the times of integrations of length `interval`, s
    """
    if not len(longer):
        return np.full(len(times), -1)
    place, distance = nearest_times(longer, times)
    return np.where(distance < reach(interval), place, -1)


def slots(time: np.ndarray, interval: float, start: float) -> np.ndarray:
    """Number of each integration on a grid of time, ``(n,) int``, ascending.

    Gaps need not be whole numbers of integrations: within a run without a gap, numbers follow from
    the run's first, so that none comes twice.

    Parameters
    ----------
    time : (n,), s, ascending
    interval : s, length of an integration
    start : s, time of number 0
    """
    steps = np.diff(time, prepend=time[:1])
    gap = steps > GAP * interval
    gap[:1] = True
    begins = np.flatnonzero(gap)
    run = np.cumsum(gap) - 1
    begin = time[begins]
    first = np.rint((begin - start) / interval).astype(int)
    within = np.maximum(np.rint((time - begin[run]) / interval).astype(int), 0)
    for k in range(1, len(begins)):  # a run begins after the one before has ended
        last = first[k - 1] + within[begins[k] - 1]
        first[k] = max(first[k], last + 1)
    return first[run] + within


def stretches(time: np.ndarray) -> np.ndarray:
    """Number of the stretch without a gap around each time, ``(n,) int`` from 0.

    For times of which neither scans nor the length of an integration are known.
    """
    steps = np.diff(time)
    gaps = steps > LONG_GAP * np.median(steps) if len(steps) else steps
    return np.cumsum(np.concatenate([[False], gaps])[: len(time)]).astype(int)


def nearest_times(times: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Index of the nearest of `times` to each wanted one, and the distance."""
    right = np.clip(np.searchsorted(times, wanted), 1, max(len(times) - 1, 1))
    candidates = np.stack([right - 1, np.minimum(right, len(times) - 1)])
    distance = np.abs(times[candidates] - wanted)
    nearest = np.argmin(distance, axis=0)
    columns = np.arange(len(wanted))
    return candidates[nearest, columns], distance[nearest, columns]


def evenly(n: int, points: int) -> np.ndarray:
    """Places of at most `points` of n things, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, points)).astype(int)) if n else np.zeros(0, int)


def utc(time_s: float) -> str:
    """Return a time (MJD, s, UTC) as ``2017-04-06 09:36:40``."""
    # imported here, as it takes longer to load than many a job its work
    from astropy.time import Time

    return str(Time(time_s / SECONDS_PER_DAY, format="mjd", precision=0).iso)
