"""Pictures of the products, by matplotlib alone: no window, no global state."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from astropy.table import Table
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minispiral.light_curves.tables import without_errors
from minispiral.measures.times import stretches
from minispiral.plots.style import COLORS, PANELS, draw_series, label_time, mjd_dates, set_range

ALARM = "#b3261e"  # red
NOT_FOUND = "no minispiral found,\nnothing here holds"
LEGEND_ENTRY = 2.0  # inches, of a spw and its frequency


def plot_light_curves(
    curves: Table, truths: Mapping[str, Any] | None = None, title: str = ""
) -> Figure:
    """Draw I, P, EVPA and V of every track (a column each) and spw (a colour each).

    Good integrations only. The vertical range follows the points, not the error bars of outliers.
    Tracks whose ``meta`` has them as ``doubtful`` say so in red, and have no error bars.

    Parameters
    ----------
    curves : the campaign's light_curves.ecsv
    truths : for simulated tracks, their truth tables (columns spw, mjd_s, I, Q, U, V)
        Drawn as black lines.
    title : above the figure
    """
    tracks = list(dict.fromkeys(curves["track"]))
    spws = sorted(set(curves["spw"]))
    figure = Figure(figsize=(1.5 + 4.2 * len(tracks), 8.5), layout="constrained", dpi=130)
    axes = figure.subplots(len(PANELS), len(tracks), sharex="col", sharey="row", squeeze=False)
    for column, track in enumerate(tracks):
        rows = curves[(curves["track"] == track) & curves["good"]]
        doubtful = [spw for name, spw in curves.meta.get("doubtful", []) if name == track]
        rows = without_errors(rows, np.isin(rows["spw"], doubtful))
        for axis, panel in zip(axes[:, column], PANELS, strict=True):
            _draw_panel(axis, rows, panel.name, spws, (truths or {}).get(track))
        if doubtful:
            axes[0, column].set_title(f"{track}: {NOT_FOUND}", color=ALARM, wrap=True)
        else:
            axes[0, column].set_title(str(track))
        label_time(axes[-1, column])
    good = curves[np.asarray(curves["good"], bool)]
    for axis, panel in zip(axes[:, 0], PANELS, strict=True):
        axis.set_ylabel(panel.label)
        set_range(axis, np.asarray(good[panel.name], float))
        if panel.name == "EVPA":
            _set_angle_range(axis)
    _add_legend(figure, axes[0], title)
    return figure


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
        markerscale=2,
    )


def plot_variability(structure: Table, correlation: Table) -> Figure:
    """Draw structure functions and correlations against lag, a column for each track or all.

    Parameters
    ----------
    structure, correlation : the campaign's structure_function.ecsv and correlation.ecsv
    """
    tracks = list(dict.fromkeys(structure["track"])) or [""]
    spws = sorted(set(structure["spw"]))
    colors = dict(zip(spws, COLORS * len(spws), strict=False))
    figure = Figure(figsize=(1.5 + 4.2 * len(tracks), 7), layout="constrained", dpi=130)
    axes = figure.subplots(2, len(tracks), sharex="row", sharey="row", squeeze=False)
    for column, track in enumerate(tracks):
        above, below = axes[:, column]
        above.set_title("all tracks" if track == "*" else str(track))
        for spw in spws:
            rows = structure[(structure["track"] == track) & (structure["spw"] == spw)]
            _draw_lagged(above, rows, "structure_function", colors[spw], f"spw {spw}")
            # a single spw with itself
            if spw != spws[0] or len(spws) == 1:
                pair = (correlation["spw_1"] == spws[0]) & (correlation["spw_2"] == spw)
                rows = correlation[(correlation["track"] == track) & pair]
                label = f"spws {spws[0]} and {spw}"
                _draw_lagged(below, rows, "correlation", colors[spw], label)
        below.axhline(0, color="black", lw=0.7)
        above.set_xscale("log")
        if np.any(np.asarray(structure["structure_function"]) > 0):
            above.set_yscale("log")
        for axis in (above, below):
            axis.set_xlabel("lag (min)")
            axis.grid(alpha=0.25)
            axis.xaxis.set_major_formatter("{x:g}")
    axes[0, 0].set_ylabel("structure function of I (Jy$^2$)")
    axes[1, 0].set_ylabel("correlation")
    for axis in axes[:, 0]:
        if axis.get_legend_handles_labels()[1]:
            axis.legend(frameon=False)
    return figure


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


def _draw_panel(axis: Axes, rows: Table, name: str, spws: list[int], truth: Any) -> None:
    for spw, color in zip(spws, COLORS * len(spws), strict=False):
        of_spw = rows[rows["spw"] == spw]
        if not len(of_spw):
            continue
        frequency = of_spw["frequency"][0] / 1e9
        label = f"spw {spw} ({frequency:.1f} GHz)"
        draw_series(axis, of_spw["mjd"], of_spw[name], of_spw[f"{name}_err"], color, label)
        if truth is not None:
            times, values = _truth(truth[truth["spw"] == spw], name)
            axis.plot(
                times,
                values,
                color="black",
                lw=0.7,
                zorder=3,
                label="truth" if spw == rows["spw"][-1] else None,
            )
    axis.grid(alpha=0.25)


def _set_angle_range(axis: Axes) -> None:
    """Show no more than the half turn that an EVPA takes."""
    low, high = axis.get_ylim()
    axis.set_ylim(max(low, -95), min(high, 95))


def _truth(truth: Any, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Times and values of the truth, with a gap wherever the observation has one."""
    times = truth["mjd_s"].to_numpy() / 86400.0
    q, u = truth["Q"].to_numpy(), truth["U"].to_numpy()
    derived = {"P": np.hypot(q, u), "EVPA": np.degrees(np.arctan2(u, q) / 2)}
    values = derived[name] if name in derived else truth[name].to_numpy()
    gaps = np.flatnonzero(np.diff(stretches(times))) + 1
    if name == "EVPA":
        gaps = np.union1d(gaps, np.flatnonzero(np.abs(np.diff(values)) > 90) + 1)
    return mjd_dates(np.insert(times, gaps, times[gaps - 1])), np.insert(values, gaps, np.nan)
