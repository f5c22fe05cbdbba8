"""The report's interactive figures, by Bokeh: what one track did in time, and what its fit left.

Everything drawn of a spw has the tag ``spw{number}``, by which the page shows and hides it; all
panels in time share one range, so that zooming one zooms all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from astropy.table import Table
from bokeh.layouts import gridplot
from bokeh.models import (
    ColumnDataSource,
    DataRange1d,
    DatetimeTickFormatter,
    GlyphRenderer,
    GridPlot,
    HoverTool,
    NumeralTickFormatter,
    Range1d,
    Span,
)
from bokeh.plotting import figure

from minispiral.flagging import EXPLANATIONS
from minispiral.plots import COLORS, inner_range, mjd_dates
from minispiral.products import columns
from minispiral.report_points import bin_means, bin_size, evenly

HEIGHT = 190  # of a panel, pixels
TOOLS = "pan,box_zoom,xwheel_zoom,reset,save"
FLAG_COLOR = "#555555"
EDGE = 0.04  # of a panel, where points beyond it are marked

# panels of each block: column, label, and the unit that it is drawn in
LIGHT_CURVES = (
    ("I", "Stokes I (Jy)", 1.0),
    ("P", "P (Jy)", 1.0),
    ("EVPA", "EVPA (deg)", 1.0),
    ("V", "Stokes V (Jy)", 1.0),
)
MINISPIRAL = (
    ("I_extended", "as fitted (Jy)", 1.0),
    ("scaled", "scaled (Jy)", 1.0),
)
GAINS = (("gain", "gain", 1.0),)
POLARIMETRY = (
    ("rotation_measure", "RM (10⁵ rad m⁻²)", 1e5),
    ("EVPA_intrinsic", "intrinsic EVPA (deg)", 1.0),
    ("spectral_index", "spectral index", 1.0),
    ("depolarisation", "depolarisation", 1.0),
)


@dataclass(frozen=True)
class TrackFigures:
    """Figures of one track, by their section of the page; `binned` integrations make a point."""

    sections: dict[str, GridPlot]
    binned: int


def spw_color(spws: Sequence[int], spw: int) -> str:
    """Colour of a spw among all those of the campaign."""
    return COLORS[list(spws).index(spw) % len(COLORS)]


def track_figures(
    curves: Table,
    residuals: Mapping[int, Table],
    polarimetry: Table | None,
    spws: Sequence[int],
    points: int,
) -> TrackFigures:
    """Make all figures of one track.

    Parameters
    ----------
    curves : the track's light_curves.ecsv
    residuals : its spws' tables of `minispiral.fit_residuals`
    polarimetry : its polarimetry.ecsv, where it has one
    spws : all of the campaign, for their colours
    points : about as many of each spw are drawn
    """
    times = DataRange1d(only_visible=False)
    sources, flagged, size = {}, {}, 1
    for spw in sorted(set(curves["spw"])):
        mine = columns(curves[curves["spw"] == spw])
        mine["scaled"] = mine["gain"] * mine["I_extended"]
        mine["scaled_err"] = mine["gain"] * mine["I_extended_err"]
        shown = (*LIGHT_CURVES, *MINISPIRAL, *GAINS)
        good = mine["good"].astype(bool)
        own = bin_size(int(good.sum()), points)
        size = max(size, own)
        sources[spw] = _source(mine, good, [name for name, *_ in shown], own)
        flagged[spw] = _flagged(mine, ~good, [name for name, *_ in shown], points)
    day = _day(curves)
    sections = {
        name: _time_panels(panels, sources, flagged, spws, times, day)
        for name, panels in (
            ("light_curves", LIGHT_CURVES),
            ("minispiral", MINISPIRAL),
            ("gains", GAINS),
        )
    }
    _same_range(sections["minispiral"])
    if polarimetry is not None and len(polarimetry):
        values = columns(polarimetry)
        own = bin_size(len(polarimetry), points)
        source = _source(
            {**values, "scan": np.zeros(len(polarimetry), int)},
            np.ones(len(polarimetry), bool),
            [name for name, *_ in POLARIMETRY],
            own,
        )
        sections["polarimetry"] = _time_panels(POLARIMETRY, {None: source}, {}, spws, times, day)
    sections["residuals"] = _residual_panels(residuals, spws)
    return TrackFigures(sections, size)


def _day(curves: Table) -> str:
    return str(mjd_dates(np.min(curves["mjd"])).astype("datetime64[D]"))


def _milliseconds(mjd: np.ndarray) -> np.ndarray:
    return mjd_dates(mjd).astype("datetime64[us]").astype("int64") / 1e3


def _source(
    values: Mapping[str, np.ndarray], chosen: np.ndarray, names: Sequence[str], size: int
) -> ColumnDataSource:
    """Chosen integrations, binned: time, and for each name its value and the ends of its bar."""
    wanted = ["mjd", *names, *(f"{name}_err" for name in names)]
    means = bin_means({name: values[name][chosen] for name in wanted}, values["scan"][chosen], size)
    data = {"time": _milliseconds(means["mjd"])}
    for name in names:
        value, error = means[name], means[f"{name}_err"]
        data[name] = value.astype("f4")
        data[f"{name}_low"] = (value - error).astype("f4")
        data[f"{name}_high"] = (value + error).astype("f4")
        data[f"{name}_err"] = error.astype("f4")
    return ColumnDataSource(data)


def _flagged(
    values: Mapping[str, np.ndarray], chosen: np.ndarray, names: Sequence[str], points: int
) -> ColumnDataSource:
    """Flagged integrations, each by itself, with the reason."""
    places = np.flatnonzero(chosen)
    places = places[evenly(len(places), points)]
    data = {name: values[name][places].astype("f4") for name in names}
    reasons = [EXPLANATIONS.get(str(flag), str(flag)) for flag in values["flag"][places]]
    return ColumnDataSource({"time": _milliseconds(values["mjd"][places]), "flag": reasons, **data})


def _time_panels(
    panels: Sequence[tuple[str, str, float]],
    sources: Mapping[int | None, ColumnDataSource],
    flagged: Mapping[int, ColumnDataSource],
    spws: Sequence[int],
    times: DataRange1d,
    day: str,
) -> GridPlot:
    figures = []
    for name, label, unit in panels:
        below = f"UTC, {day}" if name == panels[-1][0] else None
        values = np.concatenate([source.data[name] for source in sources.values()])
        shown = Range1d(*inner_range(values.astype(float) / unit))
        panel = _panel(name, label, below, x_axis_type="datetime", x_range=times, y_range=shown)
        panel.xaxis.formatter = _hours()
        points = [
            _draw_points(
                panel,
                source if unit == 1 else _in_unit(source, name, unit),
                name,
                COLORS[0] if spw is None else spw_color(spws, spw),
                spw,
            )
            for spw, source in sources.items()
        ]
        crosses = [
            _draw_crosses(panel, _within(source, name, panel.y_range), spw)
            for spw, source in flagged.items()
            if len(source.data["time"])
        ]
        value = f"@{name}{{0.0000}}"
        panel.add_tools(_hover(points, f"{value} ± @{name}_err{{0.0000}}"))
        panel.add_tools(_hover(crosses, f"{value}, not used: @flag"))
        figures.append(panel)
    return _grid(figures)


def _panel(name: str, label: str, below: str | None, **ranges: object) -> figure:
    """An empty panel; the lowest of its block, with a label `below`, has the labels of its axis."""
    panel = figure(
        height=HEIGHT + (35 if below else 0),
        sizing_mode="stretch_width",
        tools=TOOLS,
        active_drag="box_zoom",
        tags=[name],
        **ranges,
    )
    panel.yaxis.axis_label = label
    if below is None:
        panel.xaxis.major_label_text_font_size = "0px"
    else:
        panel.xaxis.axis_label = below
    for axis in (panel.xaxis, panel.yaxis):
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_text_color = axis.major_label_text_color = "#222222"
    panel.grid.grid_line_alpha = 0.5
    panel.min_border_left = 80  # so that the panels' axes stand below each other
    return panel


def _hours() -> DatetimeTickFormatter:
    minutes = dict.fromkeys(("days", "hours", "hourmin", "minutes"), "%H:%M")
    return DatetimeTickFormatter(**minutes, minsec="%H:%M:%S", seconds="%H:%M:%S")


def _draw_points(
    panel: figure, source: ColumnDataSource, name: str, color: str, spw: int | None
) -> GlyphRenderer:
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


def _draw_crosses(panel: figure, source: ColumnDataSource, spw: int) -> GlyphRenderer:
    crosses = panel.scatter(x="time", y="at", source=source, marker="x", size=7, color=FLAG_COLOR)
    _of_spw(spw, crosses)
    crosses.tags.append("flagged")
    return crosses


def _of_spw(spw: int | None, *renderers: GlyphRenderer) -> GlyphRenderer:
    """Name what is drawn of a spw for the hover, and tag it; return the first."""
    if spw is not None:
        for renderer in renderers:
            renderer.tags = [f"spw{spw}"]
        renderers[0].name = f"spw {spw}, "
    return renderers[0]


def _in_unit(source: ColumnDataSource, name: str, unit: float) -> ColumnDataSource:
    data = {
        key: values / np.float32(unit) if key.startswith(name) else values
        for key, values in source.data.items()
    }
    return ColumnDataSource(data)


def _within(source: ColumnDataSource, name: str, shown: Range1d) -> ColumnDataSource:
    """Flagged points of one panel, drawn at its edge where they lie beyond it or have no value."""
    edge = EDGE * (shown.end - shown.start)
    low, high = shown.start + edge, shown.end - edge
    at = np.clip(np.nan_to_num(source.data[name], nan=low), low, high)
    return ColumnDataSource({**{key: source.data[key] for key in ("time", "flag", name)}, "at": at})


def _hover(renderers: list, text: str) -> HoverTool:
    return HoverTool(
        renderers=renderers,
        tooltips=f"$name @time{{%H:%M:%S}} UTC<br>{text}",
        formatters={"@time": "datetime"},
        point_policy="snap_to_data",
        attachment="above",
        muted_policy="ignore",
    )


def _same_range(grid: GridPlot) -> None:
    """Give all panels one range of values, so that they can be compared."""
    panels = [child[0] for child in grid.children]
    low = min(panel.y_range.start for panel in panels)
    high = max(panel.y_range.end for panel in panels)
    for panel in panels:
        panel.y_range = Range1d(low, high)


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
        panel.add_layout(Span(location=level, dimension="width", line_color="black"))
        lines = []
        for spw, table in residuals.items():
            source = ColumnDataSource(
                {
                    "baseline": np.asarray(table["baseline"], float) / 1e3,
                    "n": np.asarray(table["n_vis"]).tolist(),
                    "chi2": np.asarray(table["chi2"], "f4"),
                    "mean": 1e3 * np.asarray(table["mean"], "f4"),
                }
            )
            style = {"source": source, "color": spw_color(spws, spw)}
            line = panel.line(x="baseline", y=name, **style)
            points = panel.scatter(x="baseline", y=name, size=5, **style)
            lines.append(_of_spw(spw, points, line))
        panel.add_tools(
            HoverTool(
                renderers=lines,
                tooltips=f"$name @baseline{{0.0}} kilowavelengths<br>@{name}{{0.000}}, @n "
                "visibilities",
            )
        )
        panel.xaxis.ticker.mantissas = [1, 2, 5]
        panel.xaxis.formatter = NumeralTickFormatter(format="0[.]0")
        figures.append(panel)
    return _grid(figures)


def _grid(figures: list) -> GridPlot:
    """Panels below each other with one toolbar."""
    return gridplot(
        [[panel] for panel in figures],
        merge_tools=True,
        toolbar_location="right",
        sizing_mode="stretch_width",
        toolbar_options={"logo": None},
    )
