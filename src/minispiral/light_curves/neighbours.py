r"""Neighbours in time: how far a value is off those around it.

Neighbours are the nearest integrations in time, whatever scans they are of: a scan of Sgr A* is
often four integrations, which cannot tell what is usual. Where there are none on one side, those of
the other side stand for them, so that the first and the last are not their own neighbours.

All deviations are in robust standard deviations (`minispiral.measures.scatter`).
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.ndimage import median_filter

from minispiral.measures.scatter import robust_scatter

NEIGHBOURS = 31  # integrations whose median one is compared with
SURROUNDINGS = 301  # integrations whose median the neighbours' own is compared with
WINDOW = 11  # integrations that a local line goes through
FEWEST = 5  # integrations that a local line can be told from
MAX_GAP = 300.0  # s; beyond it a line says nothing
BESIDE = np.sqrt(1.5)  # noise of a value less the mean of two, in units of the value's


def excess(values: np.ndarray, use: np.ndarray, ceiling: float = np.inf) -> np.ndarray:
    """Excess over the median of the neighbours: ``(n,)``.

    Parameters
    ----------
    values : (n,), in order of time
    use : (n,) bool
        Which of them to look at: the others get 0 and are nobody's neighbour.
    ceiling : that median is taken to be no higher than that of all surroundings and this
    """
    result = np.zeros(len(values))
    known = values[use]
    if not len(known):
        return result
    usual = median_filter(known, NEIGHBOURS, mode="mirror")
    if np.isfinite(ceiling):
        usual = np.minimum(usual, median_filter(known, SURROUNDINGS, mode="mirror") + ceiling)
    result[use] = _in_scatter(known - usual)
    return result


def deviation(time: np.ndarray, values: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Deviation from what the neighbours say of a value that varies: ``(n,)``.

    The smaller of two: from a line through the `WINDOW` integrations around (Theil-Sen, Sen 1968),
    and from that between the two integrations beside it; a flare has the first alone.

    Parameters
    ----------
    time : (n,), s, ascending
    values : (n,)
    use : (n,) bool
        Which of them to look at; the others get 0 and are nobody's neighbour. Where fewer than
        `FEWEST` follow each other without a gap of `MAX_GAP`, they get 0 too.
    """
    result = np.zeros(len(values))
    rows = np.flatnonzero(use)
    runs = np.split(rows, np.flatnonzero(np.diff(time[rows]) > MAX_GAP) + 1)
    runs = [run for run in runs if len(run) >= FEWEST]
    if not runs:
        return result
    rows = np.concatenate(runs)
    line = np.concatenate([values[run] - _local_lines(time[run], values[run]) for run in runs])
    beside = np.concatenate([_off_those_beside(time[run], values[run]) for run in runs])
    line, beside = _in_scatter(line), _in_scatter(beside)
    result[rows] = np.where(np.abs(line) < np.abs(beside), line, beside)
    return result


def _in_scatter(residual: np.ndarray) -> np.ndarray:
    scatter = robust_scatter(residual)
    if not scatter > 0:
        return np.zeros(len(residual))
    return np.where(np.isfinite(residual), residual / scatter, np.inf)


def _local_lines(time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Value at each point of the Theil-Sen line through the window around it."""
    width = min(WINDOW, len(values))
    y, x = (sliding_window_view(array, width) for array in (values, time))
    start = np.clip(np.arange(len(values)) - width // 2, 0, len(values) - width)
    i, j = np.triu_indices(width, 1)
    slope = np.median((y[:, j] - y[:, i]) / (x[:, j] - x[:, i]), axis=1)
    offset = np.median(y - slope[:, None] * (x - x[:, :1]), axis=1)
    return np.asarray(offset[start] + slope[start] * (time - x[start, 0]))


def _off_those_beside(time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Distance from the line between the two values beside, NaN at the ends."""
    result = np.full(len(values), np.nan)
    before, after = time[1:-1] - time[:-2], time[2:] - time[1:-1]
    share = before / (before + after)
    between = values[:-2] * (1 - share) + values[2:] * share
    noise = np.sqrt(1 + share**2 + (1 - share) ** 2) / BESIDE
    result[1:-1] = (values[1:-1] - between) / noise
    return result
