"""Model visibilities: the Fourier transform of CLEAN components.

Convention, here and in CASA: V(u, v) = sum_k S_k exp(+2 pi i (u x_k + v y_k)), with x the
right-ascension offset (east positive) and y the declination offset in radians, and u, v the
measurement set's UVW divided by the wavelength. The field is small and the phase centre the
origin, so the w term is left out, as in the memo.
"""

import ducc0
import numpy as np

from minispiral.errors import MinispiralError
from minispiral.measures.units import ARCSEC, SPEED_OF_LIGHT

# of the total flux; asked of the gridder 10 times better than the project promises (1e-6)
ACCURACY = 1e-7
# of the transform's grid; ducc0's own choice goes by the number of rows, so that visibilities would
# depend, below that accuracy, on their blocks
OVERSAMPLING = 1.75

Offset = tuple[float, float]  # arcsec east and north of the phase centre


def uv_wavelengths(uvw: np.ndarray, frequency: float) -> np.ndarray:
    """Return u, v in wavelengths, ``(2, n_row)``, from UVW in metres, ``(3, n_row)``."""
    return uvw[:2] * (frequency / SPEED_OF_LIGHT)


def point_visibilities(u: np.ndarray, v: np.ndarray, offset: Offset) -> np.ndarray:
    """Visibilities of 1 Jy at `offset` (arcsec east, north): ``(n_row,) complex``."""
    return np.exp(2j * np.pi * ARCSEC * (u * offset[0] + v * offset[1]))


def core_visibilities(u: np.ndarray, v: np.ndarray, offset: Offset) -> np.ndarray | float:
    """Visibilities of a core of 1 Jy: those of a point, or 1 where it is at the phase centre."""
    return point_visibilities(u, v, offset) if any(offset) else 1.0


def component_visibilities(
    u: np.ndarray, v: np.ndarray, x: np.ndarray, y: np.ndarray, flux: np.ndarray
) -> np.ndarray:
    """Visibilities of point components anywhere, by the direct sum.

    Costs n_row x n_component; for components on a pixel grid use `image_visibilities`.

    Parameters
    ----------
    u, v : (n_row,), wavelengths
    x, y : (n_component,), arcsec east and north
    flux : (n_component,), Jy

    Returns
    -------
    (n_row,) complex, Jy
    """
    total = np.zeros(len(u), complex)
    for x_k, y_k, flux_k in zip(x, y, flux, strict=True):
        total += flux_k * point_visibilities(u, v, (x_k, y_k))
    return total


def image_visibilities(
    uvw: np.ndarray, frequency: float, image: np.ndarray, cell: float, threads: int = 1
) -> np.ndarray:
    """Visibilities of an image of point components, accurate to 1e-7 of its total flux.

    Parameters
    ----------
    uvw : (3, n_row), metres
        As in the measurement set.
    frequency : Hz
    image : (n_x, n_y), Jy per pixel
        Indexed as casatools' getchunk gives it: right ascension falls along the first axis,
        declination rises along the second, the phase centre is pixel (n_x/2, n_y/2).
    cell : arcsec, size of a pixel

    Returns
    -------
    (n_row,) complex, Jy

    Notes
    -----
    ducc0's non-uniform FFT, the kernels of which are those of its wgridder (Arras et al. 2021,
    A&A 646, A58), sums exp(+i (a l + b m)) over pixels l, m counted from the phase centre; right
    ascension falls along the first axis, hence -u.
    """
    if not uvw.shape[1]:  # ducc0 wants a row at least
        return np.zeros(0, complex)
    return ducc0.nufft.u2nu(
        grid=np.ascontiguousarray(trimmed(image), dtype=complex),
        coord=_coordinates(uvw, frequency, cell),
        forward=False,
        epsilon=ACCURACY,
        nthreads=threads,
        sigma_min=OVERSAMPLING,
        sigma_max=OVERSAMPLING,
    )


def adjoint_image(
    uvw: np.ndarray,
    frequency: float,
    visibilities: np.ndarray,
    shape: tuple[int, int],
    cell: float,
    threads: int = 1,
) -> np.ndarray:
    """Adjoint of `image_visibilities`: the dirty image of visibilities, not divided by anything.

    With x any real image and V any visibilities, sum Re(conj(A x) V) = sum x (A^H V)::

        (A^H V)(x, y) = sum_row Re[V exp(-2 pi i (u x + v y))]

    Parameters
    ----------
    uvw, frequency, cell, threads : as of `image_visibilities`
    visibilities : (n_row,) complex, weighted as wanted
    shape : of the image, indexed as there

    Returns
    -------
    (n_x, n_y), in the visibilities' unit
    """
    image = np.zeros(shape, complex)
    if uvw.shape[1]:
        ducc0.nufft.nu2u(
            points=np.ascontiguousarray(visibilities, dtype=complex),
            coord=_coordinates(uvw, frequency, cell),
            forward=True,
            epsilon=ACCURACY,
            nthreads=threads,
            out=image,
            sigma_min=OVERSAMPLING,
            sigma_max=OVERSAMPLING,
        )
    return image.real


def _coordinates(uvw: np.ndarray, frequency: float, cell: float) -> np.ndarray:
    """Phase per pixel (rad) of each row along both axes, as ducc0 takes it: ``(n_row, 2)``."""
    phase = 2 * np.pi * frequency / SPEED_OF_LIGHT * cell * ARCSEC
    coordinates = np.empty((uvw.shape[1], 2))
    np.multiply(uvw[0], -phase, out=coordinates[:, 0])
    np.multiply(uvw[1], phase, out=coordinates[:, 1])
    return coordinates


def trimmed(image: np.ndarray) -> np.ndarray:
    """Return the middle of an image that holds all its flux: less to transform, nothing lost."""
    middle = []
    for axis, size in enumerate(image.shape):
        centre = size // 2
        filled = np.flatnonzero(image.any(axis=1 - axis))
        half = int(np.abs(filled - centre).max(initial=0)) + 1
        middle.append(slice(centre - half, centre + half) if half <= centre else slice(None))
    return image[tuple(middle)]


def unit_image(image: np.ndarray) -> np.ndarray:
    """Return `image` normalised to a total of 1 Jy.

    Raises
    ------
    MinispiralError
        If its total is not positive, so that no scale can be defined.
    """
    total = image.sum()
    if not (np.isfinite(total) and total > 0):
        raise MinispiralError(
            f"the minispiral model has a total flux density of {total:.3g} Jy, which cannot be "
            "scaled: look at the flags and the core's place; where it is CLEAN's (model.method: "
            "clean), look at IM0 and its mask, and raise image.niter or widen image.mask"
        )
    return image / total
