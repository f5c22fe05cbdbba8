"""Panels of the interactive figures: empty ones, their axes, and what is said of a point.

All that is drawn of a spw has the tag ``spw{number}``, by which the page shows and hides it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bokeh.layouts import gridplot
from bokeh.models import ColumnDataSource, DatetimeTickFormatter, GridPlot, HoverTool, NoOverlap
from bokeh.models.renderers import DataRenderer
from bokeh.plotting import figure

from minispiral.plots.style import COLORS

HEIGHT = 190  # of a panel, pixels
TOOLS = "xpan,xbox_zoom,xwheel_zoom,reset,save"
INK = "#222222"


def spw_color(spws: Sequence[int], spw: int) -> str:
    """Colour of a spw among all those of the campaign."""
    return COLORS[list(spws).index(spw) % len(COLORS)]


def source_of(data: Mapping[str, Any]) -> ColumnDataSource:
    """Columns as Bokeh takes them."""
    return ColumnDataSource(dict(data))


def empty_panel(name: str, label: str, below: str | None, **ranges: Any) -> figure:
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
        axis.major_label_policy = NoOverlap()
        axis.axis_label_text_color = axis.major_label_text_color = INK
    panel.grid.grid_line_alpha = 0.5
    panel.min_border_left = 80  # so that the panels' axes stand below each other
    return panel


def hours() -> DatetimeTickFormatter:
    """Labels of an axis of time: hours and minutes, and seconds where it is zoomed in."""
    minutes, seconds = "%H:%M", "%H:%M:%S"
    return DatetimeTickFormatter(
        days=minutes,
        hours=minutes,
        hourmin=minutes,
        minutes=minutes,
        minsec=seconds,
        seconds=seconds,
    )


def named_spw(spw: int | None, *renderers: DataRenderer) -> DataRenderer:
    """Name what is drawn of a spw for the hover, and tag it; return the first."""
    if spw is not None:
        for renderer in renderers:
            renderer.tags = [f"spw{spw}"]
        renderers[0].name = f"spw {spw}"
    return renderers[0]


def hover(renderers: list[DataRenderer], text: str) -> HoverTool:
    """Tell time and name of a point that is pointed at, and a text with its columns."""
    return HoverTool(
        renderers=renderers,
        tooltips=f"@time{{%H:%M:%S}} UTC, $name<br>{text}",
        formatters={"@time": "datetime"},
        point_policy="snap_to_data",
        attachment="above",
        muted_policy="ignore",
    )


def below_each_other(figures: Sequence[figure]) -> GridPlot:
    """Panels below each other with one toolbar."""
    return gridplot(
        [[panel] for panel in figures],
        merge_tools=True,
        toolbar_location="right",
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
    )
