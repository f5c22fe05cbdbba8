r"""Neighbours in time: how far a value is off those around it.

Neighbours are the nearest integrations in time, from any scan: a scan of Sgr A* often has four
integrations, too few to show what is usual. Where there are no neighbours on one side, those of the
other side replace them, so that the first and the last integration are not their own neighbours.

All deviations are in robust standard deviations (`minispiral.measures.scatter`).
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from minispiral.measures.scatter import robust_scatter

NEIGHBOURS = 31  # integrations whose median is compared with one
SURROUNDINGS = 301  # integrations whose median is compared with that of the neighbours
WINDOW = 11  # integrations under a local line
FEWEST = 5  # integrations that a local line needs
FEWEST_IN_RUN = 3  # integrations alone among which one can be recognised as wrong
MAX_GAP = 300.0  # s; beyond it a line says nothing
BESIDE = np.sqrt(1.5)  # noise of a value less the mean of two, in units of the value's


def excess(values: np.ndarray, use: np.ndarray, ceiling: float = np.inf) -> np.ndarray:
    """Excess over the median of the neighbours: ``(n,)``.

    Parameters
    ----------
    values : (n,), in order of time
    use : (n,) bool
        Which values count: the others get 0, and are not among the neighbours.
    ceiling : that median is taken to be no higher than that of all surroundings and this
    """
    result = np.zeros(len(values))
    known = values[use]
    if not len(known):
        return result
    # imported here, as turns that have stopped do without
    from scipy.ndimage import median_filter

    usual = median_filter(known, NEIGHBOURS, mode="mirror")
    if np.isfinite(ceiling):
        usual = np.minimum(usual, median_filter(known, SURROUNDINGS, mode="mirror") + ceiling)
    result[use] = _in_scatter(known - usual)
    return result


def deviation(time: np.ndarray, values: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Deviation from what the neighbours say of a value that varies: ``(n,)``.

    The smaller of two: from a line through the `WINDOW` integrations around (Theil-Sen, Sen 1968),
    and from that between the two integrations beside it; a flare has the first alone. Integrations
    without a gap of `MAX_GAP` between them are a run:

    - one of `FEWEST` or more, such as many scans, has lines of its own;
    - in one of 3 or 4, such as a scan far from all others, the two are the deviations from its
      median, and from the line through its others; the noise is that between integrations that
      follow each other in any run;
    - those of 1 or 2 are taken together, whatever the gaps, if they are `WINDOW` or more: they are
      compared with how much the source varies from one to the next.

    Parameters
    ----------
    time : (n,), s, ascending
    values : (n,)
    use : (n,) bool
        Which values count; the others get 0, and are not among the neighbours.
    """
    result = np.zeros(len(values))
    rows = np.flatnonzero(use)
    runs = np.split(rows, np.flatnonzero(np.diff(time[rows]) > MAX_GAP) + 1)
    lone = [run for run in runs if 0 < len(run) < FEWEST_IN_RUN]
    long = [run for run in runs if len(run) >= FEWEST]
    for joined in (long, [np.concatenate(lone)] if sum(map(len, lone)) >= WINDOW else []):
        if joined:
            result[np.concatenate(joined)] = _off_lines(time, values, joined)
    steps = np.concatenate([np.diff(values[run]) for run in runs])
    if len(steps) >= WINDOW:
        noise = robust_scatter(steps) / np.sqrt(2)
        for run in runs:
            if noise > 0 and FEWEST_IN_RUN <= len(run) < FEWEST:
                result[run] = _off_others(time[run], values[run]) / noise
    return result


def _off_lines(time: np.ndarray, values: np.ndarray, runs: list[np.ndarray]) -> np.ndarray:
    """The smaller deviation, from lines around and from those beside, of the rows of runs."""
    line = np.concatenate([values[run] - _local_lines(time[run], values[run]) for run in runs])
    beside = np.concatenate([_off_those_beside(time[run], values[run]) for run in runs])
    return _smaller(_in_scatter(line), _in_scatter(beside))


def _off_others(time: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The smaller deviation, from the median of a run and from the line through its others.

    In units of the values; that from a line is divided by its noise in units of a value's.
    """
    off_line = np.empty(len(values))
    for k in range(len(values)):
        x, y = np.delete(time, k) - time[k], np.delete(values, k)
        i, j = np.triu_indices(len(x), 1)
        slope = np.median((y[j] - y[i]) / (x[j] - x[i]))
        noise = np.sqrt(1 + 1 / len(x) + x.mean() ** 2 / np.sum((x - x.mean()) ** 2))
        off_line[k] = (values[k] - np.median(y - slope * x)) / noise
    return _smaller(values - np.median(values), off_line)


def _smaller(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.where(np.abs(one) < np.abs(other), one, other)


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
