"""The core in IM0: where it is, and the CLEAN model without it, from which IM1 is made."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.imaging.beam import Beam
from minispiral.imaging.grid import pixel_offsets
from minispiral.imaging.models import ModelImage, read_model
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.transform import Offset


def remove_core(
    model: np.ndarray, cell: float, beam: Beam, fill: str = "zero"
) -> tuple[np.ndarray, Offset, float]:
    """Take the core out of a CLEAN model.

    The strongest component is the core; within half a beam of it, half of sqrt(major minor), the
    model is set to zero (``fill="zero"``) or to its mean between half a beam and one beam away
    (``fill="surroundings"``): the memo's REMOVE_ALL_CENTER_BEAM.

    Parameters
    ----------
    model : (n_x, n_y), Jy per pixel
    cell : arcsec
    beam : the CLEAN beam
    fill : "zero" or "surroundings"

    Returns
    -------
    model without the core, position of the core (arcsec east, north), flux taken out (Jy)

    Raises
    ------
    MinispiralError
        If the model is empty.
    """
    if not model.max() > 0:
        raise MinispiralError(
            "CLEAN found no positive component: look at IM0, widen image.mask or raise image.niter"
        )
    x, y = pixel_offsets(model.shape, cell)
    peak = np.unravel_index(np.argmax(model), model.shape)
    position = (float(x[peak[0], 0]), float(y[0, peak[1]]))
    distance = np.hypot(x - position[0], y - position[1])
    inside = distance < beam.size / 2
    result = np.array(model)
    result[inside] = 0.0
    if fill == "surroundings":
        ring = ~inside & (distance < beam.size)
        if not ring.any():
            raise MinispiralError(
                f"the CLEAN beam of {beam.size:.2g} arcsec is smaller than a pixel of {cell:.2g}: "
                "lower image.cell"
            )
        result[inside] = model[ring].mean()
    return result, position, float(model.sum() - result.sum())


def write_offset(path: str | Path, offset: Offset) -> None:
    """Write an offset as JSON."""
    east, north = offset
    Path(path).write_text(json.dumps({"east_arcsec": east, "north_arcsec": north}) + "\n")


def read_offset(path: str | Path) -> Offset:
    """Read what `write_offset` wrote."""
    values = json.loads(Path(path).read_text())
    return values["east_arcsec"], values["north_arcsec"]


def core_offset(setting: str | Sequence[float], peaks: Sequence[Offset]) -> Offset:
    """The core's place in all spws of a track: `setting`, or for "auto" the mean of `peaks`."""
    east, north = np.mean(peaks, axis=0) if isinstance(setting, str) else setting
    return float(east), float(north)


def read_sky_model(im1: str | Path, core: str | Path) -> SkyModel:
    """Read the model of a track's fit: IM1 from FITS, and the core's place from JSON."""
    return sky_model(read_model(im1), read_offset(core))


def sky_model(im1: ModelImage, core: Offset) -> SkyModel:
    """Put the model of a track's fit together."""
    return SkyModel(im1.pixels, im1.cell, core, im1.dish_m)
