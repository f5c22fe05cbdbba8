"""Points of light curves as a page shows them: few enough for it to stay small and quick."""

from collections.abc import Mapping, Sequence

import numpy as np

from minispiral.light_curves.flagging import UNFLAGGED
from minispiral.measures.times import evenly
from minispiral.plots.style import Panel, mjd_dates

ANGLES = ("EVPA", "EVPA_intrinsic")  # deg, alike after half a turn: a mean is that of directions
CROSSES = 0.2  # of the points may be flagged ones besides

Columns = Mapping[str, np.ndarray]


def bin_size(n: int, points: int) -> int:
    """How many successive integrations become one point, so that about `points` remain."""
    return max(1, -(-n // max(points, 1)))


def bins(scan: np.ndarray, size: int) -> np.ndarray:
    """Bin of each integration ``(n,)``, from 0: `size` successive ones, never across scans."""
    starts = np.flatnonzero(np.diff(scan, prepend=scan[:1] - 1))
    within = np.arange(len(scan)) - np.repeat(starts, np.diff(starts, append=len(scan)))
    return np.cumsum(within % size == 0) - 1


def bin_means(columns: Columns, scan: np.ndarray, size: int) -> dict[str, np.ndarray]:
    """Mean of each column over bins of `size` integrations; of an angle, of its direction.

    Means of errors are those of single integrations: neighbours share most of a smooth gain's
    error, so that their mean is hardly better. What is missing is left out; a bin of nothing is
    NaN.
    """
    index = bins(scan, size)
    result = {}
    for name, values in columns.items():
        values = np.asarray(values, float)
        if size == 1:
            result[name] = values
        elif name in ANGLES:
            turned = np.exp(2j * np.radians(values))
            mean = _mean(turned.real, index) + 1j * _mean(turned.imag, index)
            result[name] = np.degrees(np.angle(mean) / 2)
        else:
            result[name] = _mean(values, index)
    return result


def _mean(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    n = index[-1] + 1 if len(index) else 0
    count = np.bincount(index[known], minlength=n)
    total = np.bincount(index[known], values[known], minlength=n)
    return np.divide(total, count, out=np.full(n, np.nan), where=count > 0)


def good_points(
    values: Columns, good: np.ndarray, scan: np.ndarray, panels: Sequence[Panel], size: int
) -> dict[str, np.ndarray]:
    """Good integrations in bins of `size`: ``time``, and what each panel shows with its bar's ends.

    Returns
    -------
    time (ms since 1970, as browsers count), and in the panels' units NAME, NAME_low, NAME_high
    """
    names = [panel.name for panel in panels]
    wanted = ["mjd", *names, *(f"{name}_err" for name in names)]
    means = bin_means({name: values[name][good] for name in wanted}, scan[good], size)
    data = {"time": milliseconds(means["mjd"])}
    for panel in panels:
        value, error = (means[name] / panel.unit for name in (panel.name, f"{panel.name}_err"))
        data[panel.name] = value.astype("f4")
        data[f"{panel.name}_low"] = (value - error).astype("f4")
        data[f"{panel.name}_high"] = (value + error).astype("f4")
    return data


def flagged_points(
    values: Columns, panels: Sequence[Panel], points: int
) -> dict[str, dict[str, np.ndarray]]:
    """Flagged integrations by their flag, each by itself, evenly chosen where they are too many."""
    flags = np.asarray(values["flag"])
    points_of_flags = {}
    for flag in sorted(set(flags[~np.asarray(values["good"], bool)]) - {UNFLAGGED}):
        places = np.flatnonzero(flags == flag)
        places = places[evenly(len(places), max(1, round(CROSSES * points)))]
        data = {panel.name: values[panel.name][places] / panel.unit for panel in panels}
        times = milliseconds(values["mjd"][places])
        of_flag = {"time": times} | {k: v.astype("f4") for k, v in data.items()}
        points_of_flags[str(flag)] = of_flag
    return points_of_flags


def milliseconds(mjd: np.ndarray) -> np.ndarray:
    """Times (MJD) as browsers count them: ms since 1970."""
    return mjd_dates(mjd).astype("datetime64[us]").astype("int64") / 1e3
