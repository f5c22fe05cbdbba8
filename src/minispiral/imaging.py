"""CLEAN: the image IM0 of core and minispiral, by CASA's tclean."""

import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minispiral import casa
from minispiral.configuration import mask_path
from minispiral.errors import MinispiralError
from minispiral.image_grid import cell_size
from minispiral.measurement_set import Inspection

logger = logging.getLogger(__name__)

# what stays of a CLEAN, as im0.image and so on
PRODUCTS = ("image", "model", "residual", "psf", "pb", "mask")

# CASA's recommendation for the 12-m array with short baselines (Kepley et al. 2020, PASP 132,
# 024505, and the CASA guide on automasking)
AUTOMASK = {
    "usemask": "auto-multithresh",
    "sidelobethreshold": 2.0,
    "noisethreshold": 4.25,
    "lownoisethreshold": 1.5,
    "minbeamfrac": 0.3,
    "negativethreshold": 0.0,
}


def choose_cell(settings: Mapping[str, Any], inspections: Sequence[Inspection]) -> float:
    """Size of a pixel (arcsec): ``image.cell``, or from the longest baseline of the tracks."""
    if settings["cell"] != "auto":
        return float(settings["cell"])
    longest = settings["max_uv_wavelengths"]
    if longest == "auto":
        longest = max(inspection.longest_baseline_wavelengths for inspection in inspections)
    return cell_size(longest, settings["pixels_per_fringe"])


def clean(
    ms: str | Path,
    folder: str | Path,
    settings: Mapping[str, Any],
    cell: float,
    previous_mask: str | Path | None = None,
) -> None:
    """CLEAN one measurement set of one spw into `folder`, as im0.image, im0.model and so on.

    Call it inside `minispiral.casa.session`.

    Parameters
    ----------
    settings : the keys of the configuration's ``image``
    cell : arcsec
    previous_mask : mask image of the spw before, for ``mask: incremental``
        The automatic mask starts from it and can only grow.

    Raises
    ------
    MinispiralError
        If tclean fails, or makes no image.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    name = str(folder / "im0")
    parameters = _parameters(ms, name, settings, cell)
    try:
        if previous_mask is not None:
            _start_from_mask(parameters, previous_mask)
            parameters.update(calcres=False, calcpsf=False)
        casa.tasks().tclean(**parameters)
    except RuntimeError as error:
        raise MinispiralError(f"tclean failed on {ms}: {str(error).splitlines()[0]}") from error
    missing = [kind for kind in PRODUCTS if not os.path.isdir(f"{name}.{kind}")]
    if missing:
        raise MinispiralError(f"tclean made no {', '.join(missing)} of {ms}: see its log")


def _parameters(
    ms: str | Path, name: str, settings: Mapping[str, Any], cell: float
) -> dict[str, Any]:
    user_mask = mask_path(settings)
    mask = AUTOMASK if user_mask is None else {"usemask": "user", "mask": user_mask}
    return {
        "vis": str(ms),
        "imagename": name,
        "datacolumn": "data",
        "specmode": "mfs",
        "gridder": "standard",
        "deconvolver": "hogbom",
        "imsize": settings["imsize"],
        "cell": f"{cell!r}arcsec",
        "weighting": settings["weighting"],
        "robust": settings["robust"],
        "niter": settings["niter"],
        "gain": settings["gain"],
        "cyclefactor": settings["cyclefactor"],
        "savemodel": "none",
        "interactive": False,
        **mask,
    }


def _start_from_mask(parameters: dict[str, Any], previous_mask: str | Path) -> None:
    """Make residual and PSF, and lay the mask of the spw before beside them.

    tclean ignores its parameter mask with automatic masking, but goes on from a mask image that
    it finds; pixels are copied, because the images of two spws differ in their frequency.
    """
    name = parameters["imagename"]
    casa.tasks().tclean(**{**parameters, "niter": 0})
    mask = f"{name}.mask"
    if not os.path.isdir(mask):
        shutil.copytree(f"{name}.residual", mask)
    with casa.image(previous_mask) as image:
        pixels = image.getchunk()
    with casa.image(mask) as image:
        image.putchunk(pixels)
