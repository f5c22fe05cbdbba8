"""The table that determines the covariance of a track's light curves.

See `minispiral.gains.covariance`, which reads it, for what the columns are.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.gains import COVARIANCE
from minispiral.io.tables import columns, stack

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
    """Table of what determines the covariance of a track's light curves: `COLUMNS`.

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
        for stokes, noise in own_noise(columns(curve)).items():
            table[f"{stokes}_noise"] = noise
        tables.append(table)
    table = described(stack(tables), COVARIANCE)
    table.meta = {"spws": {spw: of["covariance"] for spw, of in gains.meta["spws"].items()}}
    return table


def own_noise(curve: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Noise of scaled Q, U and V, Jy: their errors less those of the gain and the absorption.

    `curve` has the columns of one spw's light curve.
    """
    shared = _gain_error(curve)
    with np.errstate(invalid="ignore"):
        return {
            name: np.sqrt(np.maximum(curve[f"{name}_err"] ** 2 - (curve[name] * shared) ** 2, 0))
            for name in "QUV"
        }


def shared_error(curve: Mapping[str, np.ndarray]) -> np.ndarray:
    """Relative error of each flux that neighbouring integrations share, ``(n,)``.

    It is that of the gain and of the absorption, sqrt((s_g/g)^2 + (s_a/a)^2). Of integrations that
    have their own gain (``gain_weight`` 1) it is that of the absorption alone.

    `curve` has the columns of a light curve.
    """
    smooth = np.where(curve["gain_weight"] < 1, curve["gain_err"], 0.0)
    return _gain_error({**curve, "gain_err": smooth})


def _gain_error(curve: Mapping[str, np.ndarray]) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.hypot(
            curve["gain_err"] / curve["gain"], curve["absorption_err"] / curve["absorption"]
        )


def noise_of_spw(table: Table, spw: int) -> dict[str, np.ndarray]:
    """Independent noise of one spw's scaled Q, U and V, Jy, from a track's table of `COLUMNS`."""
    rows = columns(table[np.asarray(table["spw"]) == spw])
    return {name: rows[f"{name}_noise"] for name in "QUV"}
