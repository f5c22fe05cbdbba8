"""The gain of a track and spw at any time: what the flux scale of a station is multiplied by."""

from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from minispiral.errors import MinispiralError
from minispiral.io.tables import columns
from minispiral.measures.integrations import scan_labels
from minispiral.measures.times import nearest_times
from minispiral.measures.units import SECONDS_PER_DAY

REACH = 60.0  # s from a good integration beyond which the gain is not known


@dataclass(frozen=True)
class StationGain:
    """Gain g of the good integrations of one spw.

    `times` ``(n,)``, MJD (UTC), ascending; `gain` ``(n,)``; `scan` ``(n,)``, a number for each
    scan: QA2 solves scans by themselves, so that the gain may step from one to the next.
    """

    times: np.ndarray
    gain: np.ndarray
    scan: np.ndarray

    def at(self, mjd: float) -> float | None:
        """Gain at a time: on the line between its neighbours in a scan, or that of the nearest.

        None further than `REACH` from any good integration.
        """
        (nearest,), (distance,) = nearest_times(self.times, np.array([mjd]))
        if distance * SECONDS_PER_DAY > REACH:
            return None
        after = int(np.searchsorted(self.times, mjd))
        if 0 < after < len(self.times) and self.scan[after - 1] == self.scan[after]:
            pair = slice(after - 1, after + 1)
            return float(np.interp(mjd, self.times[pair], self.gain[pair]))
        return float(self.gain[nearest])


def station_gain(curves: Table, spw: int) -> StationGain:
    """Return the gain of one spw from {track}/light_curves.ecsv.

    Raises
    ------
    MinispiralError
        If it has no good integration.
    """
    rows = curves[(np.asarray(curves["spw"]) == spw) & np.asarray(curves["good"], bool)]
    if not len(rows):
        raise MinispiralError(f"spw {spw} has no good integration: its gain is not known")
    rows = rows[np.argsort(rows["mjd"])]
    values = columns(rows)
    return StationGain(values["mjd"], values["gain"], scan_labels(rows))
