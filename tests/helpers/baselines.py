"""Baselines of a measurement set by CASA's measures, for tests of those that are simulated."""

from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.simulation.track import DIRECTION


def w_coordinates(ms: Path, time: float, antenna1: np.ndarray, antenna2: np.ndarray) -> np.ndarray:
    """Return w of baselines at a time (MJD in s, UTC), by CASA's direction of Sgr A*, m."""
    with casa.session():
        measures = casa.tools().measures()
        measures.doframe(measures.epoch("UTC", {"value": time / 86400, "unit": "d"}))
        measures.doframe(measures.observatory("ALMA"))
        to_source = measures.measure(measures.direction(*DIRECTION), "ITRF")
        with casa.table(ms / "ANTENNA") as table:
            position = table.getcol("POSITION").T
    longitude, latitude = to_source["m0"]["value"], to_source["m1"]["value"]
    unit = [
        np.cos(latitude) * np.cos(longitude),
        np.cos(latitude) * np.sin(longitude),
        np.sin(latitude),
    ]
    return -(position[antenna2] - position[antenna1]) @ unit
