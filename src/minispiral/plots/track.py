"""Pictures of one track against time: the minispiral before and after, its gains, polarimetry."""

import numpy as np
from astropy.table import Table
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from minispiral.plots import COLORS, Panel, draw_series, label_time, set_range

POLARIMETRY_PANELS = (
    Panel("rotation_measure", "rotation measure (10⁵ rad m⁻²)", 1e5),
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
            mine = np.asarray(good["spw"]) == spw
            draw_series(axis, good["mjd"][mine], values[mine], errors[mine], color, f"spw {spw}")
        set_range(axis, values)
        axis.set_ylabel(label)
    # before and after on one scale, so that the difference is seen
    low, high = zip(axes[0].get_ylim(), axes[1].get_ylim(), strict=True)
    for axis in axes[:2]:
        axis.set_ylim(min(low), max(high))
    return _finished(figure, axes, title)


def plot_polarimetry(table: Table, title: str = "") -> Figure:
    """Draw rotation measure, intrinsic EVPA, spectral index and depolarisation with errors.

    Parameters
    ----------
    table : the track's polarimetry.ecsv
    """
    figure, axes = _panels(len(POLARIMETRY_PANELS))
    for axis, panel in zip(axes, POLARIMETRY_PANELS, strict=True):
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
