"""The pixel grid of the sky that is found from the visibilities.

It is as fine and as wide as they ask. Arrays are indexed [x, y] as everywhere: right ascension
falls along the first axis, declination rises along the second, and pixel (size/2, size/2) is the
phase centre.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.imaging.field_of_view import finest_fringe, good_size
from minispiral.imaging.grid import pixel_offsets, round_down
from minispiral.visibilities.primary_beam import primary_beam_width, radius_of_response

# A sky of pixels has the visibilities of any sky within the field up to half of the grid's highest
# frequency; six pixels for the finest fringe leave a margin of three.
PIXELS_PER_FRINGE = 6.0
EDGE_RESPONSE = 0.1  # of the primary beam, or the envelope that is narrower, at the field's edge
MAX_SIZE = 1024  # pixels: the solver then takes 1 GB


@dataclass(frozen=True)
class SkyGrid:
    """`size` x `size` pixels of `cell` arcsec."""

    size: int
    cell: float

    @property
    def shape(self) -> tuple[int, int]:
        """Pixels along both axes."""
        return self.size, self.size

    def radius(self) -> np.ndarray:
        """Distance of each pixel from the phase centre, arcsec: ``(size, size)``."""
        return np.hypot(*pixel_offsets(self.shape, self.cell))


@dataclass(frozen=True)
class Coverage:
    """What determines the grid, of one spw: frequency, dish, and uv coverage.

    `longest_wavelengths`, longest baseline; `measured_arcsec`, the field that the uv coverage
    measures, infinite where it is no narrower than the primary beam (`minispiral.sky.filling`).
    """

    frequency_hz: float
    dish_m: float
    longest_wavelengths: float
    measured_arcsec: float = math.inf


def envelope_width(coverages: Iterable[Coverage], frequency_hz: float, dish_m: float) -> float:
    """Full width at half maximum of what the sky may fill, arcsec.

    That is the primary beam at this frequency, or the widest field that one of the coverages
    measures if that is narrower.
    """
    measured = max(coverage.measured_arcsec for coverage in coverages)
    return min(primary_beam_width(frequency_hz, dish_m), measured)


def choose_grid(coverages: Iterable[Coverage]) -> SkyGrid:
    """Choose the grid of a sky that is common to all these spws.

    The field is the widest primary beam down to `EDGE_RESPONSE`, or what the uv coverage measures
    if that is less; the finest fringe of all has `PIXELS_PER_FRINGE` pixels.

    Raises
    ------
    MinispiralError
        If such a grid had more than `MAX_SIZE` pixels along an axis.
    """
    windows = list(coverages)
    fringe = min(finest_fringe(w.longest_wavelengths) for w in windows)
    widest = max(envelope_width(windows, w.frequency_hz, w.dish_m) for w in windows)
    cell = round_down(fringe / PIXELS_PER_FRINGE, 2)
    size = good_size(2 * radius_of_response(EDGE_RESPONSE, widest) / cell)
    if size > MAX_SIZE:
        raise MinispiralError(
            f"the field is {size} pixels of {cell:g} arcsec wide, more than {MAX_SIZE}: leave out "
            "the longest baselines, or set model.method: clean"
        )
    return SkyGrid(size, cell)
