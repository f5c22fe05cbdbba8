"""Pictures of what the light curves say: power spectra, loops of Q and U, spectra and flux."""

from typing import Any

import numpy as np
from astropy.table import Table
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minispiral.io.tables import CAMPAIGN, columns
from minispiral.measures.units import with_error
from minispiral.plots.side_by_side import label_hours
from minispiral.plots.style import COLORS, mjd_dates
from minispiral.science.study import CampaignStudy, TrackStudy

COLUMNS = 4  # tracks side by side
MARKERS = "os^vD"  # of more tracks than there are colours
WIDTH, HEIGHT = 3.6, 3.4  # inches of a track's panel
MINUTE = 60.0
INDEX = "spectral_index"
# column of the spectra, the unit that it is drawn in, and its label
SPECTRA = {
    INDEX: (1.0, "spectral index"),
    "rotation_measure": (1e5, "rotation measure (10$^5$ rad/m$^2$)"),
}


def plot_power(psd: Table, red_noise: Table) -> Figure:
    """Draw the power spectrum of each track, and of all, with the power law that fits it best.

    Parameters
    ----------
    psd, red_noise : tables of `minispiral.science.tables`
    """
    tracks = list(dict.fromkeys(psd["track"])) or [""]
    figure, axes = _panels(len(tracks), share=True)
    for axis, track in zip(axes, tracks, strict=True):
        rows = columns(psd[np.asarray(psd["track"]) == track])
        law = red_noise[np.asarray(red_noise["track"]) == track]
        _draw_power(axis, rows)
        title = "all tracks" if track == CAMPAIGN else str(track)
        if len(law) and law["detected"][0]:
            slope = ": slope {slope:.2f} ({slope_low:.2f} to {slope_high:.2f})"
            title += slope.format(**{name: law[name][0] for name in law.colnames})
        axis.set_title(title, fontsize="medium")
        axis.grid(alpha=0.25)
    for axis in axes[-COLUMNS:]:
        axis.set_xlabel("frequency (mHz)")
    figure.supylabel("power of I over its mean (1/Hz)", fontsize="medium")
    if axes[0].get_legend_handles_labels()[1]:
        axes[0].legend(frameon=False, fontsize="small")
    return figure


def _panels(number: int, share: bool = False) -> tuple[Figure, list[Axes]]:
    """A panel for each track, four side by side at most; those of `share` have one scale."""
    columns = min(COLUMNS, max(number, 1))
    rows = -(-max(number, 1) // columns)
    figure = Figure(figsize=(1 + WIDTH * columns, 0.4 + HEIGHT * rows), layout="constrained")
    grid = figure.subplots(rows, columns, sharex=share, sharey=share, squeeze=False)
    for k, axis in enumerate(grid.flat):
        axis.set_visible(k < number)
        # a panel without another below it has labels of its own
        axis.tick_params(labelbottom=not share or k + columns >= number)
    return figure, list(grid.flat[:number])


def _draw_power(axis: Axes, rows: dict[str, np.ndarray]) -> None:
    known = np.isfinite(rows["power"]) & (rows["power"] > 0)
    x = 1e3 * rows["frequency"]
    if known.any():
        power = rows["power"][known]
        # intervals of quantities that are positive may start at 0
        below = np.minimum(power - rows["power_low"][known], 0.999 * power)
        bars = np.stack([np.maximum(below, 0), np.maximum(rows["power_high"][known] - power, 0)])
        style: dict[str, Any] = {"fmt": "o", "ms": 3.5, "lw": 0.9, "color": COLORS[0]}
        axis.errorbar(x[known], power, bars, label="68 % interval", **style)
        axis.plot(x, rows["model"], color="black", lw=1, label="power law")
    if len(x):
        axis.plot(x, rows["noise"], color=COLORS[1], lw=1, ls="--", label="errors")
        axis.set_xscale("log")
        axis.set_yscale("log")


def plot_loops(study: CampaignStudy) -> Figure:
    """Draw Q against U of each track, coloured by time, with its errors in a corner."""
    tracks = [track for track in study.tracks if track.curves.polarised is not None]
    figure, axes = _panels(len(tracks))
    if not tracks:
        figure.text(0.5, 0.5, "no Q and U", ha="center")
    for axis, track in zip(axes, tracks, strict=False):
        _draw_loop(figure, axis, track)
    return figure


def _draw_loop(figure: Figure, axis: Axes, track: TrackStudy) -> None:
    series = track.curves.polarised
    assert series is not None
    q, u = 1e3 * series.value.real, 1e3 * series.value.imag
    axis.plot(q, u, color="0.75", lw=0.6, zorder=1)
    points = axis.scatter(q, u, c=series.time / MINUTE, s=9, cmap="viridis", zorder=2)
    figure.colorbar(points, ax=axis, shrink=0.7, label="time from the start (min)")
    error = 1e3 * float(np.median(series.white))
    half = 0.6 * max(np.ptp(q), np.ptp(u), 10 * error)
    middle = (q.min() + q.max()) / 2, (u.min() + u.max()) / 2
    corner = middle[0] - 0.85 * half, middle[1] - 0.85 * half
    axis.errorbar(*corner, xerr=error, yerr=error, color="black", lw=1.2)
    axis.set(xlim=(middle[0] - half, middle[0] + half), ylim=(middle[1] - half, middle[1] + half))
    axis.set_aspect("equal", adjustable="box")
    axis.set_xlabel("Q (mJy)")
    axis.set_ylabel("U (mJy)")
    axis.grid(alpha=0.25)
    title = track.curves.name
    if track.loops is not None:
        title += f": {with_error(track.loops.rate, track.loops.rate_err)} deg/min"
    axis.set_title(title, fontsize="medium")


def plot_spectra(spectra: Table) -> Figure:
    """Draw the spectral index against the flux, and the rotation measure against time.

    Of the two, what no bin has is left out: dual-hand data have no rotation measure.

    Parameters
    ----------
    spectra : of `minispiral.science.tables.spectra_table`
    """
    shown = [name for name in SPECTRA if np.isfinite(np.asarray(spectra[name], float)).any()]
    figure = Figure(figsize=(1 + 5 * max(len(shown), 1), 4.2), layout="constrained")
    if not shown:
        figure.text(0.5, 0.5, "no spectrum: it takes two spectral windows", ha="center")
        return figure
    axes = dict(zip(shown, figure.subplots(1, len(shown), squeeze=False)[0], strict=True))
    tracks = list(dict.fromkeys(spectra["track"]))
    looks = [(marker, color) for marker in MARKERS for color in COLORS]
    for k, track in enumerate(tracks):
        marker, color = looks[k % len(looks)]
        rows = columns(spectra[np.asarray(spectra["track"]) == track])
        style: dict[str, Any] = {"fmt": marker, "ms": 3, "lw": 0.7, "color": color, "label": track}
        hours = mjd_dates(rows["mjd"] - np.floor(rows["mjd"].min()))  # of any day, those of UTC
        for name, axis in axes.items():
            unit, error = SPECTRA[name][0], rows[f"{name}_err"]
            x, x_err = (rows["flux"], rows["flux_err"]) if name == INDEX else (hours, None)
            axis.errorbar(x, rows[name] / unit, yerr=error / unit, xerr=x_err, **style)
    for name, axis in axes.items():
        axis.set_ylabel(SPECTRA[name][1])
        axis.set_xlabel("Stokes I (Jy)" if name == INDEX else "UTC")
        axis.grid(alpha=0.25)
        if name != INDEX:
            label_hours(axis, 4.0)
    if len(tracks) > 1:
        handles, labels = axes[shown[0]].get_legend_handles_labels()
        figure.legend(
            handles, labels, title="track", loc="outside right upper", frameon=False,
            fontsize="small",
        )  # fmt: skip
    return figure
