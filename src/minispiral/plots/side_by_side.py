"""Panels of several tracks side by side, with the nights between them left out."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter, HourLocator, MinuteLocator
from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from minispiral.plots.style import mjd_dates

MIN_SHARE = 0.5  # of the mean width, which the shortest track is given
LABEL = 0.55  # inches that a label of time takes, with the space to the next
LARGEST, SMALLEST = 10.0, 5.5  # points, of tracks' names, which stand upright below the smallest
LETTER = 0.68  # width of a letter over its size, with some space
STEPS = (1 / 60, 1 / 30, 1 / 12, 1 / 6, 1 / 4, 1 / 2, 1, 2, 3, 6, 12, 24)  # h between labels
MARGIN = 0.02  # of a track's length, at its ends

Spans = Mapping[str, tuple[float, float]]  # first and last MJD of each track


def spans(track: np.ndarray, mjd: np.ndarray) -> dict[str, tuple[float, float]]:
    """First and last time of each track (MJD), the earliest track first."""
    ends = {}
    for name in dict.fromkeys(np.asarray(track).tolist()):
        own = np.asarray(mjd, float)[np.asarray(track) == name]
        ends[str(name)] = (float(own.min()), float(own.max()))
    return dict(sorted(ends.items(), key=lambda item: item[1]))


def blocks(tracks: Spans, most: int) -> list[dict[str, tuple[float, float]]]:
    """Tracks in groups of at most so many, as alike in number as can be."""
    names = list(tracks)
    parts = np.array_split(np.arange(len(names)), max(1, -(-len(names) // most)))
    return [{names[k]: tracks[names[k]] for k in part} for part in parts]


def broken_axes(figure: Figure | SubFigure, tracks: Spans, rows: int) -> np.ndarray:
    """Axes ``(rows, tracks)`` on one broken axis of time: widths are as the tracks are long.

    Panels of a row share their range of values. Names of tracks stand above, hours (UTC) below.
    """
    length = np.array([max(end - start, 1e-6) for start, end in tracks.values()])
    width = np.maximum(length, MIN_SHARE * length.mean())
    axes = figure.subplots(
        rows,
        len(tracks),
        sharex="col",
        sharey="row",
        squeeze=False,
        width_ratios=width / width.sum(),
    )
    engine = figure.get_layout_engine()
    if isinstance(engine, ConstrainedLayoutEngine):
        engine.set(wspace=0.01, w_pad=0.02)
    inches = (figure.bbox.width / figure.dpi - 1.0) * width / width.sum()
    size = min(LARGEST, *(72 * inches[k] / len(name) / LETTER for k, name in enumerate(tracks)))
    for column, (name, (start, end)) in enumerate(tracks.items()):
        margin = MARGIN * length[column]
        axes[0, column].set_xlim(*mjd_dates(np.array([start - margin, end + margin])))
        axes[0, column].set_title(
            name, fontsize=max(size, SMALLEST), rotation=90 * (size < SMALLEST)
        )
        label_hours(axes[-1, column], float(inches[column]))
    if len(tracks) > 1:
        for row in axes:
            _break(row)
    return axes


def label_hours(axis: Axes, inches: float) -> None:
    """Label an axis of time with hours and minutes, as many as have room in so many inches."""
    start, end = axis.get_xlim()
    most = max(1.0, inches / LABEL)
    hours = next((step for step in STEPS if 24 * (end - start) / step <= most), STEPS[-1])
    if hours < 1:
        axis.xaxis.set_major_locator(MinuteLocator(byminute=range(0, 60, round(60 * hours))))
    else:
        axis.xaxis.set_major_locator(HourLocator(byhour=range(0, 24, round(hours))))
    axis.xaxis.set_major_formatter(DateFormatter("%H:%M"))
    axis.tick_params(axis="x", labelsize="small")


def _break(row: np.ndarray) -> None:
    """Take away the spines between the panels of a row, and mark where time is left out."""
    mark = {
        "marker": [(-0.5, -1), (0.5, 1)], "ms": 6, "ls": "", "color": "0.4", "mew": 0.8,
        "clip_on": False, "zorder": 5,
    }  # fmt: skip
    for k, axis in enumerate(row):
        if k:
            axis.spines["left"].set_visible(False)
            axis.tick_params(axis="y", left=False)
            axis.plot([0, 0], [0, 1], transform=axis.transAxes, **mark)
        if k < len(row) - 1:
            axis.spines["right"].set_visible(False)
            axis.plot([1, 1], [0, 1], transform=axis.transAxes, **mark)
