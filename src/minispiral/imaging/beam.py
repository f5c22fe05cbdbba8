"""The Gaussian CLEAN beam: its mean over images, and convolving a model with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minispiral.imaging.grid import pixel_offsets

FWHM_PER_SIGMA = np.sqrt(8 * np.log(2))


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


def mean_beam(beams: Sequence[Beam]) -> Beam:
    """Beam whose matrix of second moments is the mean of the beams' own.

    The moments of a Gaussian, unlike its axes and angle, can be averaged whatever its orientation.
    """
    moments = np.mean([_second_moments(beam) for beam in beams], axis=0)
    (minor2, major2), vectors = np.linalg.eigh(moments)
    east, north = vectors[:, 1]
    angle = (np.degrees(np.arctan2(east, north)) + 90) % 180 - 90
    return Beam(float(np.sqrt(major2)), float(np.sqrt(minor2)), float(angle))


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
