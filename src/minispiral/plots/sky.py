"""Pictures of the sky, of the uv coverage, and of what the fit leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import Normalize, SymLogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Ellipse
from matplotlib.ticker import FuncFormatter, MaxNLocator

from minispiral.imaging.beam import Beam
from minispiral.imaging.models import Sky, root_mean_square
from minispiral.selfcal.rounds import RoundRecord

NOISE_SHOWN = 5.0  # times its rms, to which the scale of a residual reaches
COLUMNS = 4  # panels side by side
SKY = "cividis"  # even in brightness, and alike for colour-blind readers
RESIDUAL = "PuOr_r"
TICKS = 6  # labels of an axis at most
UNITS = {"arcsec": 1.0, "mas": 1e3, "µas": 1e6}  # of an arcsec


def plot_images(skies: Sequence[Sky], title: str = "") -> Figure:
    """Draw IM0 with its mask, and the residual below, for each spw; the beam in the corner.

    The scale of IM0 is linear up to five times the residual's rms, logarithmic beyond, and ends
    at a twentieth of the core's peak, for the minispiral to be seen.
    """
    columns = min(COLUMNS, len(skies))
    rows = -(-len(skies) // columns)
    figure = Figure(figsize=(1.2 + 3.0 * columns, 0.6 + 5.9 * rows), layout="constrained", dpi=100)
    axes = figure.subplots(2 * rows, columns, sharex=True, sharey=True, squeeze=False)
    rms = min(sky.rms for sky in skies)
    top = max(float(sky.image.max()) for sky in skies) / 20
    largest = 1e3 * max(sky.rms for sky in skies)
    above = SymLogNorm(linthresh=5 * rms, vmin=-5 * rms, vmax=max(top, 10 * rms))
    below = Normalize(-NOISE_SHOWN * largest, NOISE_SHOWN * largest)
    images, residuals = [], []
    for k, sky in enumerate(skies):
        row, column = divmod(k, columns)
        upper, lower = axes[2 * row, column], axes[2 * row + 1, column]
        images.append(show(upper, sky.image, sky.cell, sky.beam, above, SKY))
        _outline(upper, sky.mask, sky.cell)
        upper.set_title(f"{sky.label}\npeak {sky.image.max():.3g} Jy/beam", fontsize="medium")
        left = 1e3 * sky.residual
        residuals.append(show(lower, left, sky.cell, sky.beam, below, RESIDUAL, "black"))
        lower.set_title(f"residual, rms {1e3 * sky.rms:.2g} mJy/beam", fontsize="medium")
    for k in range(len(skies), rows * columns):
        row, column = divmod(k, columns)
        axes[2 * row, column].axis("off")
        axes[2 * row + 1, column].axis("off")
    label_angles(axes, skies[0].image.shape[0] * skies[0].cell / 2)
    bar: dict[str, Any] = {"label": "IM0 (Jy/beam)", "format": "{x:g}", "ticks": decades(above)}
    figure.colorbar(images[-1], ax=axes[0::2], extend="max", **bar)
    figure.colorbar(residuals[-1], ax=axes[1::2], label="residual (mJy/beam)", format="%.2g")
    figure.suptitle(title)
    return figure


def plot_im1(
    convolved: np.ndarray, cell: float, beam: Beam, core: tuple[float, float], title: str = ""
) -> Figure:
    """Draw IM1 convolved with its beam (Jy/beam), and where the core was (arcsec)."""
    figure = Figure(figsize=(6.2, 5.2), layout="constrained", dpi=100)
    axis = figure.subplots()
    peak = float(convolved.max())
    norm = SymLogNorm(linthresh=0.02 * peak, vmin=min(0.0, float(convolved.min())), vmax=peak)
    shown = show(axis, convolved, cell, beam, norm, SKY)
    axis.plot(*core, marker="+", ms=12, mew=1.5, color="white")
    unit = angular_unit(convolved.shape[0] * cell / 2)
    _label_angles(axis.xaxis, "east of the phase centre", unit)
    _label_angles(axis.yaxis, "north", unit)
    axis.set_title(title, fontsize="medium")
    figure.colorbar(shown, label="Jy/beam", format="{x:g}", ticks=decades(norm))
    return figure


@dataclass(frozen=True)
class Seen:
    """A sky to be compared: its name, its image (Jy/beam), pixels of `cell` arcsec, total (Jy)."""

    name: str
    image: np.ndarray
    cell: float
    total: float


def plot_skies(
    skies: Sequence[Seen], beam: Beam, core: tuple[float, float], title: str = ""
) -> Figure:
    """Draw skies side by side, convolved with one beam, on one colour scale and one field.

    The scale is linear up to a fiftieth of the highest peak and logarithmic beyond. The field is
    that of the first sky.
    """
    figure = Figure(figsize=(1.4 + 4.6 * len(skies), 5.2), layout="constrained", dpi=100)
    axes = figure.subplots(1, len(skies), sharex=True, sharey=True, squeeze=False)[0]
    peak = max(float(sky.image.max()) for sky in skies)
    lowest = min(0.0, *(float(sky.image.min()) for sky in skies))
    norm = SymLogNorm(linthresh=0.02 * peak, vmin=lowest, vmax=peak)
    half = np.array(skies[0].image.shape) * skies[0].cell / 2
    for axis, sky in zip(axes, skies, strict=True):
        axis.set_facecolor("lightgrey")  # beyond an image
        shown = show(axis, sky.image, sky.cell, None, norm, SKY)
        axis.add_patch(_beam_patch(beam, half, "white"))
        axis.plot(*core, marker="+", ms=12, mew=1.5, color="white")
        axis.set_title(f"{sky.name}: {sky.total:.3g} Jy", fontsize="medium")
        _label_angles(axis.xaxis, "east of the phase centre", angular_unit(half[0]))
    axes[0].set_xlim(half[0], -half[0])
    axes[0].set_ylim(-half[1], half[1])
    _label_angles(axes[0].yaxis, "north", angular_unit(half[0]))
    figure.colorbar(shown, ax=axes, label="Jy/beam", format="{x:g}", ticks=decades(norm))
    figure.suptitle(title)
    return figure


def plot_residual(
    image: np.ndarray,
    cell: float,
    beam: Beam,
    core: tuple[float, float],
    thermal_rms: float | None,
    title: str = "",
) -> Figure:
    """Draw the dirty image of the residual visibilities (Jy/beam), up to five times its rms.

    Parameters
    ----------
    core : its place, arcsec east and north
    thermal_rms : Jy/beam, that the weights let expect; None where there are no data
    """
    figure = Figure(figsize=(6.2, 5.4), layout="constrained", dpi=100)
    axis = figure.subplots()
    rms = 1e3 * root_mean_square(image)
    largest = NOISE_SHOWN * (rms or 1.0)
    norm = Normalize(-largest, largest)
    shown = show(axis, 1e3 * image, cell, beam, norm, RESIDUAL, "black")
    axis.plot(*core, marker="+", ms=12, mew=1.0, color="black")
    what = "no good integration"
    if thermal_rms is not None:
        what = f"rms {rms:.3g} mJy/beam; noise by the weights {1e3 * thermal_rms:.3g}"
    axis.set_title(f"{title}\n{what}".strip(), fontsize="medium")
    unit = angular_unit(image.shape[0] * cell / 2)
    _label_angles(axis.xaxis, "east of the phase centre", unit)
    _label_angles(axis.yaxis, "north", unit)
    figure.colorbar(shown, label="residual (mJy/beam)", format="%.2g")
    return figure


def plot_before_after(
    before: np.ndarray,
    after: np.ndarray,
    cell: float,
    first: RoundRecord,
    best: RoundRecord,
    title: str = "",
) -> Figure:
    """Draw two images on one colour scale: of the data as they come, and of the best round.

    The scale begins at minus five times the smaller rms, is linear up to plus as much, and
    logarithmic beyond, so that faint artefacts and the source are both seen.

    Parameters
    ----------
    before, after : (n_x, n_y), Jy/beam, x decreasing in right ascension
    cell : arcsec
    first, best : records of the two
    """
    figure = Figure(figsize=(11, 5.8), layout="constrained", dpi=130)
    axes = figure.subplots(1, 2, sharex=True, sharey=True)
    rms = 1e3 * min(first.rms, best.rms)
    peak = 1e3 * max(first.peak, best.peak)
    scale = SymLogNorm(linthresh=5 * rms, vmin=-5 * rms, vmax=peak)
    unit = angular_unit(before.shape[0] * cell / 2)
    after_name = f"after round {best.round}" if best.round else "after: no round was better"
    for axis, image, record, name in zip(
        axes, (before, after), (first, best), ("before", after_name), strict=True
    ):
        beam = Beam(record.beam_major, record.beam_minor, record.beam_pa)
        shown = show(axis, 1e3 * image, cell, beam, scale, SKY)
        axis.set_title(
            f"{name}\npeak {1e3 * record.peak:.4g}, rms {1e3 * record.rms:.3g} mJy/beam\n"
            f"peak / rms {record.dynamic_range:.0f}"
        )
        _label_angles(axis.xaxis, "east of the phase centre", unit)
    _label_angles(axes[0].yaxis, "north", unit)
    figure.colorbar(shown, ax=axes, label="mJy/beam", format="{x:g}", ticks=decades(scale))
    figure.suptitle(title)
    return figure


def decades(norm: SymLogNorm) -> list[float]:
    """Where a colour bar is labelled: at 0, at the powers of ten of its logarithmic part, its end.

    The end is labelled where no power of ten is within the scale.
    """
    low, high = float(np.log10(norm.linthresh)), float(np.log10(norm.vmax or 1.0))
    powers = [10.0**k for k in range(int(np.ceil(low)), int(np.floor(high)) + 1)]
    return [0.0, *(powers or [float(f"{norm.vmax:.1g}")])]


def angular_unit(half: float) -> str:
    """Unit in which offsets of up to `half` arcsec are read best: a key of `UNITS`."""
    return next((unit for unit, per_arcsec in UNITS.items() if half * per_arcsec >= 1), "µas")


def label_angles(axes: np.ndarray, half: float) -> None:
    """Label rows and columns of images ``(rows, columns)`` that reach `half` arcsec out.

    Below the lowest of each column that is drawn, as the last row may be incomplete.
    """
    unit = angular_unit(half)
    for axis in axes[:, 0]:
        _label_angles(axis.yaxis, "north", unit)
    for column in axes.T:
        lowest = [axis for axis in column if axis.axison][-1]
        _label_angles(lowest.xaxis, "east", unit)
        lowest.tick_params(labelbottom=True)


def _label_angles(axis: Axis, name: str, unit: str) -> None:
    """Label an axis, whose values are arcsec, in another unit, few enough for its length."""
    axis.set_major_locator(MaxNLocator(nbins=TICKS, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * UNITS[unit]:.6g}"))
    axis.set_label_text(f"{name} ({unit})")


def show(
    axis: Axes,
    pixels: np.ndarray,
    cell: float,
    beam: Beam | None,
    norm: Normalize,
    colors: str,
    ink: str = "white",
) -> AxesImage:
    """Show an image on its offsets, with the beam, if one is given, in the lower left corner."""
    half = np.array(pixels.shape) * cell / 2
    shift = cell / 2  # offsets are those of the pixels' centres, see minispiral.imaging.grid
    extent = (half[0] + shift, shift - half[0], -half[1] - shift, half[1] - shift)
    shown = axis.imshow(pixels.T, norm=norm, extent=extent, origin="lower", cmap=colors)
    if beam is not None:
        axis.add_patch(_beam_patch(beam, half, ink))
    return shown


def _beam_patch(beam: Beam, half: np.ndarray, ink: str) -> Ellipse:
    """Beam in the lower left corner of an image of these half sides (arcsec).

    Its position angle is north through east; the axis points east to the left, so that matplotlib's
    angles run from north to west.
    """
    return Ellipse(
        (0.88 * half[0], -0.88 * half[1]),
        beam.minor,
        beam.major,
        angle=-beam.angle,
        facecolor="none",
        edgecolor=ink,
    )


def _outline(axis: Axes, mask: np.ndarray, cell: float) -> None:
    """Outline of the mask, where it is neither nothing nor everything."""
    if mask.any() and not mask.all():
        n_x, n_y = mask.shape
        east, north = (n_x // 2 - np.arange(n_x)) * cell, (np.arange(n_y) - n_y // 2) * cell
        axis.contour(east, north, mask.T, levels=[0.5], colors="white", linewidths=0.6)
