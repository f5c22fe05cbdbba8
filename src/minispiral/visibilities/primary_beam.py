r"""The primary beam: how an antenna's response falls off from its pointing centre.

A Gaussian (ALMA Technical Handbook), with the frequency nu and the dish's diameter D::

    B(r) = exp(-4 ln 2 r^2 / w^2),   w = 1.13 c / (nu D)

A baseline sees the geometric mean of its antennas' responses. Where these point to d1 and d2, with
D = (d1 + d2) / 2 and b = 4 ln 2 / w^2, that is::

    B(r - D) exp(-b |d1 - d2|^2 / 4)

and to second order B(r - D) = B (1 + s . D + (s . D)^2 / 2 - b |D|^2), with the slopes s = 2 b r.
"""

import math

import numpy as np

from minispiral.measures.units import ARCSEC, SPEED_OF_LIGHT

WIDTH = 1.13  # FWHM in units of wavelength / diameter, ALMA Technical Handbook


def primary_beam_width(frequency_hz: float, dish_m: float) -> float:
    """Full width at half maximum of the primary beam, arcsec."""
    return WIDTH * SPEED_OF_LIGHT / frequency_hz / dish_m / ARCSEC


def radius_of_response(response: float, width: float) -> float:
    """Distance from the centre at which a Gaussian of this full width has fallen to `response`."""
    return width / 2 * math.sqrt(math.log(1 / response) / math.log(2))


def gaussian(radius: np.ndarray, width: float) -> np.ndarray:
    """Gaussian of full width at half maximum `width`, 1 at the centre."""
    return np.exp(-4 * math.log(2) * (radius / width) ** 2)


def primary_beam(
    shape: tuple[int, int], cell: float, frequency_hz: float, dish_m: float
) -> np.ndarray:
    """Response over an image whose pixel (n_x/2, n_y/2) is the pointing centre: ``(n_x, n_y)``."""
    x, y = ((np.arange(n) - n // 2) * cell for n in shape)
    return gaussian(np.hypot(x[:, None], y), primary_beam_width(frequency_hz, dish_m))


def pointing_slopes(
    shape: tuple[int, int], cell: float, frequency_hz: float, dish_m: float
) -> tuple[np.ndarray, np.ndarray]:
    """Relative change of the response for an arcsecond of pointing to the east, and to the north.

    Each ``(n_x, n_y)``, for an image whose x falls to the east, as `primary_beam` has it.
    """
    x, y = ((np.arange(n) - n // 2) * cell for n in shape)
    factor = 2 * _sharpness(frequency_hz, dish_m)
    ones = np.ones(shape)
    return -factor * x[:, None] * ones, factor * y * ones


def loss_of_unlike_offsets(offset: np.ndarray, frequency_hz: float, dish_m: float) -> np.ndarray:
    """What is left where a baseline's antennas point apart, at most 1: ``(n_row,)``.

    `offset` ``(2, n_row, 2)``, arcsec, of either antenna.
    """
    apart = np.sum((offset[0] - offset[1]) ** 2, axis=-1)
    return np.asarray(np.exp(-_sharpness(frequency_hz, dish_m) * apart / 4))


def pointing_terms(
    shape: tuple[int, int], cell: float, frequency_hz: float, dish_m: float
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Relative change of the response with the offset D, to second order: ``(n_x, n_y)`` each.

    The slopes for D_east and D_north, and what goes with D_east^2, D_east D_north and D_north^2.
    """
    east, north = pointing_slopes(shape, cell, frequency_hz, dish_m)
    sharpness = _sharpness(frequency_hz, dish_m)
    return [east, north], [east**2 / 2 - sharpness, east * north, north**2 / 2 - sharpness]


def _sharpness(frequency_hz: float, dish_m: float) -> float:
    """4 ln 2 / w^2, 1/arcsec^2."""
    return 4 * math.log(2) / primary_beam_width(frequency_hz, dish_m) ** 2


def seen_through(
    image: np.ndarray, cell: float, frequency_hz: float, dish_m: float | None
) -> np.ndarray:
    """An image ``(n_x, n_y)`` as such dishes see it; without a diameter it is so already."""
    if dish_m is None:
        return image
    return image * primary_beam(image.shape, cell, frequency_hz, dish_m)
