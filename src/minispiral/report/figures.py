"""The report's interactive figures, by Bokeh: what one track did in time, and what its fit left.

Everything drawn of a spw has the tag ``spw{number}``, by which the page shows and hides it; all
panels in time share one range, so that zooming one zooms all, and their values follow what is in
view. What neighbouring integrations share of their errors is a band, the rest are bars.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from astropy.table import Table
from bokeh.layouts import gridplot
from bokeh.models import (
    ColumnDataSource,
    DataRange1d,
    DatetimeAxis,
    DatetimeTickFormatter,
    GridPlot,
    HoverTool,
    LogTicker,
    NumeralTickFormatter,
    Range1d,
)
from bokeh.models.annotations import Span
from bokeh.models.renderers import DataRenderer
from bokeh.plotting import figure

from minispiral.gains.covariance_table import shared_error
from minispiral.io.tables import columns
from minispiral.light_curves.flagging import EXPLANATIONS
from minispiral.measures.angles import middle
from minispiral.measures.integrations import scan_labels
from minispiral.measures.times import stretches
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.plots.style import COLORS, PANELS, Panel, mjd_dates
from minispiral.plots.track import POLARIMETRY_PANELS
from minispiral.report.points import band, bin_size, flagged_points, good_points

HEIGHT = 190  # of a panel, pixels
TOOLS = "xpan,xbox_zoom,xwheel_zoom,reset,save"
FLAG_COLOR = "#777777"
EDGE = 0.04  # of a panel, where flagged integrations are marked
MARKS = "marks"  # name of the range, 0 to 1, in which they are
INK = "#222222"

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


def spw_color(spws: Sequence[int], spw: int) -> str:
    """Colour of a spw among all those of the campaign."""
    return COLORS[list(spws).index(spw) % len(COLORS)]


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
        middle_angle = middle(drawn[spw].good.data["EVPA"].astype(float))
        if middle_angle is not None:
            near.setdefault("EVPA", middle_angle)
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
        of_all: dict[int | None, _Points] = {None: _Points(_source(data), {}, {})}
        there = _measured(POLARIMETRY_PANELS, of_all)
        if there:
            sections["polarimetry"] = _time_panels(there, of_all, spws, times, below)
    if pointing is not None and pointing.meta["kept"]:
        sections["pointing"] = _grid([_pointing_panel(pointing, times, below)])
    if any(len(table) for table in residuals.values()):
        sections["residuals"] = _residual_panels(residuals, spws)
    if any(len(table) for table in hour_angles.values()):
        sections["hour_angles"] = _grid([_hour_angle_panel(hour_angles, spws)])
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
        _source(good),
        {flag: _source(data) for flag, data in flagged.items()},
        {name: _source(band(good, name)) for name in SHARED},
    )


def _source(data: Mapping[str, Any]) -> ColumnDataSource:
    """Columns as Bokeh takes them."""
    return ColumnDataSource(dict(data))


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
        plot = _panel(
            name,
            panel.label,
            below if panel is panels[-1] else None,
            x_axis_type="datetime",
            x_range=times,
            y_range=followed_range,
            window_axis="x",
        )
        plot.extra_y_ranges = {MARKS: Range1d(0, 1)}
        if panel is panels[0] and len(panels) > 2:  # the lowest axis may be off the screen
            plot.add_layout(DatetimeAxis(formatter=_hours()), "above")
        plot.xaxis.formatter = _hours()
        points: list[DataRenderer] = []
        crosses: list[DataRenderer] = []
        bands: list[DataRenderer] = []
        for spw, of_spw in drawn.items():
            color = COLORS[0] if spw is None else spw_color(spws, spw)
            if name in of_spw.bands:
                bands.append(_draw_band(plot, of_spw.bands[name], color, spw))
            points.append(_draw_points(plot, of_spw.good, name, color, spw))
            crosses += [
                _draw_crosses(plot, source, spw, flag) for flag, source in of_spw.flagged.items()
            ]
        followed_range.renderers = [*points, *bands]
        plot.add_tools(_hover(points, f"@{name}{{0.0000}} ± @{name}_err{{0.0000}}"))
        plot.add_tools(_hover(crosses, f"@{name}{{0.0000}}"))
        figures.append(plot)
    return _grid(figures)


def _panel(name: str, label: str, below: str | None, **ranges: Any) -> figure:
    """An empty panel; the lowest of its block, with a label `below`, has the labels of its axis."""
    panel = figure(
        height=HEIGHT + (35 if below else 0),
        sizing_mode="stretch_width",
        tools=TOOLS,
        active_drag="xbox_zoom",
        tags=[name],
        background_fill_color=None,  # the page's own, light or dark
        border_fill_color=None,
        **ranges,
    )
    panel.yaxis.axis_label = label
    if below is None:
        panel.xaxis.major_label_text_font_size = "0px"
    else:
        panel.xaxis.axis_label = below
    for axis in (panel.xaxis, panel.yaxis):
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_color = axis.major_label_text_color = INK
    panel.grid.grid_line_alpha = 0.5
    panel.min_border_left = 80  # so that the panels' axes stand below each other
    return panel


def _hours() -> DatetimeTickFormatter:
    minutes, seconds = "%H:%M", "%H:%M:%S"
    return DatetimeTickFormatter(
        days=minutes,
        hours=minutes,
        hourmin=minutes,
        minutes=minutes,
        minsec=seconds,
        seconds=seconds,
    )


def _draw_points(
    panel: figure, source: ColumnDataSource, name: str, color: str, spw: int | None
) -> DataRenderer:
    """Draw points with their bars; return the points."""
    bars = panel.segment(
        x0="time",
        x1="time",
        y0=f"{name}_low",
        y1=f"{name}_high",
        alpha=0.35,
        source=source,
        color=color,
    )
    points = panel.scatter(x="time", y=name, size=3, source=source, color=color)
    return _of_spw(spw, points, bars)


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


def _of_spw(spw: int | None, *renderers: DataRenderer) -> DataRenderer:
    """Name what is drawn of a spw for the hover, and tag it; return the first."""
    if spw is not None:
        for renderer in renderers:
            renderer.tags = [f"spw{spw}"]
        renderers[0].name = f"spw {spw}"
    return renderers[0]


def _hover(renderers: list[DataRenderer], text: str) -> HoverTool:
    return HoverTool(
        renderers=renderers,
        tooltips=f"@time{{%H:%M:%S}} UTC, $name<br>{text}",
        formatters={"@time": "datetime"},
        point_policy="snap_to_data",
        attachment="above",
        muted_policy="ignore",
    )


def _same_range(grid: GridPlot) -> None:
    """Give all panels one range of values, so that they can be compared."""
    panels = [cast(figure, child[0]) for child in grid.children]
    shown = cast(DataRange1d, panels[0].y_range)
    shown.renderers = [r for panel in panels for r in cast(DataRange1d, panel.y_range).renderers]
    for panel in panels:
        panel.y_range = shown


def _residual_panels(residuals: Mapping[int, Table], spws: Sequence[int]) -> GridPlot:
    """Chi-square and mean residual against the length of the baseline."""
    baselines = DataRange1d(only_visible=False)
    figures = []
    for name, label, level in (
        ("chi2", "reduced chi-square", 1.0),
        ("mean", "mean residual (mJy)", 0.0),
    ):
        below = "projected baseline (kilowavelengths)" if name == "mean" else None
        panel = _panel(name, label, below, x_axis_type="log", x_range=baselines)
        units = "kilowavelengths"
        _draw_lines(panel, residuals, spws, "baseline", 1e3, name, level, units)
        cast(LogTicker, panel.xaxis.ticker).mantissas = [1, 2, 5]
        panel.xaxis.formatter = NumeralTickFormatter(format="0[.]0")
        figures.append(panel)
    return _grid(figures)


def _hour_angle_panel(hour_angles: Mapping[int, Table], spws: Sequence[int]) -> figure:
    """Chi-square against the hour angle."""
    panel = _panel("chi2", "reduced chi-square", "hour angle (h)")
    _draw_lines(panel, hour_angles, spws, "hour_angle", 1.0, "chi2", 1.0, "h")
    return panel


def _pointing_panel(table: Table, times: DataRange1d, below: str) -> figure:
    """Mean offsets of the antennas' pointing in time, with their errors."""
    panel = _panel("pointing", "offset (arcsec)", below, x_axis_type="datetime", x_range=times)
    panel.xaxis.formatter = _hours()
    panel.add_layout(Span(location=0.0, dimension="width", line_color=INK))
    time = mjd_dates(np.asarray(table["time"], float) / SECONDS_PER_DAY)
    for axis, color in (("east", COLORS[0]), ("north", COLORS[1])):
        value, error = (np.asarray(table[name], float) for name in (axis, f"{axis}_err"))
        source = _source({"time": time, axis: value, "low": value - error, "high": value + error})
        panel.segment(
            x0="time", x1="time", y0="low", y1="high", alpha=0.35, source=source, color=color
        )
        points = panel.scatter(
            x="time", y=axis, size=4, source=source, color=color, legend_label=axis
        )
        points.name = axis
        panel.add_tools(
            _hover([points], f"@{axis}{{0.000}} arcsec (@low{{0.000}} to @high{{0.000}})")
        )
    return panel


def _draw_lines(
    panel: figure,
    tables: Mapping[int, Table],
    spws: Sequence[int],
    against: str,
    unit: float,
    name: str,
    level: float,
    unit_name: str,
) -> None:
    """Draw a column of each spw's table against another, in a unit, and where it should lie."""
    panel.add_layout(Span(location=level, dimension="width", line_color=INK))
    lines: list[DataRenderer] = []
    for spw, table in tables.items():
        source = _source(
            {
                against: np.asarray(table[against], float) / unit,
                "n": np.asarray(table["n_vis"]).tolist(),
                name: np.asarray(table[name], "f4") * (1e3 if name == "mean" else 1),
            }
        )
        color = spw_color(spws, spw)
        line = panel.line(x=against, y=name, source=source, color=color)
        points = panel.scatter(x=against, y=name, size=5, source=source, color=color)
        lines.append(_of_spw(spw, points, line))
    panel.add_tools(
        HoverTool(
            renderers=lines,
            tooltips=f"$name, @{against}{{0.0}} {unit_name}<br>@{name}{{0.000}}, @n visibilities",
        )
    )


def _grid(figures: Sequence[figure]) -> GridPlot:
    """Panels below each other with one toolbar."""
    return gridplot(
        [[panel] for panel in figures],
        merge_tools=True,
        toolbar_location="right",
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
    )
