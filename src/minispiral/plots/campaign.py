"""Pictures of the products, by matplotlib alone: no window, no global state."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import Table
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from PIL import Image

from minispiral.atomic import replacing
from minispiral.integrations import stretches

# Okabe & Ito's colours, which colour-blind readers tell apart
COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000", "#F0E442")

WEBP_QUALITY = 88
LEGEND_ENTRY = 2.0  # inches, of a spw and its frequency


@dataclass(frozen=True)
class Panel:
    """A panel against time: the column that it shows, its label, and the unit it is drawn in."""

    name: str
    label: str
    unit: float = 1.0


PANELS = (
    Panel("I", "Stokes I (Jy)"),
    Panel("P", "linear polarisation P (Jy)"),
    Panel("EVPA", "EVPA (deg)"),
    Panel("V", "Stokes V (Jy)"),
)


def plot_light_curves(
    curves: Table, truths: Mapping[str, Any] | None = None, title: str = ""
) -> Figure:
    """Draw I, P, EVPA and V of every track (a column each) and spw (a colour each).

    Good integrations only. The vertical range follows the points, not the error bars of outliers.

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
        for axis, panel in zip(axes[:, column], PANELS, strict=True):
            _draw_panel(axis, rows, panel.name, spws, (truths or {}).get(track))
        axes[0, column].set_title(str(track))
        label_time(axes[-1, column])
    good = curves[np.asarray(curves["good"], bool)]
    for axis, panel in zip(axes[:, 0], PANELS, strict=True):
        axis.set_ylabel(panel.label)
        set_range(axis, np.asarray(good[panel.name], float))
        if panel.name == "EVPA":
            _set_angle_range(axis)
    entries = {}
    for axis in axes[0]:
        handles, labels = axis.get_legend_handles_labels()
        entries |= dict(zip(labels, handles, strict=True))
    labels = sorted(entries)
    figure.legend(
        [entries[label] for label in labels],
        labels,
        loc="outside upper center",
        ncols=max(1, int(figure.get_figwidth() // LEGEND_ENTRY)),
        frameon=False,
        title=title,
        markerscale=2,
    )
    return figure


def plot_absorption(table: Table, title: str) -> Figure:
    """Draw one spw's ratio to the power law through the others against elevation, and its model."""
    figure = Figure(figsize=(7, 4.2), layout="constrained", dpi=130)
    axis = figure.subplots()
    used = np.asarray(table["used"], bool)
    elevation, ratio = (np.asarray(table[name], float) for name in ("elevation", "ratio"))
    axis.errorbar(
        elevation[used],
        ratio[used],
        np.asarray(table["ratio_err"], float)[used],
        fmt=".",
        ms=5,
        lw=0.4,
        alpha=0.7,
        markeredgewidth=0,
        color=COLORS[0],
        label="measured",
    )
    order = np.argsort(elevation)
    model, error = (np.asarray(table[name], float)[order] for name in ("model", "model_err"))
    axis.plot(
        elevation[order],
        model,
        color="black",
        lw=1,
        zorder=3,
        label=f"polynomial of order {table.meta['order']}, divided out",
    )
    axis.fill_between(
        elevation[order], model - error, model + error, color="black", alpha=0.2, lw=0, zorder=2
    )
    set_range(axis, ratio[used])
    spws = ", ".join(map(str, table.meta["spws"]))
    axis.set_title(title)
    axis.set_xlabel("elevation (deg)")
    axis.set_ylabel(f"Stokes I over power law of spws {spws}")
    axis.grid(alpha=0.25)
    axis.legend(frameon=False, loc="best")
    return figure


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
            mine = structure[(structure["track"] == track) & (structure["spw"] == spw)]
            _draw_lagged(above, mine, "structure_function", colors[spw], f"spw {spw}")
            # a single spw with itself
            if spw != spws[0] or len(spws) == 1:
                pair = (correlation["spw_1"] == spws[0]) & (correlation["spw_2"] == spw)
                mine = correlation[(correlation["track"] == track) & pair]
                label = f"spws {spws[0]} and {spw}"
                _draw_lagged(below, mine, "correlation", colors[spw], label)
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
        mine = rows[rows["spw"] == spw]
        if not len(mine):
            continue
        frequency = mine["frequency"][0] / 1e9
        label = f"spw {spw} ({frequency:.1f} GHz)"
        draw_series(axis, mine["mjd"], mine[name], mine[f"{name}_err"], color, label)
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


def draw_series(axis: Axes, mjd: Any, values: Any, errors: Any, color: str, label: str) -> None:
    """Draw points with error bars against UTC; as pixels in a PDF, of which there may be many.

    All bars are one line with gaps: matplotlib's own, an object each, take ten times as long.
    """
    x, y, error = mjd_dates(mjd), np.ma.filled(values, np.nan), np.ma.filled(errors, np.nan)
    bars = np.stack([y - error, y + error, np.full(len(y), np.nan)], axis=1)
    style = {"alpha": 0.6, "color": color, "rasterized": True}
    axis.plot(np.repeat(x, 3), bars.ravel(), lw=0.5, **style)
    axis.plot(x, y, ".", ms=3, markeredgewidth=0, label=label, **style)


def padded_range(values: np.ndarray, share: float = 1.0) -> tuple[float, float]:
    """Range of the inner `share` of the values, with a margin; 0 to 1 if there are none."""
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = np.percentile(values, [50 * (1 - share), 50 * (1 + share)])
    margin = 0.15 * (max(high - low, 1e-3 * abs(high)) or 1.0)
    return float(low - margin), float(high + margin)


def set_range(axis: Axes, values: np.ndarray) -> None:
    """Let an axis show the inner 98 % of its values, whatever outliers there are."""
    axis.set_ylim(*padded_range(values, 0.98))


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


def mjd_dates(mjd: Any) -> np.ndarray:
    """MJD (UTC days) as numpy datetimes, which matplotlib labels."""
    return np.datetime64("1858-11-17", "us") + (np.asarray(mjd) * 86400e6).astype("timedelta64[us]")


def label_time(axis: Axes) -> None:
    """Label a time axis with UTC hours."""
    locator = AutoDateLocator(maxticks=6)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axis.set_xlabel("UTC")


def save(figure: Figure, *paths: str | Path) -> None:
    """Save a picture by the suffix of each path, PNG or PDF, alike whenever it is made."""
    for path in paths:
        with replacing(path) as part:
            metadata = {"CreationDate": None} if part.suffix == ".pdf" else {}
            figure.savefig(part, metadata=metadata)


def webp(path: str | Path) -> bytes:
    """Return a picture for a page, as WebP: to the eye as it was drawn, a fraction of the size."""
    buffer = io.BytesIO()
    with Image.open(path) as image:
        image.convert("RGB").save(buffer, "WEBP", quality=WEBP_QUALITY, method=6)
    return buffer.getvalue()
