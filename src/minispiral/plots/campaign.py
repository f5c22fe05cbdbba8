"""Pictures of the products, by matplotlib alone: no window, no global state."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from astropy.table import Table
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minispiral.gains.covariance_table import shared_error
from minispiral.io.tables import columns
from minispiral.light_curves.tables import without_errors
from minispiral.measures.angles import followed, middle
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.plots.side_by_side import blocks, broken_axes, spans
from minispiral.plots.style import (
    COLORS,
    PANELS,
    Panel,
    draw_series,
    mjd_dates,
    set_range,
    with_gaps,
)

ALARM = "#b3261e"  # red
NOT_FOUND = "no minispiral found,\nnothing here holds"
COLUMNS = 4  # tracks side by side
COLUMN, ROW, NARROWEST = 2.8, 1.75, 7.2  # inches: a track's width, a panel's height, the figure
LEGEND_ENTRY = 2.0  # inches, of a spw and its frequency


def plot_light_curves(
    curves: Table, truths: Mapping[str, Any] | None = None, title: str = ""
) -> Figure:
    """Draw I, P, EVPA and V of every track, four side by side, and spw (a colour each).

    Good integrations only, with what their neighbours share of their errors as a band. What no spw
    has is left out. The vertical range follows the points, not the error bars of outliers. EVPA is
    followed through half turns. Tracks whose ``meta`` has them as ``doubtful`` say so in red, and
    have no error bars.

    Parameters
    ----------
    curves : the campaign's light_curves.ecsv
    truths : for simulated tracks, their truth tables (columns spw, mjd_s, I, Q, U, V)
        Drawn as thin black lines, below the points.
    title : above the figure
    """
    spws = sorted(set(curves["spw"]))
    good = curves[np.asarray(curves["good"], bool)]
    panels = measured_panels(good)
    parts = blocks(spans(curves["track"], curves["mjd"]), COLUMNS)
    width = max(NARROWEST, 1.0 + COLUMN * max(map(len, parts)))
    height = len(parts) * (ROW * len(panels) + 0.6) + 0.5
    figure = Figure(figsize=(width, height), layout="constrained")
    subfigures = np.atleast_1d(np.asarray(figure.subfigures(len(parts), 1), object))
    shown: list[list[Axes]] = [[] for _ in panels]
    for subfigure, tracks in zip(subfigures, parts, strict=True):
        axes = broken_axes(subfigure, tracks, len(panels))
        for column, track in zip(axes.T, tracks, strict=True):
            doubtful = [spw for name, spw in curves.meta.get("doubtful", []) if name == track]
            rows = good[np.asarray(good["track"], str) == track]
            rows = without_errors(rows, np.isin(rows["spw"], doubtful))
            _draw_track(column, rows, panels, spws, (truths or {}).get(track))
            if doubtful:
                column[0].set_title(f"{track}: {NOT_FOUND}", color=ALARM, wrap=True)
        for row, panel, all_axes in zip(axes, panels, shown, strict=True):
            row[0].set_ylabel(panel.label)
            all_axes += list(row)
        subfigure.supxlabel("UTC", fontsize="medium")
        subfigure.align_ylabels(list(axes[:, 0]))
    for all_axes, panel in zip(shown, panels, strict=True):
        _share_range(all_axes, good, panel)
    _add_legend(figure, shown[0], title)
    return figure


def measured_panels(curves: Table) -> list[Panel]:
    """Those of `PANELS` that any integration has; Stokes I, if none is there."""
    there = [p for p in PANELS if np.isfinite(np.asarray(curves[p.name], float)).any()]
    return there or [PANELS[0]]


def _share_range(axes: Sequence[Axes], good: Table, panel: Panel) -> None:
    """Give all panels of a quantity one range of values."""
    if panel.name == "EVPA":  # as drawn, half turns added
        drawn = [
            line.get_ydata() for axis in axes for line in axis.lines if line.get_marker() == "."
        ]
        values = np.concatenate([np.zeros(0), *(np.asarray(each, float) for each in drawn)])
    else:
        values = np.asarray(good[panel.name], float)
    for axis in axes:
        set_range(axis, values)


def _add_legend(figure: Figure, axes: Iterable[Axes], title: str) -> None:
    """Name above the figure what is in any of some panels, once each."""
    entries: dict[str, Any] = {}
    for axis in axes:
        handles, labels = axis.get_legend_handles_labels()
        entries |= dict(zip(labels, handles, strict=True))
    figure.legend(
        [entries[label] for label in sorted(entries)],
        sorted(entries),
        loc="outside upper center",
        ncols=max(1, int(figure.get_figwidth() // LEGEND_ENTRY)),
        frameon=False,
        title=title,
        markerscale=3,
    )


def plot_variability(structure: Table, correlation: Table) -> Figure:
    """Draw structure functions and correlations against lag, a column for each track or all.

    Parameters
    ----------
    structure, correlation : the campaign's structure_function.ecsv and correlation.ecsv
    """
    tracks = list(dict.fromkeys(structure["track"])) or [""]
    n_columns = min(COLUMNS, len(tracks))
    n_rows = -(-len(tracks) // n_columns)
    width = max(NARROWEST, 1.0 + COLUMN * n_columns)
    figure = Figure(figsize=(width, 0.4 + 4.8 * n_rows), layout="constrained")
    axes = figure.subplots(2 * n_rows, n_columns, squeeze=False)
    for k, track in enumerate(tracks):
        row, column = divmod(k, n_columns)
        pair = axes[2 * row, column], axes[2 * row + 1, column]
        _draw_variability(*pair, structure, correlation, track)
        if not column:
            pair[0].set_ylabel("structure function of I (Jy$^2$)")
            pair[1].set_ylabel("correlation")
    for part in (0, 1):
        shown = [axes[2 * (k // n_columns) + part, k % n_columns] for k in range(len(tracks))]
        for axis in shown[1:]:
            axis.sharex(shown[0])
            axis.sharey(shown[0])
        shown[0].autoscale()
    for k in range(len(tracks), n_rows * n_columns):
        row, column = divmod(k, n_columns)
        axes[2 * row, column].axis("off")
        axes[2 * row + 1, column].axis("off")
    for axis in axes[:2, 0]:
        if axis.get_legend_handles_labels()[1]:
            axis.legend(frameon=False, fontsize="small")
    return figure


def _draw_variability(
    above: Axes, below: Axes, structure: Table, correlation: Table, track: str
) -> None:
    """Draw the structure functions and correlations of one track, or of all."""
    spws = sorted(set(structure["spw"]))
    colors = dict(zip(spws, COLORS * len(spws), strict=False))
    above.set_title("all tracks" if track == "*" else str(track))
    for spw in spws:
        rows = structure[(structure["track"] == track) & (structure["spw"] == spw)]
        _draw_lagged(above, rows, "structure_function", colors[spw], f"spw {spw}")
        # a single spw with itself
        if spw != spws[0] or len(spws) == 1:
            pair = (correlation["spw_1"] == spws[0]) & (correlation["spw_2"] == spw)
            rows = correlation[(correlation["track"] == track) & pair]
            _draw_lagged(below, rows, "correlation", colors[spw], f"spws {spws[0]} and {spw}")
    below.axhline(0, color="black", lw=0.7)
    above.set_xscale("log")
    if np.any(np.asarray(structure["structure_function"]) > 0):
        above.set_yscale("log")
    for axis in (above, below):
        axis.set_xlabel("lag (min)")
        axis.grid(alpha=0.25)
        axis.xaxis.set_major_formatter("{x:g}")


def _draw_lagged(axis: Axes, rows: Table, name: str, color: str, label: str) -> None:
    """Draw a function of lag; what a logarithmic axis cannot show is left out."""
    if len(rows):
        value, error = np.asarray(rows[name], float), np.asarray(rows[f"{name}_err"], float)
        axis.errorbar(
            np.asarray(rows["lag"], float) / 60,
            np.where(value > 0, value, np.nan) if name == "structure_function" else value,
            error,
            fmt="o-",
            ms=3,
            lw=0.7,
            color=color,
            label=label,
        )


def _draw_track(
    axes: Sequence[Axes], rows: Table, panels: Sequence[Panel], spws: list[int], truth: Any
) -> None:
    """Draw a track's good integrations, a colour for each spw, over the truth if it is known."""
    near: float | None = None
    for spw, color in zip(spws, COLORS * len(spws), strict=False):
        of_spw = columns(rows[np.asarray(rows["spw"]) == spw])
        if not len(of_spw["mjd"]):
            continue
        label = f"spw {spw} ({of_spw['frequency'][0] / 1e9:.1f} GHz)"
        shared = shared_error(of_spw)
        of_spw["EVPA"] = followed(of_spw["EVPA"], near)
        near = middle(of_spw["EVPA"], near)
        for axis, panel in zip(axes, panels, strict=True):
            name = panel.name
            value, error = of_spw[name], of_spw[f"{name}_err"]
            band = None if name == "EVPA" else np.abs(value) * shared
            draw_series(axis, of_spw["mjd"], value, error, color, label, band)
            if truth is not None:
                times, values = _truth(truth[truth["spw"] == spw], name, near)
                last = spw == rows["spw"][-1]
                style: dict[str, Any] = {"color": "black", "lw": 0.7, "zorder": 1.5}
                axis.plot(times, values, label="truth" if last else None, **style)
    for axis in axes:
        axis.grid(alpha=0.25)


def _truth(truth: Any, name: str, near: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Times and values of the truth, with a gap wherever the observation has one."""
    times = truth["mjd_s"].to_numpy() / SECONDS_PER_DAY
    q, u = truth["Q"].to_numpy(), truth["U"].to_numpy()
    derived = {"P": np.hypot(q, u), "EVPA": followed(np.degrees(np.arctan2(u, q) / 2), near)}
    values = derived[name] if name in derived else truth[name].to_numpy()
    times, values = with_gaps(times, values)
    return mjd_dates(times), values
