"""Pictures of what the light curves say: power spectra, loops of Q and U, spectra and flux."""

from typing import Any

import numpy as np
from astropy.table import Table
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minispiral.io.tables import CAMPAIGN, columns
from minispiral.plots.style import COLORS
from minispiral.science.study import CampaignStudy, TrackStudy

DPI = 110
WIDTH = 4.4  # inches of a track's panels
MINUTE = 60.0


def plot_power(psd: Table, red_noise: Table) -> Figure:
    """Draw the power spectrum of each track, and of all, with the power law that fits it best.

    Parameters
    ----------
    psd, red_noise : tables of `minispiral.science.tables`
    """
    tracks = list(dict.fromkeys(psd["track"])) or [""]
    figure = Figure(figsize=(1 + WIDTH * len(tracks), 4.4), layout="constrained", dpi=DPI)
    axes = figure.subplots(1, len(tracks), sharex=True, sharey=True, squeeze=False)[0]
    for axis, track in zip(axes, tracks, strict=True):
        rows = columns(psd[np.asarray(psd["track"]) == track])
        law = red_noise[np.asarray(red_noise["track"]) == track]
        _draw_power(axis, rows)
        axis.set_title("all tracks" if track == CAMPAIGN else str(track))
        if len(law) and law["detected"][0]:
            slope = "slope {slope:.2f} ({slope_low:.2f} to {slope_high:.2f})"
            text = slope.format(**{name: law[name][0] for name in law.colnames})
            axis.text(0.03, 0.04, text, transform=axis.transAxes)
        axis.set_xlabel("frequency (mHz)")
        axis.grid(alpha=0.25)
    axes[0].set_ylabel("power of I over its mean (1/Hz)")
    if axes[0].get_legend_handles_labels()[1]:
        axes[0].legend(frameon=False)
    return figure


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
    number = max(len(tracks), 1)
    figure = Figure(figsize=(1 + WIDTH * number, 4.4), layout="constrained", dpi=DPI)
    axes = figure.subplots(1, number, squeeze=False)[0]
    if not tracks:
        axes[0].text(0.5, 0.5, "no Q and U", ha="center", transform=axes[0].transAxes)
        axes[0].set_axis_off()
    for axis, track in zip(axes, tracks, strict=False):
        _draw_loop(figure, axis, track)
    return figure


def _draw_loop(figure: Figure, axis: Axes, track: TrackStudy) -> None:
    series = track.curves.polarised
    assert series is not None
    q, u = 1e3 * series.value.real, 1e3 * series.value.imag
    axis.plot(q, u, color="0.75", lw=0.6, zorder=1)
    points = axis.scatter(q, u, c=series.time / MINUTE, s=9, cmap="viridis", zorder=2)
    figure.colorbar(points, ax=axis, label="time from the start (min)")
    error = 1e3 * float(np.median(series.white))
    axis.errorbar(q.min(), u.min(), xerr=error, yerr=error, color="black", lw=0.8)
    axis.set_aspect("equal", adjustable="datalim")
    axis.set_xlabel("Q (mJy)")
    axis.set_ylabel("U (mJy)")
    axis.grid(alpha=0.25)
    title = track.curves.name
    if track.loops is not None:
        title += f": {track.loops.rate:+.2g} ± {track.loops.rate_err:.2g} deg/min"
    axis.set_title(title)


def plot_spectra(spectra: Table) -> Figure:
    """Draw the spectral index against the flux, and the rotation measure against time.

    Parameters
    ----------
    spectra : of `minispiral.science.tables.spectra_table`
    """
    tracks = list(dict.fromkeys(spectra["track"]))
    figure = Figure(figsize=(11, 4.2), layout="constrained", dpi=DPI)
    index, rotation = figure.subplots(1, 2)
    for track, color in zip(tracks, COLORS * len(tracks), strict=False):
        rows = columns(spectra[np.asarray(spectra["track"]) == track])
        style: dict[str, Any] = {"fmt": "o", "ms": 3, "lw": 0.7, "color": color, "label": track}
        index.errorbar(
            rows["flux"],
            rows["spectral_index"],
            yerr=rows["spectral_index_err"],
            xerr=rows["flux_err"],
            **style,
        )
        hours = 24 * (rows["mjd"] - np.floor(rows["mjd"].min(initial=np.inf)))
        rotation.errorbar(
            hours, rows["rotation_measure"] / 1e5, rows["rotation_measure_err"] / 1e5, **style
        )
    index.set_xlabel("Stokes I (Jy)")
    index.set_ylabel("spectral index")
    rotation.set_xlabel("UTC (h)")
    rotation.set_ylabel("rotation measure (10$^5$ rad/m$^2$)")
    for axis in (index, rotation):
        axis.grid(alpha=0.25)
    if tracks:
        index.legend(frameon=False)
    return figure
