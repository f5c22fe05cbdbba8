"""The Gaussian CLEAN beam: fitted to a PSF, the mean of several, convolved with a model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.imaging.grid import pixel_offsets

FWHM_PER_SIGMA = np.sqrt(8 * np.log(2))
LOBE = 0.7  # of the PSF's peak: sidelobes of few baselines run into the lobe below
NEAR = 0.05  # least value of a pixel beside the peak that is used where the lobe is a pixel wide


@dataclass(frozen=True)
class Beam:
    """A Gaussian CLEAN beam: `major` and `minor` FWHM in arcsec, `angle` in deg, north to east."""

    major: float
    minor: float
    angle: float

    @property
    def size(self) -> float:
        """Geometric mean of the axes, sqrt(major minor), arcsec."""
        return float(np.sqrt(self.major * self.minor))

    def unlike(self, other: "Beam", factor: float) -> bool:
        """Whether one of the axes is not the other beam's within a factor (or not finite)."""
        pairs = ((self.major, other.major), (self.minor, other.minor))
        return not all(1 / factor < ours / theirs < factor for ours, theirs in pairs)


def fit_beam(psf: np.ndarray, cell: float) -> Beam:
    """Fit a Gaussian to the main lobe of a PSF, in closed form.

    With offsets r from the peak and P = 1 there, the weighted linear least squares of
    ``-ln P = r^T A r``, weights P^2, over the pixels that are joined to the peak by others above
    `LOBE` and those beside the peak; FWHM = sqrt(4 ln 2 / eigenvalue of A) along each axis.
    Sidelobes below `LOBE` do not matter, and a start is not needed.

    Parameters
    ----------
    psf : (n_x, n_y)
        x decreasing in right ascension.
    cell : arcsec

    Raises
    ------
    MinispiralError
        If there is no such lobe: the PSF is blank, or does not fall off to all sides.
    """
    # imported here, as most who need a beam fit none
    from scipy.ndimage import label

    column, row = np.unravel_index(np.argmax(psf), psf.shape)
    peak = int(column), int(row)
    if not psf[peak] > 0:
        raise MinispiralError("the PSF is blank")
    psf = psf / psf[peak]
    lobes, _ = label(psf >= LOBE, structure=np.ones((3, 3)))
    places = np.indices(psf.shape)
    x, y = places[0] - column, places[1] - row
    east, north = -x * cell, y * cell
    beside = (np.abs(x) <= 1) & (np.abs(y) <= 1) & (psf > NEAR)
    used = (lobes == lobes[peak]) | beside
    east, north, value = east[used], north[used], psf[used]
    terms = np.column_stack([east**2, 2 * east * north, north**2]) * value[:, None]
    ee, en, nn = np.linalg.lstsq(terms, -np.log(value) * value)[0].tolist()
    squares, vectors = np.linalg.eigh([[ee, en], [en, nn]])
    if not squares[0] > 1e-9 * squares[1]:
        raise MinispiralError("the PSF does not fall off to all sides of its peak")
    major, minor = np.sqrt(4 * np.log(2) / squares)
    return Beam(float(major), float(minor), _angle(vectors[:, 0]))


def mean_beam(beams: Sequence[Beam]) -> Beam:
    """Beam whose matrix of second moments is the mean of the beams' own.

    The moments of a Gaussian, unlike its axes and angle, can be averaged whatever its orientation.
    """
    moments = np.mean([_second_moments(beam) for beam in beams], axis=0)
    (minor2, major2), vectors = np.linalg.eigh(moments)
    return Beam(float(np.sqrt(major2)), float(np.sqrt(minor2)), _angle(vectors[:, 1]))


def _angle(axis: np.ndarray) -> float:
    """Position angle (deg) of an axis (east, north), from -90 to 90."""
    east, north = axis
    return float((np.degrees(np.arctan2(east, north)) + 90) % 180 - 90)


def convolve(model: np.ndarray, cell: float, beam: Beam) -> np.ndarray:
    """Convolve a model in Jy per pixel with the CLEAN beam: an image in Jy per beam.

    A component of 1 Jy becomes exp(-4 ln2 r^T M^-1 r), M the beam's FWHM moments: the Gaussian
    of unit peak whose sigma is FWHM / 2.3548 along each axis.
    """
    half = int(np.ceil(3 * beam.major / FWHM_PER_SIGMA * 2 / cell))
    x, y = pixel_offsets((2 * half, 2 * half), cell)
    x, y = x[1:], y[:, 1:]  # odd size, centred
    inverse = np.linalg.inv(_second_moments(beam)) * FWHM_PER_SIGMA**2
    exponent = inverse[0, 0] * x**2 + 2 * inverse[0, 1] * x * y + inverse[1, 1] * y**2
    # imported here, as it takes longer than all else, and most who need a beam convolve nothing
    from scipy.signal import fftconvolve

    return fftconvolve(model, np.exp(-exponent / 2), mode="same")


def _second_moments(beam: Beam) -> np.ndarray:
    """FWHM^2 moments in the (east, north) plane; the angle counts from north to east."""
    angle = np.radians(beam.angle)
    axis = np.array([np.sin(angle), np.cos(angle)])
    across = np.array([np.cos(angle), -np.sin(angle)])
    return beam.major**2 * np.outer(axis, axis) + beam.minor**2 * np.outer(across, across)
