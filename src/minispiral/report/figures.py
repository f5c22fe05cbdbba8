"""The report's interactive figures, by Bokeh: what one track did in time, and what its fit left.

Everything drawn of a spw has the tag ``spw{number}``, by which the page shows and hides it; all
panels in time share one range, so that zooming one zooms all, and their values follow what is in
view. What neighbouring integrations share of their errors is a band, the rest are bars.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from astropy.table import Table
from bokeh.model import Model
from bokeh.models import ColumnDataSource, DataRange1d, DatetimeAxis, GridPlot, Range1d
from bokeh.models.renderers import DataRenderer
from bokeh.plotting import figure

from minispiral.gains.covariance_table import shared_error
from minispiral.io.tables import columns
from minispiral.light_curves.flagging import EXPLANATIONS
from minispiral.measures.angles import middle
from minispiral.measures.integrations import scan_labels
from minispiral.measures.times import stretches
from minispiral.plots.style import COLORS, PANELS, Panel, mjd_dates
from minispiral.plots.track import POLARIMETRY_PANELS
from minispiral.report.model_figures import hour_angle_panel, pointing_panel, residual_panels
from minispiral.report.panels import (
    below_each_other,
    empty_panel,
    hours,
    hover,
    named_spw,
    source_of,
    spw_color,
)
from minispiral.report.points import band, bin_size, flagged_points, good_points

FLAG_COLOR = "#777777"
EDGE = 0.04  # of a panel, where flagged integrations are marked
LARGE = 0.3  # errors over the range of the values
MARKS = "marks"  # name of the range, 0 to 1, in which they are

MINISPIRAL = (
    Panel("I_extended", "as fitted (Jy)"),
    Panel("scaled", "scaled (Jy)"),
)
GAINS = (Panel("gain", "gain"),)
SHARED = ("I", "P", "gain")  # whose errors contain the gain's
SECTIONS = {"light_curves": PANELS, "minispiral": MINISPIRAL, "gains": GAINS}


@dataclass(frozen=True)
class TrackFigures:
    """Figures of one track, by their section of the page; `binned` integrations make a point."""

    sections: dict[str, GridPlot]
    binned: int


@dataclass(frozen=True)
class _Points:
    """What is drawn of a spw: its good integrations, and the flagged ones by their flag."""

    good: ColumnDataSource
    flagged: dict[str, ColumnDataSource]
    bands: dict[str, ColumnDataSource]


def track_figures(
    curves: Table,
    residuals: Mapping[int, Table],
    hour_angles: Mapping[int, Table],
    polarimetry: Table | None,
    spws: Sequence[int],
    points: int,
    pointing: Table | None = None,
) -> TrackFigures:
    """Make all figures of one track.

    Parameters
    ----------
    curves : the track's light_curves.ecsv
    residuals, hour_angles : its spws' tables of `minispiral.fit.residuals`
    polarimetry : its polarimetry.ecsv, where it has one
    spws : all of the campaign, for their colours
    points : about as many of each spw are drawn
    pointing : its pointing.ecsv, drawn where it is used
    """
    times = DataRange1d(only_visible=False)
    numbers = sorted(set(curves["spw"]))
    largest = max(int(np.sum(curves["good"][curves["spw"] == spw])) for spw in numbers)
    size = bin_size(largest, points)
    drawn: dict[int | None, _Points] = {}
    near: dict[str, float] = {}
    for spw in numbers:
        drawn[spw] = _points(columns(curves[curves["spw"] == spw]), size, points, near)
        angle = middle(np.asarray(drawn[spw].good.data["EVPA"], float))
        if angle is not None:
            near.setdefault("EVPA", angle)
    below = f"UTC, {mjd_dates(np.min(curves['mjd'])).astype('datetime64[D]')}"
    sections = {
        name: _time_panels(there, drawn, spws, times, below)
        for name, panels in SECTIONS.items()
        if (there := _measured(panels, drawn))
    }
    if "minispiral" in sections:
        _same_range(sections["minispiral"])
    if polarimetry is not None and len(polarimetry):
        values = columns(polarimetry)
        every = np.ones(len(polarimetry), bool)
        data = good_points(values, every, stretches(values["mjd"]), POLARIMETRY_PANELS, size)
        of_all: dict[int | None, _Points] = {None: _Points(source_of(data), {}, {})}
        there = _measured(POLARIMETRY_PANELS, of_all)
        if there:
            sections["polarimetry"] = _time_panels(there, of_all, spws, times, below)
    if pointing is not None and pointing.meta["kept"]:
        sections["pointing"] = below_each_other([pointing_panel(pointing, times, below)])
    if any(len(table) for table in residuals.values()):
        sections["residuals"] = residual_panels(residuals, spws)
    if any(len(table) for table in hour_angles.values()):
        sections["hour_angles"] = below_each_other([hour_angle_panel(hour_angles, spws)])
    return TrackFigures(sections, size)


def _measured(panels: Sequence[Panel], drawn: Mapping[int | None, _Points]) -> list[Panel]:
    """Those panels of which any spw has a good integration: dual-hand data have no EVPA."""
    return [
        panel
        for panel in panels
        if any(np.isfinite(points.good.data[panel.name]).any() for points in drawn.values())
    ]


def _points(
    values: dict[str, np.ndarray], size: int, points: int, near: Mapping[str, float]
) -> _Points:
    values["scaled"] = values["gain"] * values["I_extended"]
    values["scaled_err"] = values["gain"] * values["I_extended_err"]
    relative = shared_error(values)
    shared = {name: np.abs(values[name]) * relative for name in SHARED}
    panels = [panel for of_section in SECTIONS.values() for panel in of_section]
    labels = scan_labels(values)
    good = good_points(values, values["good"].astype(bool), labels, panels, size, shared, near)
    angle = middle(good["EVPA"].astype(float), near.get("EVPA"))
    around = {} if angle is None else {"EVPA": angle}
    flagged = flagged_points(values, panels, points, around)
    return _Points(
        source_of(good),
        {flag: source_of(data) for flag, data in flagged.items()},
        {name: source_of(band(good, name)) for name in SHARED},
    )


def _time_panels(
    panels: Sequence[Panel],
    drawn: Mapping[int | None, _Points],
    spws: Sequence[int],
    times: DataRange1d,
    below: str,
) -> GridPlot:
    figures = []
    for panel in panels:
        name = panel.name
        followed_range = DataRange1d(only_visible=True, range_padding=0.15)
        plot = empty_panel(
            name,
            panel.label,
            below if panel is panels[-1] else None,
            x_axis_type="datetime",
            x_range=times,
            y_range=followed_range,
            window_axis="x",
        )
        plot.extra_y_ranges = {MARKS: Range1d(start=0, end=1)}
        if panel is panels[0] and len(panels) > 2:  # the lowest axis may be off the screen
            plot.add_layout(DatetimeAxis(formatter=hours()), "above")
        plot.xaxis.formatter = hours()
        points: list[DataRenderer] = []
        crosses: list[DataRenderer] = []
        bands: list[DataRenderer] = []
        bars: list[DataRenderer] = []
        for spw, of_spw in drawn.items():
            color = COLORS[0] if spw is None else spw_color(spws, spw)
            if name in of_spw.bands:
                bands.append(_draw_band(plot, of_spw.bands[name], color, spw))
            bars.append(_draw_bars(plot, of_spw.good, name, color, spw))
            points.append(_draw_points(plot, of_spw.good, name, color, spw))
            crosses += [
                _draw_crosses(plot, source, spw, flag) for flag, source in of_spw.flagged.items()
            ]
        followed_range.renderers = [*points, *bands, *(bars if _are_large(drawn, name) else [])]
        form = _form(drawn, name)
        plot.add_tools(hover(points, f"@{name}{{{form}}} ± @{name}_err{{{form}}}"))
        plot.add_tools(hover(crosses, f"@{name}{{{form}}}"))
        figures.append(plot)
    return below_each_other(figures)


def _are_large(drawn: Mapping[int | None, _Points], name: str) -> bool:
    """Whether errors are so large that what is shown has to reach to the ends of their bars."""
    values, errors = (
        np.concatenate([np.asarray(points.good.data[key], float) for points in drawn.values()])
        for key in (name, f"{name}_err")
    )
    if not np.isfinite(values).any() or not np.isfinite(errors).any():
        return False
    low, high = np.nanpercentile(values, [2, 98])
    return bool(np.nanmedian(errors) > LARGE * (high - low))


def _form(drawn: Mapping[int | None, _Points], name: str) -> str:
    """How numbers are written: to the second digit of their error, in the median."""
    errors = np.concatenate([np.asarray(p.good.data[f"{name}_err"], float) for p in drawn.values()])
    errors = errors[np.isfinite(errors) & (errors > 0)]
    digits = max(0, 1 - int(np.floor(np.log10(np.median(errors))))) if len(errors) else 4
    return "0." + "0" * digits if digits else "0"


def _draw_bars(
    panel: figure, source: ColumnDataSource, name: str, color: str, spw: int | None
) -> DataRenderer:
    bars = panel.segment(
        x0="time",
        x1="time",
        y0=f"{name}_low",
        y1=f"{name}_high",
        alpha=0.35,
        source=source,
        color=color,
    )
    bars.tags = [] if spw is None else [f"spw{spw}"]
    return bars


def _draw_points(
    panel: figure, source: ColumnDataSource, name: str, color: str, spw: int | None
) -> DataRenderer:
    points = panel.scatter(x="time", y=name, size=3, source=source, color=color)
    return named_spw(spw, points)


def _draw_band(
    panel: figure, source: ColumnDataSource, color: str, spw: int | None
) -> DataRenderer:
    """Draw what neighbouring integrations share of their errors."""
    area = panel.varea(
        x="time", y1="low", y2="high", source=source, fill_alpha=0.25, fill_color=color
    )
    area.tags = [] if spw is None else [f"spw{spw}"]
    return area


def _draw_crosses(
    panel: figure, source: ColumnDataSource, spw: int | None, flag: str
) -> DataRenderer:
    """Mark flagged integrations at the lower edge, wherever their values lie."""
    crosses = panel.scatter(
        x="time", y=EDGE, source=source, marker="x", size=7, color=FLAG_COLOR, y_range_name=MARKS
    )
    crosses.tags = [f"spw{spw}", "flagged"]
    crosses.name = f"spw {spw}, not used ({EXPLANATIONS.get(flag, flag)})"
    return crosses


def _same_range(grid: GridPlot) -> None:
    """Give all panels one range of values, so that they can be compared."""
    panels = [cast(figure, child[0]) for child in grid.children]
    shown = cast(DataRange1d, panels[0].y_range)
    shown.renderers = [
        renderer
        for panel in panels
        for renderer in cast(list[Model], cast(DataRange1d, panel.y_range).renderers)
    ]
    for panel in panels:
        panel.y_range = shown
