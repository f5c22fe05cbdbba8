"""Two light curves that were compared, and what the second is over the first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.plots.style import COLORS, label_time, mjd_dates, set_range, with_gaps
from minispiral.science.comparison import Compared
from minispiral.science.given_curves import NOTHING

WIDTH, HEIGHT, MARGIN = 5.0, 4.6, 0.5  # inches, of a track
BESIDE = 3  # tracks side by side
POINTS = 1500  # of a curve are enough for the eye
POINT: dict[str, Any] = {"ms": 3, "mew": 0, "alpha": 0.6, "rasterized": True}


def plot_comparison(compared: Sequence[Compared], first: str, second: str) -> Figure:
    """Draw a block for each track: both curves above, second over first below.

    The ratio is drawn over its own value, after the second curve was moved by the lag; its scatter
    then is what the two do not have in common.

    Parameters
    ----------
    first, second : names of the two sides
    """
    blocks: dict[tuple[str, str], list[Compared]] = {}
    for each in compared:
        blocks.setdefault((each.one.track, each.other.track), []).append(each)
    rows = -(-len(blocks) // BESIDE)
    wide = min(len(blocks), BESIDE)
    size = (max(WIDTH * wide, 1.4 * WIDTH), HEIGHT * rows + MARGIN)
    figure = Figure(figsize=size, layout="constrained")
    figure.suptitle(f"{second} (black) over {first}", fontsize="medium")
    parts = np.atleast_1d(np.asarray(figure.subfigures(rows, wide), object)).ravel()
    for part, (names, of_track) in zip(parts, blocks.items(), strict=False):
        above, below = part.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        _draw_curves(above, of_track)
        _draw_ratios(below, of_track)
        told = [name for name in dict.fromkeys(names) if name != NOTHING]
        part.suptitle(" and ".join(told), fontsize="small")
    return figure


def _draw_curves(axis: Axes, compared: Sequence[Compared]) -> None:
    drawn = set()
    for number, each in enumerate(compared):
        some = slice(None, None, max(1, len(each.time) // POINTS))
        dates = mjd_dates(each.time[some] / SECONDS_PER_DAY)
        color = COLORS[number % 6]
        axis.plot(dates, each.first[some], ".", color=color, label=_label(each), **POINT)
        if id(each.other) not in drawn:
            drawn.add(id(each.other))
            time, flux = with_gaps(each.time / SECONDS_PER_DAY, each.second)
            axis.plot(mjd_dates(time), flux, color="black", lw=0.8, zorder=1)
    set_range(axis, np.concatenate([np.append(each.first, each.second) for each in compared]))
    axis.set_ylabel("Stokes I (Jy)")
    axis.legend(fontsize="x-small", markerscale=3, frameon=False)
    axis.grid(alpha=0.25)


def _draw_ratios(axis: Axes, compared: Sequence[Compared]) -> None:
    for number, each in enumerate(compared):
        some = slice(None, None, max(1, len(each.time) // POINTS))
        dates = mjd_dates(each.time[some] / SECONDS_PER_DAY)
        axis.plot(dates, 100 * each.deviation[some], ".", color=COLORS[number % 6], **POINT)
    axis.axhline(0.0, color="black", lw=0.8)
    set_range(axis, 100 * np.concatenate([each.deviation for each in compared]))
    axis.set_ylabel("second over first\nless what was fitted (%)")
    axis.grid(alpha=0.25)
    label_time(axis)


def _label(each: Compared) -> str:
    spw = "" if each.one.spw == NOTHING else f"spw {each.one.spw}: "
    (ratio, ratio_err), (lag, lag_err) = each.ratio, each.lag
    later = f", {lag:.1f} ± {lag_err:.1f} s later" if np.isfinite(lag) else ""
    return f"{spw}{ratio:.4f} ± {ratio_err:.4f}{later}"
