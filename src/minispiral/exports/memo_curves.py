r"""Light curves as the text files that the memo's second script writes, for those who read these.

Each has a time, a value and its error, of good integrations. Times are MJD (UTC) in hours, 24 times
the MJD. Of each spw N, as SGRA_TRACK_LCurve_NAME_spwN.dat: StkI, StkIQA2 (the core as fitted, not
scaled), StkI_minispiral (F_ext), StkQ, StkU, StkV, PolI (Jy) and EVPA (deg). Of the spws together,
as SGRA_TRACK_LCurve_NAME.dat: RM (rad/m^2), EVPA0 (rad), SpectralIndx_StokesI and Depolaritation
(the script's spelling), the last with the script's definition::

    D = (P_n - P_1) / (P_n + P_1),    s_D = 2 P_1 P_n s_r / (P_1 + P_n)^2

with P_1 and P_n the polarised flux of the first and last spw and s_r the relative error of their
ratio, in which a gain that both spws share cancels. Errors are those of this workflow.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from astropy.table import Table

from minispiral.io.tables import columns
from minispiral.measures.times import common_integrations, reach
from minispiral.measures.units import SECONDS_PER_DAY

SOURCE = "SGRA"
HOURS_PER_DAY = 24.0
TIME = "JDTIME (h)"

# name in the file's -> column of light_curves.ecsv, and the heading of the value
SPW_FILES = {
    "StkI": ("I", "STK I (Jy)", "Error I (Jy)"),
    "StkIQA2": ("I_compact", "STK I (Jy)", "Error I (Jy)"),
    "StkI_minispiral": (
        "I_extended",
        "STK I minispiral (Jy)",
        "Error I  minispiral (Jy)",
    ),
    "StkQ": ("Q", "STK Q (Jy)", "Error Q (Jy)"),
    "StkU": ("U", "STK U (Jy)", "Error U (Jy)"),
    "StkV": ("V", "STK V (Jy)", "Error V (Jy)"),
    "EVPA": ("EVPA", "EVPA (deg.)", "Error EVPA (deg.)"),
    "PolI": ("P", "Plin (Jy)", "Error Plin (Jy)"),
}

# the same of polarimetry.ecsv, and by what its values are multiplied; no headings, no header line
TRACK_FILES = {
    "RM": ("rotation_measure", 1.0, ("RM (rad/m2)", "Error RM (rad/m2)")),
    "EVPA0": ("EVPA_intrinsic", np.pi / 180, ("EVPA0 (rad)", "Error EVPA0 (rad)")),
    "SpectralIndx_StokesI": ("spectral_index", 1.0, None),
}
DEPOLARISATION = "Depolaritation"


def write_memo_curves(
    folder: str | Path, track: str, curves: Sequence[Table], polarimetry: Table | None
) -> None:
    """Write all of a track's files into a new folder.

    Parameters
    ----------
    curves : light_curve.ecsv of each spw
    polarimetry : polarimetry.ecsv; None of a track of one spw, which has no files of several
    """
    folder = Path(folder)
    folder.mkdir()
    for curve in curves:
        good = curve[np.asarray(curve["good"], bool)]
        values, spw = columns(good), int(curve["spw"][0])
        for name, (column, *headings) in SPW_FILES.items():
            _write(
                folder / f"{SOURCE}_{track}_LCurve_{name}_spw{spw}.dat",
                (values["mjd"] * HOURS_PER_DAY, values[column], values[f"{column}_err"]),
                headings,
            )
    if polarimetry is None:
        return
    values = columns(polarimetry)
    for name, (column, factor, of_file) in TRACK_FILES.items():
        _write(
            folder / f"{SOURCE}_{track}_LCurve_{name}.dat",
            (
                values["mjd"] * HOURS_PER_DAY,
                values[column] * factor,
                values[f"{column}_err"] * factor,
            ),
            of_file,
        )
    _write(folder / f"{SOURCE}_{track}_LCurve_{DEPOLARISATION}.dat", depolarisation(curves), None)


def depolarisation(curves: Sequence[Table]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hours, and the script's depolarisation with its error, where all spws are good: (n,) each."""
    tolerance = reach(*(curve.meta["interval_s"] for curve in curves)) / SECONDS_PER_DAY
    times = [columns(curve)["mjd"] for curve in curves]
    common = common_integrations(times, [np.asarray(c["good"], bool) for c in curves], tolerance)
    first, last = (columns(curves[k][common[k]]) for k in (0, -1))
    p1, pn = first["P"], last["P"]
    shared = curves[0].meta["gains"]["spws"]
    together = len(shared) > 1 and shared == curves[-1].meta["gains"]["spws"]
    relative = np.hypot(_relative_error(first, together), _relative_error(last, together))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = (pn - p1) / (pn + p1)
        error = 2 * p1 * pn * relative / (pn + p1) ** 2
    return first["mjd"] * HOURS_PER_DAY, value, error


def _relative_error(values: dict[str, np.ndarray], without_gain: bool) -> np.ndarray:
    """Relative error of P, with or without that of the gain."""
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (values["P_err"] / values["P"]) ** 2
        if without_gain:
            variance = variance - (values["gain_err"] / values["gain"]) ** 2
    return np.sqrt(np.maximum(variance, 0.0))


def _write(path: Path, values: Sequence[np.ndarray], headings: Sequence[str] | None) -> None:
    """Write columns as the script does: with a header line and tabs, or without and by blanks."""
    rows = np.column_stack(values)
    if headings is None:
        np.savetxt(path, rows, fmt="%.18e   %.7e  %.7e")
        return
    header = "#\t " + " \t ".join([TIME, *headings])
    np.savetxt(path, rows, delimiter="\t", header=header, comments="")
