"""The sky as a file, FITS with its grid and beam; and the image of what the fit leaves."""

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.imaging.beam import FWHM_PER_SIGMA, Beam
from minispiral.imaging.grid import pixel_offsets
from minispiral.imaging.models import DISH, ModelImage
from minispiral.measures.units import ARCSEC_PER_DEGREE
from minispiral.sky.grid import SkyGrid
from minispiral.visibilities.dirty_image import DirtyImage

STOPPED = "STOPPED"  # keyword of the last sky: why there was no other
THERMAL = "THERMRMS"  # keyword of the residual's image: rms that the weights let expect, Jy/beam
MAIN_LOBE = 0.5  # of the dirty beam's peak: what lies around the peak and above is its main lobe


def sky_image(
    pixels: np.ndarray,
    grid: SkyGrid,
    beam: Beam,
    direction_deg: tuple[float, float],
    frequency_hz: float,
    dish_m: float | None,
) -> ModelImage:
    """Make an image of the sky ``(n, n)``, Jy per pixel, with axes RA, Dec, frequency, Stokes."""
    # imported here, as it takes longer to load than many a job its work
    from astropy.io import fits

    header = fits.Header()
    axes = (
        ("RA---SIN", direction_deg[0], -grid.cell / ARCSEC_PER_DEGREE, grid.size // 2 + 1, "deg"),
        ("DEC--SIN", direction_deg[1], grid.cell / ARCSEC_PER_DEGREE, grid.size // 2 + 1, "deg"),
        ("FREQ", frequency_hz, 1e9, 1, "Hz"),
        ("STOKES", 1.0, 1.0, 1, ""),
    )
    header["NAXIS"] = len(axes)
    for number, (kind, value, step, pixel, unit) in enumerate(axes, start=1):
        header[f"CTYPE{number}"] = kind
        header[f"CRVAL{number}"] = value
        header[f"CDELT{number}"] = step
        header[f"CRPIX{number}"] = float(pixel)
        header[f"CUNIT{number}"] = unit
    header["EQUINOX"], header["RADESYS"], header["SPECSYS"] = 2000.0, "FK5", "LSRK"
    if dish_m is not None:
        header[DISH] = (dish_m, "m, of dishes whose beam is taken out")
    return ModelImage(pixels, grid.cell, beam, header)


def residual_image(residual: DirtyImage, im1: ModelImage) -> ModelImage:
    """Make an image of the residual, Jy/beam, on the grid of IM1, with the data's own dirty beam.

    Its beam is the main lobe; IM1's, where no data are left.
    """
    from astropy.io import fits

    header = fits.Header(im1.header, copy=True)
    for keyword in (STOPPED, DISH):
        header.remove(keyword, ignore_missing=True)
    beam = im1.beam
    if residual.weight > 0:
        beam = main_lobe(residual.beam, residual.cell)
        header[THERMAL] = (residual.thermal_rms, "Jy/beam, rms of the noise by the weights")
    return ModelImage(residual.image, residual.cell, beam, header)


def has_stopped(sky: ModelImage, turn: int) -> bool:
    """Whether turns had stopped before this one, given its first sky.

    The first turn of an iteration begins with the last sky of the iteration before.
    """
    return turn > 1 and STOPPED in sky.header


def main_lobe(dirty_beam: np.ndarray, cell: float) -> Beam:
    """Gaussian through the main lobe of a dirty beam whose centre is pixel (n_x/2, n_y/2).

    ln of the pixels above `MAIN_LOBE` around the centre is fitted by a quadratic form.

    Raises
    ------
    MinispiralError
        If the main lobe has no such pixels, or is no peak.
    """
    # imported here, as turns that have stopped do without
    from scipy.ndimage import label

    centre = tuple(n // 2 for n in dirty_beam.shape)
    height = dirty_beam / dirty_beam[centre]
    lobes, _ = label(height > MAIN_LOBE)
    lobe = lobes == lobes[centre]
    x, y = (np.broadcast_to(axis, height.shape)[lobe] for axis in pixel_offsets(lobe.shape, cell))
    terms = np.stack([x**2, 2 * x * y, y**2], axis=1)
    (xx, xy, yy), *_ = np.linalg.lstsq(terms, -2 * np.log(height[lobe]), rcond=None)
    curvature, axes = np.linalg.eigh([[xx, xy], [xy, yy]])
    if not curvature[0] > 0:
        raise MinispiralError("the dirty beam has no main lobe: too few baselines")
    major, minor = FWHM_PER_SIGMA / np.sqrt(curvature)
    east, north = axes[:, 0]
    angle = (np.degrees(np.arctan2(east, north)) + 90) % 180 - 90
    return Beam(float(major), float(minor), float(angle))
