r"""Turns of fluxes and sky: the sky of a turn, and when to stop.

They stop when the fluxes of a turn differ too little from those of the turn before, and what QA2's
gains have left in the data no longer changes.

With F the minispiral's flux in an integration and s its error, the change of a spw is::

    d = sqrt(mean [(ln F' - ln F - median(ln F' - ln F)) F / s]^2)

over the integrations used in both: a common factor changes no light curve.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minispiral.imaging.grid import pixel_offsets
from minispiral.imaging.models import ModelImage
from minispiral.sky.coverage import SkyFrame
from minispiral.sky.equations import SkyEquations, SkySums
from minispiral.sky.image import STOPPED, has_stopped, main_lobe, sky_image
from minispiral.sky.solver import Regularisation, solve_sky
from minispiral.sky.track import SpwFluxes
from minispiral.visibilities.primary_beam import gaussian, primary_beam
from minispiral.visibilities.transform import Offset

TOLERANCE = 0.1  # of their errors: fluxes that change by less have stopped


def change_of(before: SpwFluxes, after: SpwFluxes) -> float:
    """Change of a spw's fluxes, in their errors; none where no integration is used."""
    both = before.used & after.used & np.isfinite(after.error)
    if not both.any():
        return 0.0
    difference = np.log(after.extended[both] / before.extended[both])
    error = after.error[both] / after.extended[both]
    return float(np.sqrt(np.mean(((difference - np.median(difference)) / error) ** 2)))


def largest_change(before: Iterable[SpwFluxes], after: Iterable[SpwFluxes]) -> float:
    """Largest change of all spws."""
    return max(change_of(one, other) for one, other in zip(before, after, strict=True))


@dataclass(frozen=True)
class Turn:
    """A turn: its `number`, from 1, and what came before it.

    `is_last`, whether no turn is allowed after it; `sky`, the sky of its fluxes, None in
    the very first; `fluxes` of all spws, and those of the turn before (none in the first).
    """

    number: int
    is_last: bool
    sky: ModelImage | None
    fluxes: Sequence[SpwFluxes]
    fluxes_before: Sequence[SpwFluxes] = ()


def next_sky(
    turn: Turn,
    frame: SkyFrame,
    settings: Mapping[str, Any],
    cores: Sequence[Offset],
    read_all_sums: Callable[[], SkySums],
) -> ModelImage:
    """Find the sky of a turn: that of the turn before where the fluxes have stopped.

    Parameters
    ----------
    settings : keys ``core``, ``regularization`` and ``primary_beam`` of the configuration
    cores : places of the tracks' cores, arcsec east and north
    read_all_sums : returns the sums of all tracks
    """
    before = turn.sky
    if before is not None and has_stopped(before, turn.number):
        return before
    change = largest_change(turn.fluxes_before, turn.fluxes) if turn.fluxes_before else np.inf
    logging.info("turn %d: fluxes changed by %.3g of their errors", turn.number, change)
    settled = all(spw.settled for spw in turn.fluxes)
    if before is not None and change <= TOLERANCE and settled:
        return _marked(before, f"in turn {turn.number} fluxes changed by {change:.2g} of errors")
    dish = frame.dish_m if settings["primary_beam"] else None
    sums = read_all_sums()
    equations = SkyEquations(sums, _responses(sums, dish))
    held = _core_pixels(frame, cores)
    envelope = gaussian(frame.grid.radius(), np.sqrt(2) * frame.envelope_arcsec)
    prior = Regularisation(np.where(held, 0.0, envelope), settings["regularization"])
    pixels = solve_sky(equations, prior, None if before is None else before.pixels)
    if settings["core"] == "surroundings":
        pixels = np.where(held, _mean_of_neighbours(pixels), pixels)
    beam = main_lobe(sums.dirty_beam, frame.grid.cell)
    image = sky_image(pixels, frame.grid, beam, frame.direction_deg, frame.frequency_hz, dish)
    if not turn.is_last:
        return image
    return _marked(image, f"after {turn.number} turns fluxes changed by {change:.2g} of errors")


def _responses(sums: SkySums, dish_m: float | None) -> dict[float, np.ndarray]:
    shape, cell = sums.grid.shape, sums.grid.cell
    if dish_m is None:
        return {frequency: np.ones(shape) for frequency in sums.right}
    return {f: primary_beam(shape, cell, f, dish_m) for f in sums.right}


def _core_pixels(frame: SkyFrame, cores: Sequence[Offset]) -> np.ndarray:
    """Pixels of the tracks' cores, ``(n, n) bool``.

    The data cannot show what is minispiral there, as the fit of each integration has a core of its
    own: F x + C is the same for any x.
    """
    x, y = pixel_offsets(frame.grid.shape, frame.grid.cell)
    held = np.zeros(frame.grid.shape, bool)
    for east, north in cores:
        held |= (np.abs(x - east) <= frame.grid.cell / 2) & (
            np.abs(y - north) <= frame.grid.cell / 2
        )
    return held


def _mean_of_neighbours(pixels: np.ndarray) -> np.ndarray:
    """Mean of the eight pixels around each: ``(n, n)``."""
    # imported here, as turns that have stopped do without
    from scipy.ndimage import convolve

    around = np.ones((3, 3))
    around[1, 1] = 0
    return np.asarray(convolve(pixels, around / around.sum(), mode="constant"))


def _marked(image: ModelImage, why: str) -> ModelImage:
    # imported here, as it takes longer to load than many a job its work
    from astropy.io import fits

    header = fits.Header(image.header, copy=True)
    header[STOPPED] = why
    return replace(image, header=header)
