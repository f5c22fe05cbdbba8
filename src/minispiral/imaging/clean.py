"""CLEAN: the image IM0 of core and minispiral, by CASA's tclean."""

import logging
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.imaging.beam import Beam, fit_beam
from minispiral.imaging.convergence import End, converging
from minispiral.imaging.field_of_view import check_on_the_sky
from minispiral.imaging.grid import cell_size, round_down
from minispiral.ms.inspection import Inspection

logger = logging.getLogger(__name__)

BELIEVED = 1.5  # factor that an axis of the beam may differ by from that of the PSF's main lobe

# what stays of a CLEAN, as NAME.image and so on
KINDS = ("image", "model", "residual", "psf", "pb", "mask")

# CASA's recommendation for the 12-m array with short baselines (Kepley et al. 2020, PASP 132,
# 024505, and the CASA guide on automasking), but for the sidelobe threshold, which is the 7-m
# array's: times the sidelobe level, 0.5 in a short track, it must stay well below the peak
AUTOMASK = {
    "usemask": "auto-multithresh",
    "sidelobethreshold": 1.25,
    "noisethreshold": 4.25,
    "lownoisethreshold": 1.5,
    "minbeamfrac": 0.3,
    "negativethreshold": 0.0,
}


@dataclass(frozen=True)
class ImageSettings:
    """How images are made: `keys` of the configuration's ``image``, and what follows from them.

    `cell` is a pixel's size in arcsec; `mask`, a mask image or CRTF region file, is used as it is,
    and without it the mask is automatic.
    """

    keys: Mapping[str, Any]
    cell: float
    mask: str | Path | None = None


class Cleaning(NamedTuple):
    """What is to be said of a CLEAN, a line each, and whether it came to its threshold.

    The threshold is `nsigma` times the rms; a CLEAN without one ends with its iterations. How many
    those were, and why it stopped.
    """

    remarks: list[str]
    at_threshold: bool
    iterations: int
    stopped: str


def choose_cell(settings: Mapping[str, Any], inspection: Inspection) -> float:
    """Size of a pixel (arcsec): ``image.cell``, or from the track's longest baseline.

    The latter is rounded down to two digits, so that it is the same for tracks that differ little.
    """
    if settings["cell"] != "auto":
        return float(settings["cell"])
    longest = settings["max_uv_wavelengths"]
    if longest == "auto":
        longest = inspection.longest_baseline_wavelengths
    return round_down(cell_size(longest, settings["pixels_per_fringe"]), digits=2)


def clean(
    ms: str | Path,
    folder: str | Path,
    settings: ImageSettings,
    previous_mask: str | Path | None = None,
    name: str = "im0",
    deeper: bool = False,
    data_column: str = "data",
) -> Cleaning:
    """CLEAN one measurement set of one spw into `folder`, as NAME.image, NAME.model and so on.

    CLEAN that diverges is stopped where its residual is least, and where tclean's fit of the beam
    fails, the beam is that of `minispiral.imaging.beam.fit_beam`. Either is logged and returned, a
    line each.

    Call it inside `minispiral.casa.session`.

    Parameters
    ----------
    settings : of the image
    previous_mask : mask image of the spw before
        An automatic mask starts from it, else from one beam around the peak, and then grows.
    name : of the images
    deeper : go on, within the mask that was found, by as many iterations again
    data_column : data or corrected

    Raises
    ------
    MinispiralError
        If the image is wider than the sky, the mask does not suit it, tclean fails or makes no
        image, or the PSF has no main lobe.
    """
    check_on_the_sky(int(settings.keys["imsize"]), settings.cell)
    user_mask = settings.mask
    if user_mask is not None:
        check_mask(user_mask, int(settings.keys["imsize"]), settings.cell)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    name = str(folder / name)
    parameters = _parameters(ms, name, settings.keys, settings.cell) | {"datacolumn": data_column}
    parameters |= AUTOMASK if user_mask is None else {"usemask": "user", "mask": str(user_mask)}
    remarks: list[str] = []
    try:
        casa.tasks().tclean(**{**parameters, "niter": 0})
        beam = _believed_beam(parameters, remarks)
        if user_mask is None:
            _start_mask(name, previous_mask, beam.major / 2 / settings.cell)
        parameters.update(calcres=False, calcpsf=False)
        ends = [_clean_on(parameters, remarks)]
        if user_mask is not None:
            _check_marked(name, user_mask)
        if deeper:
            # mask="" goes on with the mask that is there
            ends.append(_clean_on({**parameters, "usemask": "user", "mask": ""}, remarks))
    except RuntimeError as error:
        raise MinispiralError(f"tclean failed on {ms}: {str(error).splitlines()[0]}") from error
    missing = [kind for kind in KINDS if not os.path.isdir(f"{name}.{kind}")]
    if missing:
        raise MinispiralError(f"tclean made no {', '.join(missing)} of {ms}: see its log")
    for remark in remarks:
        logger.warning(remark)
    last = ends[-1]
    return Cleaning(remarks, last.at_threshold, sum(end.done for end in ends), last.stopped)


def _clean_on(parameters: Mapping[str, Any], remarks: list[str]) -> End:
    """Continue CLEAN, say whether it diverged, and return how it ended."""
    end = converging(parameters)
    iterations = end.iterations
    if iterations == 0:
        remarks.append("CLEAN diverges from its start, so that the image is the dirty one")
    elif iterations is not None:
        remarks.append(
            f"CLEAN diverges and was stopped after {iterations} iterations, where its residual was "
            "least"
        )
    return end


def _believed_beam(parameters: Mapping[str, Any], remarks: list[str]) -> Beam:
    """Fit a beam to the PSF, and give it to the PSF where tclean's own fit is another.

    A fit of tclean's that fails gives a beam of 1e-6 arcsec; where sidelobes are high, it may be
    several times the main lobe.
    """
    psf_image = f"{parameters['imagename']}.psf"
    with casa.image(psf_image) as image:
        psf, theirs = image.getchunk()[:, :, 0, 0], image.restoringbeam()
    if not psf.any():
        raise MinispiralError(
            f"tclean finds no data to image in {parameters['vis']}: it takes none of which any "
            "correlation is flagged"
        )
    in_units = casa.tools().quanta().convert
    major, minor = (float(in_units(theirs[k], "arcsec")["value"]) for k in ("major", "minor"))
    try:
        ours = fit_beam(psf, float(parameters["cell"].removesuffix("arcsec")))
    except MinispiralError as error:
        raise MinispiralError(
            f"{parameters['vis']} gives no beam: {error}: there are too few baselines for an "
            "image, or image.cell is too coarse"
        ) from error
    if ours.unlike(Beam(major, minor, 0.0), BELIEVED):
        # not by restoringbeam, for which tclean would convolve the residual too
        with casa.image(psf_image) as image:
            image.setrestoringbeam(remove=True)
            image.setrestoringbeam(
                major=f"{ours.major!r}arcsec",
                minor=f"{ours.minor!r}arcsec",
                pa=f"{ours.angle!r}deg",
            )
        remarks.append(
            f"tclean's fit of the beam, {major:.3g} x {minor:.3g} arcsec, is not that of "
            f"the PSF's main lobe, {ours.major:.3g} x {ours.minor:.3g} arcsec, which is taken"
        )
    return ours


def check_mask(mask: str | Path, size: int, cell: float) -> None:
    """Check a user's mask: a CRTF region file, or an image on the grid that is to be CLEANed.

    Others tclean would regrid, which moves their edges.

    Raises
    ------
    MinispiralError
        If it is neither.
    """
    if not Path(mask).is_dir():
        with open(mask, "rb") as file:
            if not file.read(100).lstrip().startswith(b"#CRTF"):
                raise MinispiralError(f"{mask} is no region file: its first line must be #CRTFv0")
        return
    with casa.image(mask) as image:
        shape, axes = image.shape()[:2], image.coordsys()
        if not axes.findcoordinate("direction")["return"]:
            raise MinispiralError(f"{mask} has no directions on the sky: give an image of CASA's")
        its_cell = axes.increment(format="q", type="direction")["quantity"]["*2"]
    its_cell = casa.tools().quanta().convert(its_cell, "arcsec")["value"]
    # not by as much as half a pixel at the edge
    if list(shape) != [size, size] or abs(its_cell / cell - 1) * size / 2 > 0.5:
        raise MinispiralError(
            f"{mask} has {' x '.join(map(str, shape))} pixels of {its_cell:.4g} arcsec and the "
            f"image {size} x {size} of {cell:.4g}: make the mask with the same image.imsize and "
            "image.cell, or give a region file"
        )


def _check_marked(name: str, mask: str | Path) -> None:
    with casa.image(f"{name}.mask") as image:
        if not image.getchunk().any():
            raise MinispiralError(
                f"{mask} marks no pixel of the image: mark what is to be CLEANed, where it lies on "
                "the sky"
            )


def _parameters(
    ms: str | Path, name: str, settings: Mapping[str, Any], cell: float
) -> dict[str, Any]:
    return {
        "vis": str(ms),
        "imagename": name,
        "specmode": "mfs",
        "gridder": "standard",
        "deconvolver": "hogbom",
        "imsize": int(settings["imsize"]),
        "cell": f"{cell!r}arcsec",
        "weighting": settings["weighting"],
        "robust": settings["robust"],
        "niter": int(settings["niter"]),
        "gain": settings["gain"],
        "cyclefactor": settings["cyclefactor"],
        "nsigma": settings.get("nsigma", 0.0),
        "savemodel": "none",
        "interactive": False,
    }


def _start_mask(name: str, previous_mask: str | Path | None, radius: float) -> None:
    """Put a mask beside residual and PSF, from which automatic masking continues.

    tclean ignores its parameter mask with automatic masking, but goes on from a mask image that
    it finds. Starting from nothing it finds nothing where the PSF's sidelobes are high; starting
    from the core, within a `radius` of pixels, it does. Only pixels are copied, as the images of
    two spws differ in frequency.
    """
    with casa.image(f"{name}.image") as image:
        pixels = image.getchunk()
    if previous_mask is None:
        pixels = _peak_mask(pixels, radius)
    else:
        with casa.image(previous_mask) as image:
            pixels = image.getchunk()
    if not os.path.isdir(f"{name}.mask"):
        shutil.copytree(f"{name}.residual", f"{name}.mask")
    with casa.image(f"{name}.mask") as image:
        image.putchunk(pixels)


def _peak_mask(pixels: np.ndarray, radius: float) -> np.ndarray:
    """Mask of the pixels within `radius` (pixels) of the brightest one."""
    x, y = np.indices(pixels.shape[:2])
    peak_x, peak_y = np.unravel_index(np.argmax(pixels), pixels.shape)[:2]
    disc = np.hypot(x - peak_x, y - peak_y) <= radius
    return np.broadcast_to(disc[:, :, None, None], pixels.shape).astype(float)
