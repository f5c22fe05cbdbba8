"""What an image has to cover, and how finely: primary beam, finest fringe, number of pixels."""

import math

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.imaging.grid import cell_size
from minispiral.measures.units import ARCSEC, DEGREE
from minispiral.visibilities.primary_beam import primary_beam_width, radius_of_response

# the primary beam's response down to which ALMA itself images (tclean's pblimit)
COVERED_RESPONSE = 0.2
# radians: the corners of a wider image, in the orthographic projection of radio images, are at
# direction cosines l^2 + m^2 > 1
WIDEST = math.sqrt(2)


def width_to_cover(frequency_hz: float, dish_m: float) -> float:
    """Width of the Gaussian primary beam where its response is `COVERED_RESPONSE`, arcsec.

    What lies outside of an image is aliased into it: images of 28 arcsec, of a simulated minispiral
    of 42, led to pulls of 0.7.
    """
    return 2 * radius_of_response(COVERED_RESPONSE, primary_beam_width(frequency_hz, dish_m))


def check_on_the_sky(size: int, cell: float) -> None:
    """Check that an image of `size` pixels of `cell` arcsec on each side lies on the sky.

    Raises
    ------
    MinispiralError
        If its corners do not.
    """
    width = size * cell * ARCSEC
    if width > WIDEST:
        raise MinispiralError(
            f"the image of {size} pixels of {cell:g} arcsec is {width / DEGREE:.3g} degrees wide, "
            f"and its corners are off the sky, which takes {WIDEST / DEGREE:.0f} at most: correct "
            "image.cell, which is in arcsec, or image.imsize"
        )


def finest_fringe(longest_wavelengths: float) -> float:
    """Spacing of the fringe of the longest baseline, arcsec; the CLEAN beam is not much wider."""
    return cell_size(longest_wavelengths, 1.0)


def good_size(pixels: float) -> int:
    """Smallest number of pixels that is even, no less, and quick to Fourier transform."""
    # imported here, as most who ask for a field ask for no size
    from scipy.fft import next_fast_len

    size = next_fast_len(int(np.ceil(pixels)), real=True)
    while size % 2:
        size = next_fast_len(size + 1, real=True)
    return size
