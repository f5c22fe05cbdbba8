"""Figure of what is systematic: flux scale, slope and curve, as other ways to find IM1 move them.

Points are spws, on logarithmic scales: full where a change is above 0, open where it is below. The
grey bands are what the light curves quote.
"""

from typing import Any

import numpy as np
from astropy.table import Table
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minispiral.analysis.systematics_tables import PER_CENT, variants_in
from minispiral.analysis.variants import VARIANTS
from minispiral.io.tables import columns
from minispiral.plots.style import COLORS

DPI = 110
MOST_NAMED = 8  # tracks with a colour of their own
SMALLEST = 1e-3  # per cent: what is less is drawn there
# column, the column of what is quoted of it, and label
PANELS = (
    ("rms_single", "single_quoted", "rms of integrations (%)"),
    ("rms_mean", "mean_quoted", "rms of 10-minute means (%)"),
    ("slope", "slope_quoted", "slope (% per hour)"),
    ("scale", None, "flux scale (%)"),
)


def plot_systematics(table: Table) -> Figure:
    """Draw the table of `minispiral.analysis.systematics_tables`: a row for each variant.

    What no track has is left out: short ones have no means of ten minutes, and no slope of them.
    """
    names = variants_in(table)
    values = columns(table)
    values["scale"] = PER_CENT * (values["scale"] - 1)
    panels = [panel for panel in PANELS if np.isfinite(values[panel[0]]).any()] or PANELS[-1:]
    width = 2.6 + 2.6 * len(panels)
    figure = Figure(figsize=(width, 1.6 + 0.42 * len(names)), layout="constrained", dpi=DPI)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    tracks = sorted(set(table["track"]))
    place = np.array([names.index(name) for name in table["variant"]], float)
    for axis, (name, quoted, label) in zip(axes, panels, strict=True):
        if quoted is not None:
            _draw_quoted(axis, values[quoted])
        for number, track in enumerate(tracks):
            rows = np.asarray(table["track"]) == track
            y = place[rows] + _spread(number, len(tracks))
            color = COLORS[number % len(COLORS)] if len(tracks) <= MOST_NAMED else "0.3"
            _draw_points(axis, values[name][rows], y, color, track)
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
        axis.set_xlabel(label)
        axis.grid(alpha=0.25)
    figure.suptitle(
        "By how much Stokes I changes with IM1 ...\n(grey: quoted errors; open circles: below 0)",
        fontsize="medium",
    )
    axes[0].set_yticks(range(len(names)), [VARIANTS[name].label for name in names])
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    if 1 < len(tracks) <= MOST_NAMED:
        points, labels = axes[-1].get_legend_handles_labels()
        by_track = dict(zip(labels, points, strict=True))
        figure.legend(
            list(by_track.values()),
            list(by_track),
            title="track",
            loc="outside right upper",
            frameon=False,
            fontsize="small",
        )
    return figure


def _spread(number: int, tracks: int) -> float:
    """Where a track's points lie within the row of a variant."""
    return 0.5 * ((number + 0.5) / tracks - 0.5)


def _draw_points(axis: Axes, values: np.ndarray, y: np.ndarray, color: str, label: str) -> None:
    """Draw sizes of changes, open circles for those below 0."""
    size = np.maximum(np.abs(values), SMALLEST)
    style: dict[str, Any] = {"ls": "", "marker": "o", "ms": 4, "mec": color, "alpha": 0.7}
    above = values >= 0
    axis.plot(size[above], y[above], mfc=color, label=label, **style)
    axis.plot(size[~above], y[~above], mfc="none", **style)


def _draw_quoted(axis: Axes, quoted: np.ndarray) -> None:
    """Draw the median of what is quoted over spws and tracks, as a grey band."""
    known = quoted[np.isfinite(quoted)]
    if len(known):
        axis.axvspan(SMALLEST, float(np.median(known)), color="0.88", lw=0, zorder=0)
