"""Pictures of one track against time: the minispiral before and after, its gains, polarimetry."""

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
from astropy.table import Table
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from minispiral.plots.style import COLORS, Panel, draw_series, label_time, set_range

LINE = 80  # letters of a title
POLARIMETRY_PANELS = (
    Panel("rotation_measure", "RM (10⁵ rad m⁻²)", 1e5),
    Panel("EVPA_intrinsic", "intrinsic EVPA (deg)"),
    Panel("spectral_index", "spectral index"),
    Panel("depolarisation", "depolarisation"),
)


def plot_minispiral_flux(curves: Table, title: str = "") -> Figure:
    """Draw F_ext as fitted, F_ext scaled by the gain, and the gain, of a track's spws.

    Parameters
    ----------
    curves : the track's light_curves.ecsv
        Good integrations are drawn.
    """
    figure, axes = _panels(3)
    good = curves[np.asarray(curves["good"], bool)]
    fitted, gain = (np.asarray(good[name], float) for name in ("I_extended", "gain"))
    error = np.asarray(good["I_extended_err"], float)
    spws = sorted(set(good["spw"]))
    for axis, values, errors, label in (
        (axes[0], fitted, error, "minispiral\nas fitted (Jy)"),
        (axes[1], gain * fitted, gain * error, "minispiral\nscaled (Jy)"),
        (axes[2], gain, np.asarray(good["gain_err"], float), "gain"),
    ):
        for spw, color in zip(spws, COLORS * len(spws), strict=False):
            rows = np.asarray(good["spw"]) == spw
            draw_series(axis, good["mjd"][rows], values[rows], errors[rows], color, f"spw {spw}")
        set_range(axis, values)
        axis.set_ylabel(label)
    # before and after on one scale, so that the difference is seen
    low, high = zip(axes[0].get_ylim(), axes[1].get_ylim(), strict=True)
    for axis in axes[:2]:
        axis.set_ylim(min(low), max(high))
    return _finished(figure, axes, title)


def plot_polarimetry(table: Table, title: str = "") -> Figure:
    """Draw rotation measure, intrinsic EVPA, spectral index and depolarisation with errors.

    What no integration has, as where there are no cross hands, is left out.

    Parameters
    ----------
    table : the track's polarimetry.ecsv
        A caution in its ``meta`` is written above the panels.
    """
    there = [p for p in POLARIMETRY_PANELS if np.isfinite(np.asarray(table[p.name], float)).any()]
    there = there or list(POLARIMETRY_PANELS)
    figure, axes = _panels(len(there))
    title = "\n".join([title, *textwrap.wrap(table.meta.get("caution", ""), LINE)])
    for axis, panel in zip(axes, there, strict=True):
        values, error = (
            np.asarray(table[name], float) / panel.unit
            for name in (panel.name, f"{panel.name}_err")
        )
        draw_series(axis, table["mjd"], values, error, COLORS[0], "")
        set_range(axis, values)
        axis.set_ylabel(panel.label.replace(" (", "\n("))
    return _finished(figure, axes, title)


def _panels(n: int) -> tuple[Figure, list[Axes]]:
    figure = Figure(figsize=(7.2, 0.8 + 1.9 * n), layout="constrained", dpi=100)
    return figure, list(figure.subplots(n, 1, sharex=True, squeeze=False)[:, 0])


def _finished(figure: Figure, axes: list[Axes], title: str) -> Figure:
    for axis in axes:
        axis.grid(alpha=0.25)
    label_time(axes[-1])
    handles, labels = axes[0].get_legend_handles_labels()
    if any(labels):
        figure.legend(
            handles,
            labels,
            loc="outside upper center",
            ncols=6,
            frameon=False,
            title=title,
            markerscale=3,
        )
    else:
        figure.suptitle(title)
    figure.align_ylabels(axes)
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


def plot_uv_coverage(coverage: Mapping[int, Table], title: str = "") -> Figure:
    """Draw u and v (kilowavelengths) of each spw, each visibility with its conjugate."""
    figure = Figure(figsize=(5.6, 5.4), layout="constrained", dpi=100)
    axis = figure.subplots()
    for (spw, table), color in zip(coverage.items(), COLORS * len(coverage), strict=False):
        u, v = (np.asarray(table[name], float) / 1e3 for name in ("u", "v"))
        axis.plot(
            np.concatenate([u, -u]),
            np.concatenate([v, -v]),
            ".",
            ms=1.2,
            mew=0,
            alpha=0.6,
            color=color,
            rasterized=True,
        )
        axis.plot([], [], "o", ms=4, color=color, label=f"spw {spw}")
    axis.set_aspect("equal")
    axis.invert_xaxis()
    axis.set_xlabel("u (kilowavelengths)")
    axis.set_ylabel("v (kilowavelengths)")
    axis.set_title(title, fontsize="medium")
    axis.grid(alpha=0.25)
    figure.legend(
        *axis.get_legend_handles_labels(), frameon=False, fontsize="small", ncols=4,
        loc="outside lower center",
    )  # fmt: skip
    return figure


def plot_fit_residuals(
    residuals: Mapping[int, Table], hour_angles: Mapping[int, Table], title: str = ""
) -> Figure:
    """Draw the fit's chi-square and the mean residual against baseline length, for each spw.

    Below, chi-square against the hour angle; see `minispiral.fit.residuals` for both tables.
    """
    figure = Figure(figsize=(7, 8), layout="constrained", dpi=100)
    above, middle, below = figure.subplots(3, 1)
    for (spw, table), color in zip(residuals.items(), COLORS * len(residuals), strict=False):
        style: dict[str, Any] = {"ms": 3, "lw": 0.8, "color": color}
        baseline = np.asarray(table["baseline"], float) / 1e3
        above.plot(baseline, table["chi2"], "o-", label=f"spw {spw}", **style)
        mean, error = (1e3 * np.asarray(table[name], float) for name in ("mean", "mean_err"))
        middle.errorbar(baseline, mean, error, fmt="o-", **style)
        below.plot(hour_angles[spw]["hour_angle"], hour_angles[spw]["chi2"], "o-", **style)
    for axis in (above, below):
        axis.axhline(1, color="black", lw=0.7)
        axis.set_ylabel("reduced chi-square")
    middle.axhline(0, color="black", lw=0.7)
    middle.set_ylabel("mean residual (mJy)")
    middle.set_xlabel("projected baseline (kilowavelengths)")
    below.set_xlabel("hour angle (h)")
    middle.sharex(above)
    above.tick_params(labelbottom=False)
    if any(len(table) for table in residuals.values()):
        middle.set_xscale("log")
        middle.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        middle.xaxis.set_major_formatter("{x:g}")
        middle.xaxis.set_minor_formatter(NullFormatter())
    for axis in (above, middle, below):
        axis.grid(alpha=0.25)
    above.legend(frameon=False, fontsize="small", ncols=2)
    above.set_title(title, fontsize="medium")
    return figure
