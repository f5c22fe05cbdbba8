"""The core's place in a track: as configured, or where the images of its spws have their peak."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

Offset = tuple[float, float]  # arcsec east and north of the phase centre


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
    east, north = np.mean(peaks, axis=0) if setting == "auto" else setting
    return float(east), float(north)
