"""Which rows are of one integration, and which integrations of one scan.

Rows of an integration may differ in TIME by rounding or some milliseconds. A scan number counts
within one observation (execution) and array alone, so that all three together are a scan.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

# share of an integration within which rows that follow each other in time are of the same one
SAME_INTEGRATION = 0.25
# by how much less than the length that is written times may be spaced, for rounding
SHORTER = 0.01
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


def spacing(time: np.ndarray, *keys: np.ndarray) -> float:
    """Usual time between integrations, s: between rows that are alike in all else.

    Parameters
    ----------
    time : (n_row,), s
    keys : (n_row,) int each, not negative: antennas, spw
        Of the rows that are alike in these, the most are looked at.
    """
    label = np.zeros(len(time), int)
    for key in keys:
        label = label * (int(key.max(initial=0)) + 1) + key
    _, kind, rows = np.unique(label, return_inverse=True, return_counts=True)
    return usual_step(np.unique(time[kind == np.argmax(rows)])) if len(time) else np.inf


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
        return step if np.isfinite(step) else 1.0  # a time by itself has no neighbours to tell
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
