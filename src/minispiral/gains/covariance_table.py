"""The table that the covariance of a track's light curves follows from.

See `minispiral.gains.covariance`, which reads it, for what the columns are.
"""

from collections.abc import Sequence

import numpy as np
from astropy import units
from astropy.table import Table

from minispiral.io.tables import columns, stack

NOISE = ("Q_noise", "U_noise", "V_noise")
# columns of {track}/covariance.ecsv beside spw, mjd, good
COLUMNS = (
    "segment",
    "learnt_err",
    "independent_err",
    "core_err",
    "core_covariance",
    "absorption_err",
)


def covariance_table(curves: Sequence[Table], gains: Table) -> Table:
    """Table of what the covariance of a track's light curves follows from: `COLUMNS`.

    Parameters
    ----------
    curves : light curve of each spw
    gains : of the same integrations, from `minispiral.gains.tables.gain_curves_table`
    """
    tables = []
    for curve in curves:
        spw = int(curve["spw"][0])
        rows = gains[np.asarray(gains["spw"]) == spw]
        table = Table({"spw": curve["spw"], "mjd": curve["mjd"], "good": curve["good"]})
        for name in COLUMNS[:-1]:
            table[name] = rows[name]
        table[COLUMNS[-1]] = curve["absorption_err"] / curve["absorption"]
        values = columns(curve)
        for name in NOISE:
            stokes = name[0]
            relative = np.hypot(values["gain_err"] / values["gain"], table["absorption_err"])
            shared = values[stokes] * relative
            noise = np.sqrt(np.maximum(values[f"{stokes}_err"] ** 2 - shared**2, 0))
            table[name] = noise * units.Jy
        tables.append(table)
    table = stack(tables)
    table.meta = {"spws": {spw: of["covariance"] for spw, of in gains.meta["spws"].items()}}
    return table


def noise_of_spw(table: Table, spw: int) -> dict[str, np.ndarray]:
    """Independent noise of one spw's scaled Q, U and V, Jy, from a track's table of `COLUMNS`."""
    rows = columns(table[np.asarray(table["spw"]) == spw])
    return {name[0]: rows[name] for name in NOISE}
