"""Pictures of self-calibration round by round: an image of each, and the gains of each antenna."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from minispiral.imaging.beam import Beam
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.plots.sky import COLUMNS, SKY, decades, label_angles, show
from minispiral.plots.style import COLORS, mjd_dates
from minispiral.selfcal.rounds import RoundRecord

ANTENNA_COLUMNS = 6  # panels of antennas side by side
LEGEND_POINT = 7.0  # points, of all rounds, however small their own are
MANY = 40  # solutions, beyond which their points are small


@dataclass(frozen=True)
class RoundGains:
    """Gains of one round: `time` ``(n,)``, MJD in s; `gain` ``(n, antenna, hand)`` complex.

    Gains without a solution are NaN. `amplitude`: whether amplitudes were solved for.
    """

    time: np.ndarray
    gain: np.ndarray
    amplitude: bool


def plot_rounds(
    images: Sequence[np.ndarray | None],
    cell: float,
    records: Sequence[RoundRecord],
    title: str = "",
) -> Figure:
    """Draw the image of every round, four side by side, on one colour scale in mJy/beam.

    The scale begins at minus five times the smallest rms, is linear up to plus as much, and
    logarithmic beyond.

    Parameters
    ----------
    images : of each round, (n_x, n_y), Jy/beam, x decreasing in right ascension
        None where a round has no image; that of the data as they come is always there.
    cell : arcsec
    records : of each round, that of the data as they come first
    """
    columns = min(COLUMNS, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(1.2 + 2.9 * columns, 0.7 + 3.1 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    imaged = [r for r, image in zip(records, images, strict=True) if image is not None]
    rms = 1e3 * min(record.rms for record in imaged)
    peak = 1e3 * max(record.peak for record in imaged)
    scale = SymLogNorm(linthresh=5 * rms, vmin=-5 * rms, vmax=peak)
    for axis, image, record in zip(axes.flat, images, records, strict=False):
        axis.set_title(_round_in_words(record), fontsize="small")
        if image is None:
            axis.text(0.5, 0.5, "no image", ha="center", transform=axis.transAxes)
            continue
        beam = Beam(record.beam_major, record.beam_minor, record.beam_pa)
        shown, size = show(axis, 1e3 * image, cell, beam, scale, SKY), image.shape[0]
    for axis in axes.flat[len(images) :]:
        axis.axis("off")
    label_angles(axes, size * cell / 2)
    figure.colorbar(shown, ax=axes, label="mJy/beam", format="{x:g}", ticks=decades(scale))
    figure.suptitle(title)
    return figure


def _round_in_words(record: RoundRecord) -> str:
    how = "as the data come"
    if record.round:
        how = f"round {record.round}, {record.calmode} {record.solint}"
    verdict = "" if record.accepted else ", refused"
    return (
        f"{how}{verdict}\nrms {1e3 * record.rms:.3g} mJy/beam, peak / rms "
        f"{record.dynamic_range:.0f}"
    )


def plot_antenna_gains(
    names: Sequence[str], rounds: Mapping[str, RoundGains], title: str = ""
) -> Figure:
    """Draw the gains of each antenna against time: phases, and below amplitudes if there are any.

    Parameters
    ----------
    names : of the antennas, in the order of the gains
    rounds : gains of each round, by its label
        Both hands and all spws of a round have its colour.
    """
    with_data = [
        k for k in range(len(names)) if any(_known(gains, k).any() for gains in rounds.values())
    ]
    columns = min(ANTENNA_COLUMNS, max(1, len(with_data)))
    rows = max(1, -(-len(with_data) // columns))
    amplitudes = any(gains.amplitude for gains in rounds.values())
    parts = 1 + amplitudes
    figure = Figure(figsize=(10, 0.9 + 1.25 * rows * parts), layout="constrained")
    axes = figure.subplots(rows * parts, columns, sharex=True, sharey=False, squeeze=False)
    halves = {"phase (deg)": axes[:rows]} | ({"amplitude": axes[rows:]} if amplitudes else {})
    for label, half in halves.items():
        shown = {
            name: gains for name, gains in rounds.items() if label != "amplitude" or gains.amplitude
        }
        for axis, antenna in zip(half.flat, with_data, strict=False):
            axis.set_title(names[antenna], fontsize="x-small", pad=2)
            for name, gains in shown.items():
                color = COLORS[list(rounds).index(name) % len(COLORS)]
                _draw_gains(axis, gains, antenna, label == "amplitude", color, name)
        _name_panels(half, len(with_data), label)
    figure.supxlabel("time, from the first integration to the last", fontsize="small")
    entries: dict[str, Artist] = {}
    for axis in axes.flat:
        handles, labels = axis.get_legend_handles_labels()
        entries |= dict(zip(labels, handles, strict=True))
    named = [name for name in rounds if name in entries]
    legend = figure.legend(
        [entries[name] for name in named], named, loc="outside upper center", ncols=4,
        frameon=False, title=title,
    )  # fmt: skip
    for handle in legend.legend_handles:
        if isinstance(handle, Line2D):
            handle.set_markersize(LEGEND_POINT)
    return figure


def _name_panels(half: np.ndarray, used: int, label: str) -> None:
    """Give panels ``(rows, columns)`` one scale, labels at the left, and none where none is."""
    drawn = [axis.get_ylim() for axis in half.flat[:used]] or [(0.0, 1.0)]
    shown = min(low for low, _ in drawn), max(high for _, high in drawn)
    for axis in half.flat:
        if axis is not half[0, 0]:
            axis.sharey(half[0, 0])
        axis.set_ylim(*shown)
        axis.tick_params(labelleft=axis in half[:, 0], labelsize="x-small")
        axis.grid(alpha=0.25)
        axis.set_xticks([])
    for axis in half.flat[used:]:
        axis.axis("off")
    half[len(half) // 2, 0].set_ylabel(label, fontsize="small")


def _known(gains: RoundGains, antenna: int) -> np.ndarray:
    """Which solutions an antenna has; none, if the round knows no such antenna."""
    if antenna >= gains.gain.shape[1]:
        return np.zeros(0, bool)
    return np.isfinite(gains.gain[:, antenna])


def _draw_gains(
    axis: Axes, gains: RoundGains, antenna: int, amplitude: bool, color: str, label: str
) -> None:
    if antenna >= gains.gain.shape[1]:
        return
    values = gains.gain[:, antenna]
    shown = np.abs(values) if amplitude else np.degrees(np.angle(values))
    dates = mjd_dates(gains.time / SECONDS_PER_DAY)
    size = 2.5 if len(dates) > MANY else 6.0
    for hand in range(shown.shape[1]):
        axis.plot(
            dates, shown[:, hand], ".", ms=size, mew=0, alpha=0.7, color=color, rasterized=True,
            label=label if hand == 0 else None,
        )  # fmt: skip
