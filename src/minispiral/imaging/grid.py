"""The pixel grid of the images: its size, its offsets on the sky, components on it.

Arrays are indexed [x, y] as casatools' getchunk gives them: right ascension falls along the first
axis, declination rises along the second, and pixel (n_x/2, n_y/2) is the phase centre.
"""

import math

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.measures.units import ARCSEC


def cell_size(max_uv_wavelengths: float, pixels_per_fringe: float) -> float:
    """Size of a pixel in arcsec: 1 / (max_uv_wavelengths pixels_per_fringe), in radians.

    The memo's Cell from Bmax and Ns: the finest fringe gets `pixels_per_fringe` pixels.
    """
    return 1.0 / (max_uv_wavelengths * pixels_per_fringe) / ARCSEC


def round_down(value: float, digits: int) -> float:
    """Round a positive number down to some significant digits."""
    exponent = digits - 1 - math.floor(math.log10(value))
    # the margin keeps a number that has these digits already from losing one to its binary form
    return float(f"{math.floor(value * 10.0**exponent * (1 + 1e-12))}e{-exponent}")


def pixel_offsets(shape: tuple[int, int], cell: float) -> tuple[np.ndarray, np.ndarray]:
    """Offsets of pixels from the phase centre, arcsec: east ``(n_x, 1)``, north ``(1, n_y)``."""
    n_x, n_y = shape
    return (n_x // 2 - np.arange(n_x))[:, None] * cell, (np.arange(n_y) - n_y // 2)[None, :] * cell


def peak_offset(image: np.ndarray, cell: float) -> tuple[float, float]:
    """Offset of the brightest point, to a small part of a pixel: arcsec east and north.

    The vertex of the paraboloid with the gradient and curvature of ln(image) at the brightest
    pixel, which is exact for a Gaussian beam.

    Raises
    ------
    MinispiralError
        If nothing is positive, or the peak lies on the image's edge.
    """
    i, j = np.unravel_index(np.argmax(image), image.shape)
    patch = image[max(i - 1, 0) : i + 2, max(j - 1, 0) : j + 2]
    if patch.shape != (3, 3) or not (patch > 0).all():
        raise MinispiralError(
            "the image has no peak to take the core's place from: give model.core_offset in arcsec"
        )
    f = np.log(patch)
    gradient = np.array([f[2, 1] - f[0, 1], f[1, 2] - f[1, 0]]) / 2
    mixed = (f[2, 2] - f[2, 0] - f[0, 2] + f[0, 0]) / 4
    curvature = [
        [f[2, 1] - 2 * f[1, 1] + f[0, 1], mixed],
        [mixed, f[1, 2] - 2 * f[1, 1] + f[1, 0]],
    ]
    # at most half a pixel away, or a neighbour would be brighter
    di, dj = np.clip(-np.linalg.lstsq(curvature, gradient, rcond=None)[0], -0.5, 0.5)
    n_x, n_y = image.shape
    return float((n_x // 2 - i - di) * cell), float((j + dj - n_y // 2) * cell)


def components(model: np.ndarray, cell: float) -> np.ndarray:
    """CLEAN components of a model: ``(n, 3)``, arcsec east, arcsec north, Jy, none of them zero."""
    x, y = pixel_offsets(model.shape, cell)
    i, j = np.nonzero(model)
    return np.column_stack([x[i, 0], y[0, j], model[i, j]])


def regrid(model: np.ndarray, cell: float, new_cell: float) -> np.ndarray:
    """Lay a model of point components on a grid of another cell, with as many pixels.

    Each component goes to the 4 x 4 pixels around it with the weights of cubic Lagrange
    interpolation, which keep its flux, place and second and third moments: with 18 pixels per
    fringe its visibility changes by less than 1e-3. Components beyond the new grid are lost.
    """
    if np.isclose(cell, new_cell, rtol=1e-9, atol=0):
        return model
    x, y, flux = components(model, cell).T
    n_x, n_y = model.shape
    (i, weights_x), (j, weights_y) = (
        _lagrange(n_x // 2 - x / new_cell),
        _lagrange(n_y // 2 + y / new_cell),
    )
    result = np.zeros(model.shape)
    for a in range(4):
        for b in range(4):
            inside = (i + a >= 0) & (i + a < n_x) & (j + b >= 0) & (j + b < n_y)
            values = flux * weights_x[a] * weights_y[b]
            np.add.at(result, (i[inside] + a, j[inside] + b), values[inside])
    return result


def _lagrange(position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First of the four pixels around each position, and their weights ``(4, n)``."""
    left = np.floor(position).astype(int)
    t = position - left
    weights = np.array(
        [
            -t * (t - 1) * (t - 2) / 6,
            (t + 1) * (t - 1) * (t - 2) / 2,
            -(t + 1) * t * (t - 2) / 2,
            (t + 1) * t * (t - 1) / 6,
        ]
    )
    return left - 1, weights
