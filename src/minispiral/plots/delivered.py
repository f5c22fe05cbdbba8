"""What the project is for in one figure: core and minispiral as QA2 delivered them, and after.

QA2 has pressed the core flat, and so makes the minispiral pulsate. After scaling the core varies,
and the minispiral does not.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from astropy.table import Table
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.plots.side_by_side import blocks, broken_axes, spans
from minispiral.plots.style import COLORS, mjd_dates, padded_range, with_gaps

AT_MOST = 10  # tracks side by side
WIDTH, HEIGHT = 10.0, 4.4  # inches, of a block of tracks
DELIVERED, AFTER = COLORS[5], COLORS[0]
QA2, AFTER_SCALING, TRUTH = "as QA2 delivered it", "after", "truth"
POINTS = 1500  # of a track and spw are enough for the eye


def plot_delivered(
    curves: Table, truths: Mapping[str, Any] | None = None, title: str = ""
) -> Figure:
    """Draw the core above and the minispiral below, of one spw of all tracks, before and after.

    The minispiral is drawn over its median after scaling, since its flux density is in units of
    IM1's. The spw is that with good integrations in most tracks, of several the first.

    Parameters
    ----------
    curves : the campaign's light_curves.ecsv
        Good integrations are drawn; of tracks that are ``doubtful``, nothing after scaling.
    truths : tables of true fluxes by track (columns spw, mjd_s, I)
        Drawn as thin lines below the points.
    """
    good = curves[np.asarray(curves["good"], bool)]
    good = good if len(good) else curves
    spw = common_spw(good)
    good = good[np.asarray(good["spw"]) == spw]
    doubtful = {str(name) for name, number in curves.meta.get("doubtful", []) if number == spw}
    parts = blocks(spans(good["track"], good["mjd"]), AT_MOST)
    figure = Figure(figsize=(WIDTH, HEIGHT * len(parts) + 0.5), layout="constrained")
    subfigures = np.atleast_1d(np.asarray(figure.subfigures(len(parts), 1), object))
    limits = _limits(good, doubtful)
    for subfigure, tracks in zip(subfigures, parts, strict=True):
        axes = broken_axes(subfigure, tracks, 2)
        for (above, below), track in zip(axes.T, tracks, strict=True):
            rows = good[np.asarray(good["track"], str) == track]
            truth = None if truths is None else truths.get(track)
            _draw_track(above, below, rows, spw, truth, track in doubtful)
        for row, label, shown in zip(
            axes,
            ("core, Stokes I (Jy)", "minispiral\nover its median"),
            limits,
            strict=True,
        ):
            row[0].set_ylabel(label)
            row[0].set_ylim(*shown)
        subfigure.supxlabel("UTC", fontsize="medium")
    _legend(figure, subfigures, title, spw, float(good["frequency"][0]) / 1e9)
    return figure


def common_spw(curves: Table) -> int:
    """The spw that most tracks have, of several the first."""
    tracks: dict[int, set[str]] = {}
    for track, spw in zip(curves["track"], curves["spw"], strict=True):
        tracks.setdefault(int(spw), set()).add(str(track))
    return min(tracks, key=lambda spw: (-len(tracks[spw]), spw))


def minispiral_after(rows: Table) -> tuple[np.ndarray, float]:
    """F_ext times its gain, and the median of it, which the reference flux is; Jy."""
    after = np.asarray(rows["gain"], float) * np.asarray(rows["I_extended"], float)
    return after, float(np.nanmedian(after))


def _limits(good: Table, doubtful: set[str]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Ranges of both rows: the inner 99 % of what all tracks show."""
    cores, minispirals = [np.asarray(good["I_compact"], float)], []
    for track in dict.fromkeys(np.asarray(good["track"], str).tolist()):
        rows = good[np.asarray(good["track"], str) == track]
        after, median = minispiral_after(rows)
        minispirals.append(np.asarray(rows["I_extended"], float) / median)
        if track not in doubtful:
            cores.append(np.asarray(rows["I"], float))
            minispirals.append(after / median)
    low, high = padded_range(np.concatenate(minispirals), 0.99)
    return padded_range(np.concatenate(cores), 0.99), (min(low, 0.9), max(high, 1.1))


def _draw_track(
    above: Axes, below: Axes, rows: Table, spw: int, truth: Any, doubtful: bool
) -> None:
    rows = rows[:: max(1, len(rows) // POINTS)]
    after, median = minispiral_after(rows)
    fitted = np.asarray(rows["I_extended"], float)
    dates = mjd_dates(rows["mjd"])
    _points(above, dates, rows["I_compact"], DELIVERED, QA2)
    _points(below, dates, fitted / median, DELIVERED, QA2)
    if truth is not None:
        own = truth[truth["spw"] == spw]
        times = np.asarray(own["mjd_s"], float) / SECONDS_PER_DAY
        times, flux = with_gaps(times, np.asarray(own["I"], float))
        above.plot(mjd_dates(times), flux, color="black", lw=0.8, zorder=1, label=TRUTH)
        below.axhline(1.0, color="black", lw=0.8, zorder=1)
    if not doubtful:
        _points(above, dates, rows["I"], AFTER, AFTER_SCALING)
        _points(below, dates, after / median, AFTER, AFTER_SCALING)
    for axis in (above, below):
        axis.grid(alpha=0.25)


def _points(axis: Axes, dates: np.ndarray, values: Any, color: str, label: str) -> None:
    values = np.ma.filled(values, np.nan)
    style: dict[str, Any] = {"ms": 3, "mew": 0, "alpha": 0.7, "rasterized": True}
    axis.plot(dates, values, ".", color=color, label=label, zorder=2, **style)


def _legend(figure: Figure, subfigures: Any, title: str, spw: int, ghz: float) -> None:
    entries: dict[str, Any] = {}
    for subfigure in subfigures:
        for axis in subfigure.axes:
            handles, labels = axis.get_legend_handles_labels()
            entries |= dict(zip(labels, handles, strict=True))
    order = [name for name in (QA2, AFTER_SCALING, TRUTH) if name in entries]
    what = f"{title}, spw {spw} ({ghz:.1f} GHz)" if title else f"spw {spw} ({ghz:.1f} GHz)"
    figure.legend(
        [entries[name] for name in order], order, loc="outside upper center", ncols=len(order),
        frameon=False, title=what, markerscale=3,
    )  # fmt: skip
