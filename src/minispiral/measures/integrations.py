"""Which rows are of one integration, and which integrations of one scan.

Rows of an integration may differ in TIME by rounding or some milliseconds. A scan number counts
within one observation (execution) and array alone, so that all three together are a scan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

# share of an integration within which rows that follow each other in time are of the same one
SAME_INTEGRATION = 0.25
# by how much less than the length that is written times may be spaced, for rounding
SHORTER = 0.01
ONE_LENGTH = 0.01  # by which lengths of integrations may differ that are taken for one, relative
SCAN_COLUMNS = ("observation", "array", "scan")


@dataclass(frozen=True)
class Integrations:
    """The integrations of some rows: mean `times` ``(n,)``, s, ascending, and `first` rows.

    `of_row` ``(n_row,)``, number of the integration of each row, from 0.
    """

    times: np.ndarray
    first: np.ndarray
    of_row: np.ndarray


def group_rows(time: np.ndarray, interval: float) -> Integrations:
    """Tell the integrations of rows apart.

    A new one begins where `SAME_INTEGRATION` of an integration goes by without a row.

    Parameters
    ----------
    time : (n_row,), s, any order
    interval : length of an integration, s
    """
    changed = np.ones(len(time), bool)
    np.not_equal(time[1:], time[:-1], out=changed[1:])
    begins = np.flatnonzero(changed)
    values = time[begins]  # of runs of rows of one time
    rows = np.diff(begins, append=len(time))
    order: slice | np.ndarray = slice(None)
    if np.any(np.diff(values) < 0):  # rarely: rows are in order of time as a rule
        order = np.argsort(values, kind="stable")
    number = np.empty(len(values), int)
    steps = np.diff(values[order], prepend=-np.inf)
    number[order] = np.cumsum(steps > SAME_INTEGRATION * interval) - 1
    n = int(number.max(initial=-1)) + 1
    first = np.full(n, len(time))
    np.minimum.at(first, number, begins)
    start = time[first]
    # counted from one of them, so that equal ones have themselves as mean
    later = np.bincount(number, rows * (values - start[number]), n)
    times = start + later / np.bincount(number, rows, n)
    return Integrations(times, first, np.repeat(number, rows))


def common_times(times: Sequence[np.ndarray], intervals: Sequence[float]) -> list[np.ndarray]:
    """Give integrations of several spws that are the same one time, their mean.

    Spws whose integrations are of one length (to `ONE_LENGTH`) are looked at together; they keep
    their own times if that would make one of two integrations of a spw.

    Parameters
    ----------
    times : (n,) of each spw's integrations, s, ascending
    intervals : length of an integration of each, s

    Returns
    -------
    The same for each spw: ``(n,)``.
    """
    result = list(times)
    left = [k for k, of_spw in enumerate(times) if len(of_spw)]
    while left:
        alike = [k for k in left if same_length(intervals[left[0]], intervals[k])]
        left = [k for k in left if k not in alike]
        grouped = group_rows(np.concatenate([times[k] for k in alike]), intervals[alike[0]])
        ends = np.cumsum([len(times[k]) for k in alike])[:-1]
        labels = np.split(grouped.of_row, ends)
        if all(len(np.unique(of_spw)) == len(of_spw) for of_spw in labels):
            for k, of_spw in zip(alike, labels, strict=True):
                result[k] = grouped.times[of_spw]
    return result


def same_length(one: float, other: float) -> bool:
    """Whether lengths of integrations (s) are taken for one."""
    return abs(one - other) <= ONE_LENGTH * one


def spacing(time: np.ndarray, *keys: np.ndarray, written: float = np.nan) -> float:
    """Usual time between integrations, s: between rows that are alike in all else.

    Rows that are there twice, milliseconds apart, are of one integration: steps below
    `SAME_INTEGRATION` of the length that is `written` (s) do not count, unless most are so short.

    Parameters
    ----------
    time : (n_row,), s
    keys : (n_row,) int each, not negative: antennas, spw
        Rows that are equal in these make a group; the largest group counts.
    """
    label = np.zeros(len(time), int)
    for key in keys:
        label = label * (int(key.max(initial=0)) + 1) + key
    _, kind, rows = np.unique(label, return_inverse=True, return_counts=True)
    if not len(time):
        return np.inf
    times = np.unique(time[kind == np.argmax(rows)])
    twice = np.diff(times, prepend=-np.inf) < SAME_INTEGRATION * written
    return usual_step(times[~twice] if 2 * twice.sum() <= len(times) else times)


def usual_step(times: np.ndarray) -> float:
    """Time between integrations that follow each other within a scan, s; infinite for one alone.

    The lower quartile, since scans may be of two integrations.
    """
    return float(np.quantile(np.diff(times), 0.25)) if len(times) > 1 else np.inf


def length(written: float, step: float) -> float:
    """Length of an integration, s: what is `written`, unless times are closer than that.

    Parameters
    ----------
    written : s, in the measurement set; 0 or NaN where it is not known
    step : s, between integrations
    """
    if not written > 0:
        return step if np.isfinite(step) else 1.0  # a time alone has no neighbours
    return step if step < (1 - SHORTER) * written else written


def scan_labels(values: Mapping[str, ArrayLike]) -> np.ndarray:
    """Number of each integration's scan, counted from 0 as they come: ``(n,) int``.

    Parameters
    ----------
    values : columns observation, array and scan, ``(n,) int`` each; a table or a mapping
    """
    ids = np.column_stack([np.asarray(values[name], int) for name in SCAN_COLUMNS])
    _, first, scan = np.unique(ids, axis=0, return_index=True, return_inverse=True)
    rank = np.empty(len(first), int)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[scan.ravel()]
