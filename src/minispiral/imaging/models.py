"""Model images: IM0's model out of CASA, their mean IM1 as FITS, components as text."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError, raise_all
from minispiral.imaging.beam import Beam, mean_beam
from minispiral.imaging.grid import regrid
from minispiral.measures.units import ARCSEC_PER_DEGREE, separation

if TYPE_CHECKING:
    from astropy.io import fits

DISH = "DISHDIAM"  # keyword of a sky that is corrected for the primary beam of such dishes, m
MAX_LOSS = 1e-3  # share of the flux that may lie beyond the finest grid
MAX_SHIFT = 0.1  # pixels by which the phase centres of averaged models may differ


@dataclass(frozen=True)
class ModelImage:
    """An image with its grid: `pixels` ``(n_x, n_y)``, `cell` arcsec, beam, FITS header."""

    pixels: np.ndarray
    cell: float
    beam: Beam
    header: "fits.Header"

    @property
    def phase_centre_deg(self) -> tuple[float, float]:
        """Right ascension and declination."""
        return self.header["CRVAL1"], self.header["CRVAL2"]

    @property
    def dish_m(self) -> float | None:
        """Diameter of the antennas whose primary beam is not in the image; None if it is."""
        return self.header.get(DISH)


def check_phase_centres(
    one_deg: tuple[float, float], other_deg: tuple[float, float], cell: float
) -> None:
    """Check that models with these phase centres can be averaged on a grid of `cell` (arcsec).

    Raises
    ------
    MinispiralError
        If they are more than `MAX_SHIFT` of a pixel apart.
    """
    distance = separation(one_deg, other_deg)
    if distance > MAX_SHIFT * cell:
        raise MinispiralError(
            f"models whose phase centres are {distance:.2g} arcsec apart cannot be averaged: set "
            "model.scope: track, or shift the data's phase centre"
        )


def check_shared_centre(
    directions_deg: Mapping[str, tuple[float, float]], cells: Mapping[str, float]
) -> None:
    """Check that tracks can share IM1: phase centres, and cells (arcsec), by the tracks' names.

    Raises
    ------
    MinispiralError
        One line for each that `check_phase_centres` refuses beside that of the finest cell.
    """
    finest = min(cells, key=cells.__getitem__)
    problems = []
    for name, direction in directions_deg.items():
        try:
            check_phase_centres(direction, directions_deg[finest], cells[finest])
        except MinispiralError as error:
            problems.append(f"tracks {finest} and {name}: {error}")
    raise_all(problems)


def root_mean_square(pixels: np.ndarray) -> float:
    """Root mean square of an image."""
    return float(np.sqrt(np.mean(pixels**2)))


@dataclass(frozen=True)
class Sky:
    """Images of one spw, ``(n_x, n_y)``, x decreasing in right ascension; `cell` in arcsec.

    `image` (Jy/beam) is IM0 with its `mask`; `residual` is what CLEAN left of the last iteration.
    """

    label: str
    image: np.ndarray
    mask: np.ndarray
    residual: np.ndarray
    cell: float
    beam: Beam

    @property
    def rms(self) -> float:
        """Root mean square of the residual, Jy/beam."""
        return root_mean_square(self.residual)


def read_clean_model(folder: str | Path, scratch: str | Path, name: str = "im0") -> ModelImage:
    """Read the CLEAN model NAME.model and the beam of NAME.image from a folder of CLEAN images.

    Raises
    ------
    MinispiralError
        If an image is missing or has no single beam.
    """
    beam = read_beam(Path(folder) / f"{name}.image")
    exported = Path(scratch) / "model.fits"
    with casa.image(Path(folder) / f"{name}.model") as image:
        image.tofits(str(exported), overwrite=True)
    return _with_beam(read_model(exported, beam=beam))


def read_beam(path: str | Path) -> Beam:
    """Read the CLEAN beam of a CASA image.

    Raises
    ------
    MinispiralError
        If it has no single beam.
    """
    with casa.image(path) as image:
        beam = image.restoringbeam()
    if "major" not in beam:
        raise MinispiralError(f"{path} has no CLEAN beam: CLEAN did not finish")
    in_units = casa.tools().quanta()
    axes = (("major", "arcsec"), ("minor", "arcsec"), ("positionangle", "deg"))
    return Beam(*(in_units.convert(beam[key], unit)["value"] for key, unit in axes))


def read_casa_image(path: str | Path) -> tuple[np.ndarray, float]:
    """Read the one plane of a CASA image: ``(n_x, n_y)``; and its cell, arcsec."""
    with casa.image(path) as image:
        axes = image.coordsys().increment(format="q", type="direction")["quantity"]
        cell = casa.tools().quanta().convert(axes["*2"], "arcsec")["value"]
        return image.getchunk()[:, :, 0, 0], float(cell)


def read_residual(folder: str | Path) -> np.ndarray:
    """Read the one residual image in a folder of CLEAN images: ``(n_x, n_y)``, Jy/beam."""
    (path,) = Path(folder).glob("*.residual")
    return read_casa_image(path)[0]


def read_sky(label: str, im0: Path, last: Path) -> Sky:
    """Read IM0 and its mask from a folder of CLEAN images, the residual from the `last` one."""
    image, cell = read_casa_image(im0 / "im0.image")
    mask, _ = read_casa_image(im0 / "im0.mask")
    return Sky(label, image, mask > 0, read_residual(last), cell, read_beam(im0 / "im0.image"))


def _with_beam(image: ModelImage) -> ModelImage:
    # imported here, as it takes longer to load than many a job its work
    from astropy.io import fits

    header = fits.Header(image.header, copy=True)
    header["BMAJ"] = image.beam.major / ARCSEC_PER_DEGREE
    header["BMIN"] = image.beam.minor / ARCSEC_PER_DEGREE
    header["BPA"] = image.beam.angle
    return ModelImage(image.pixels, image.cell, image.beam, header)


def read_model(path: str | Path, beam: Beam | None = None) -> ModelImage:
    """Read a model image from FITS, with the beam of its header unless one is given."""
    from astropy.io import fits

    with fits.open(path) as hdus:
        header = hdus[0].header.copy()
        pixels = np.array(hdus[0].data, dtype=float).squeeze().T  # FITS counts axes backwards
    cell = header["CDELT2"] * ARCSEC_PER_DEGREE
    if beam is None:
        beam = Beam(
            header["BMAJ"] * ARCSEC_PER_DEGREE, header["BMIN"] * ARCSEC_PER_DEGREE, header["BPA"]
        )
    return ModelImage(pixels, cell, beam, header)


def write_model(path: str | Path, image: ModelImage, unit: str = "Jy/pixel") -> None:
    """Write an image as double-precision FITS with its beam, keeping the header's coordinates."""
    from astropy.io import fits

    image = _with_beam(image)
    header = image.header
    header["BUNIT"] = unit
    data = image.pixels.T.reshape((1,) * (header["NAXIS"] - 2) + image.pixels.T.shape)
    fits.PrimaryHDU(data, header).writeto(path, output_verify="silentfix", overwrite=True)


def average(images: Sequence[ModelImage]) -> ModelImage:
    """Average models over spws (and tracks): mean of the pixels, of the beams, of the frequencies.

    Models of other cells are laid on the finest grid first, see `minispiral.imaging.grid.regrid`.

    Raises
    ------
    MinispiralError
        If the images differ in size or phase centre.
    """
    from astropy.io import fits

    first = min(images, key=lambda image: image.cell)
    for image in images:
        if image.pixels.shape != first.pixels.shape:
            raise MinispiralError(
                f"models of {image.pixels.shape[0]} and {first.pixels.shape[0]} pixels cannot be "
                "averaged: give all tracks the same image.imsize"
            )
        check_phase_centres(image.phase_centre_deg, first.phase_centre_deg, first.cell)
    header = fits.Header(first.header, copy=True)
    header["CRVAL3"] = float(np.mean([image.header["CRVAL3"] for image in images]))
    regridded = (regrid(image.pixels, image.cell, first.cell) for image in images)
    pixels = sum(regridded, np.zeros(first.pixels.shape)) / len(images)
    lost = np.mean([image.pixels.sum() for image in images]) - pixels.sum()
    if abs(lost) > MAX_LOSS * abs(pixels.sum()):
        raise MinispiralError(
            f"{lost:.2g} Jy of the models lie beyond the smallest of their images: raise "
            "image.imsize, or set image.cell"
        )
    return ModelImage(pixels, first.cell, mean_beam([image.beam for image in images]), header)


def import_image(path: str | Path, output: str | Path) -> None:
    """Turn a FITS image into a CASA image; call it inside `minispiral.casa.session`."""
    casa.tasks().importfits(fitsimage=str(path), imagename=str(output))


def write_components(path: str | Path, components: np.ndarray, title: str) -> None:
    """Write CLEAN components as text: RA offset (arcsec, east positive), Dec offset, Jy."""
    header = f"{title}\nRA offset (arcsec, east positive), Dec offset (arcsec), flux density (Jy)"
    np.savetxt(path, components, fmt="%.9g", header=header)


def read_components(path: str | Path) -> np.ndarray:
    """Read CLEAN components from text: ``(n, 3)``, arcsec east, arcsec north, Jy.

    Raises
    ------
    MinispiralError
        If the file does not hold three numbers a line.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # "no data"
            components = np.loadtxt(path, ndmin=2)
    except (ValueError, UserWarning) as error:
        raise MinispiralError(f"{path}: expected three numbers a line: {error}") from error
    if components.shape[1] != 3:
        raise MinispiralError(
            f"{path}: expected RA offset, Dec offset and Jy, found {components.shape[1]} columns"
        )
    return components
