"""Interactive figures of what a track's fit left, and of where its antennas pointed."""

from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from astropy.table import Table
from bokeh.models import DataRange1d, GridPlot, HoverTool, LogTicker, NumeralTickFormatter
from bokeh.models.annotations import Span
from bokeh.models.renderers import DataRenderer
from bokeh.plotting import figure

from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.plots.style import COLORS, mjd_dates
from minispiral.report.panels import (
    INK,
    below_each_other,
    empty_panel,
    hours,
    hover,
    named_spw,
    source_of,
    spw_color,
)


def residual_panels(residuals: Mapping[int, Table], spws: Sequence[int]) -> GridPlot:
    """Chi-square and mean residual against the length of the baseline."""
    baselines = DataRange1d(only_visible=False)
    figures = []
    for name, label, level in (
        ("chi2", "reduced chi-square", 1.0),
        ("mean", "mean residual (mJy)", 0.0),
    ):
        below = "projected baseline (kilowavelengths)" if name == "mean" else None
        panel = empty_panel(name, label, below, x_axis_type="log", x_range=baselines)
        units = "kilowavelengths"
        _draw_lines(panel, residuals, spws, "baseline", 1e3, name, level, units)
        cast(LogTicker, panel.xaxis.ticker).mantissas = [1, 2, 5]
        panel.xaxis.formatter = NumeralTickFormatter(format="0[.]0")
        figures.append(panel)
    return below_each_other(figures)


def hour_angle_panel(hour_angles: Mapping[int, Table], spws: Sequence[int]) -> figure:
    """Chi-square against the hour angle."""
    panel = empty_panel("chi2", "reduced chi-square", "hour angle (h)")
    _draw_lines(panel, hour_angles, spws, "hour_angle", 1.0, "chi2", 1.0, "h")
    return panel


def pointing_panel(table: Table, times: DataRange1d, below: str) -> figure:
    """Mean offsets of the antennas' pointing in time, with their errors."""
    panel = empty_panel("pointing", "offset (arcsec)", below, x_axis_type="datetime", x_range=times)
    panel.xaxis.formatter = hours()
    panel.add_layout(Span(location=0.0, dimension="width", line_color=INK))
    time = mjd_dates(np.asarray(table["time"], float) / SECONDS_PER_DAY)
    for axis, color in (("east", COLORS[0]), ("north", COLORS[1])):
        value, error = (np.asarray(table[name], float) for name in (axis, f"{axis}_err"))
        source = source_of({"time": time, axis: value, "low": value - error, "high": value + error})
        panel.segment(
            x0="time", x1="time", y0="low", y1="high", alpha=0.35, source=source, color=color
        )
        points = panel.scatter(
            x="time", y=axis, size=4, source=source, color=color, legend_label=axis
        )
        points.name = axis
        panel.add_tools(
            hover([points], f"@{axis}{{0.000}} arcsec (@low{{0.000}} to @high{{0.000}})")
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
        source = source_of(
            {
                against: np.asarray(table[against], float) / unit,
                "n": np.asarray(table["n_vis"]).tolist(),
                name: np.asarray(table[name], "f4") * (1e3 if name == "mean" else 1),
            }
        )
        color = spw_color(spws, spw)
        line = panel.line(x=against, y=name, source=source, color=color)
        points = panel.scatter(x=against, y=name, size=5, source=source, color=color)
        lines.append(named_spw(spw, points, line))
    panel.add_tools(
        HoverTool(
            renderers=lines,
            tooltips=f"$name, @{against}{{0.0}} {unit_name}<br>@{name}{{0.000}}, @n visibilities",
        )
    )
