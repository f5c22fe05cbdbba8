"""The pixel grid of the images: its size, its offsets on the sky, components on it.

Arrays are indexed [x, y] as casatools' getchunk gives them: right ascension falls along the first
axis, declination rises along the second, and pixel (n_x/2, n_y/2) is the phase centre.
"""

import math

import numpy as np
from scipy.constants import arcsec


def cell_size(max_uv_wavelengths: float, pixels_per_fringe: float) -> float:
    """Size of a pixel in arcsec: 1 / (max_uv_wavelengths pixels_per_fringe), in radians.

    The memo's Cell from Bmax and Ns: the finest fringe gets `pixels_per_fringe` pixels.
    """
    return 1.0 / (max_uv_wavelengths * pixels_per_fringe) / arcsec


def round_down(value: float, digits: int) -> float:
    """Round a positive number down to some significant digits."""
    exponent = digits - 1 - math.floor(math.log10(value))
    # the margin keeps a number that has these digits already from losing one to its binary form
    return float(f"{math.floor(value * 10.0**exponent * (1 + 1e-12))}e{-exponent}")


def pixel_offsets(shape: tuple[int, int], cell: float) -> tuple[np.ndarray, np.ndarray]:
    """Offsets of pixels from the phase centre, arcsec: east ``(n_x, 1)``, north ``(1, n_y)``."""
    n_x, n_y = shape
    return (n_x // 2 - np.arange(n_x))[:, None] * cell, (np.arange(n_y) - n_y // 2)[None, :] * cell


def components(model: np.ndarray, cell: float) -> np.ndarray:
    """CLEAN components of a model: ``(n, 3)``, arcsec east, arcsec north, Jy, none of them zero."""
    x, y = pixel_offsets(model.shape, cell)
    i, j = np.nonzero(model)
    return np.column_stack([x[i, 0], y[0, j], model[i, j]])
