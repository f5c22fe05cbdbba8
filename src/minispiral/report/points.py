"""Points of light curves as a page shows them: few enough for it to stay small and quick."""

from collections.abc import Mapping, Sequence

import numpy as np

from minispiral.light_curves.flagging import UNFLAGGED
from minispiral.measures.angles import followed, nearest_turn
from minispiral.measures.times import evenly
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.plots.style import Panel, mjd_dates, split_error, with_gaps

ANGLES = ("EVPA", "EVPA_intrinsic")  # deg, alike after half a turn: a mean is that of directions
MS_PER_DAY = 1e3 * SECONDS_PER_DAY
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
    values: Columns,
    good: np.ndarray,
    scan: np.ndarray,
    panels: Sequence[Panel],
    size: int,
    shared: Mapping[str, np.ndarray] | None = None,
    near: Mapping[str, float] | None = None,
) -> dict[str, np.ndarray]:
    """Good integrations in bins of `size`: ``time``, and what each panel shows with its bar's ends.

    Parameters
    ----------
    shared : by name, what neighbours share of the errors, in the values' unit
        The bars are of the rest.
    near : by name, where an angle's median is to lie, give or take half turns (deg)

    Returns
    -------
    time (ms since 1970, as browsers count), and in the panels' units NAME, NAME_low, NAME_high,
    NAME_err (all of it, for the reader), and of what has a shared error NAME_shared
    """
    shared, near = shared or {}, near or {}
    names = [panel.name for panel in panels]
    wanted = {name: values[name] for name in ("mjd", *names, *(f"{name}_err" for name in names))}
    wanted |= {f"{name}_shared": error for name, error in shared.items()}
    means = bin_means({name: each[good] for name, each in wanted.items()}, scan[good], size)
    data = {"time": milliseconds(means["mjd"])}
    for panel in panels:
        name = panel.name
        value, error = (means[each] / panel.unit for each in (name, f"{name}_err"))
        if name in ANGLES:
            value = followed(value, near.get(name))
        data[f"{name}_err"] = error.astype("f4")
        if name in shared:
            error, band = split_error(error, means[f"{name}_shared"] / panel.unit)
            data[f"{name}_shared"] = band.astype("f4")
        data[name] = value.astype("f4")
        data[f"{name}_low"] = (value - error).astype("f4")
        data[f"{name}_high"] = (value + error).astype("f4")
    return data


def band(data: Columns, name: str) -> dict[str, np.ndarray]:
    """Edges of the band that neighbours' errors share: ``time``, ``low``, ``high``, with gaps."""
    mjd = np.asarray(data["time"], float) / MS_PER_DAY
    value, error = (np.asarray(data[key], float) for key in (name, f"{name}_shared"))
    days, low, high = with_gaps(mjd, value - error, value + error)
    return {"time": days * MS_PER_DAY, "low": low.astype("f4"), "high": high.astype("f4")}


def flagged_points(
    values: Columns,
    panels: Sequence[Panel],
    points: int,
    near: Mapping[str, float] | None = None,
) -> dict[str, dict[str, np.ndarray]]:
    """Flagged integrations by their flag, each by itself, evenly chosen where they are too many."""
    flags = np.asarray(values["flag"])
    points_of_flags = {}
    for flag in sorted(set(flags[~np.asarray(values["good"], bool)]) - {UNFLAGGED}):
        places = np.flatnonzero(flags == flag)
        places = places[evenly(len(places), max(1, round(CROSSES * points)))]
        data = {panel.name: values[panel.name][places] / panel.unit for panel in panels}
        for name in near or {}:
            data[name] = nearest_turn(data[name], np.full(len(places), (near or {})[name]))
        times = milliseconds(values["mjd"][places])
        of_flag = {"time": times} | {k: v.astype("f4") for k, v in data.items()}
        points_of_flags[str(flag)] = of_flag
    return points_of_flags


def milliseconds(mjd: np.ndarray) -> np.ndarray:
    """Times (MJD) as browsers count them: ms since 1970."""
    return mjd_dates(mjd).astype("datetime64[us]").astype("int64") / 1e3
