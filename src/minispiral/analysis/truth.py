"""The table of true fluxes, if a campaign has one."""

import numpy as np
import pandas

from minispiral.errors import MinispiralError

STOKES = "IQUV"
TRUTH_COLUMNS = ("spw", "mjd_s", *STOKES)


def read_truth(path: str) -> pandas.DataFrame:
    """Read a table of true fluxes: spw, mjd_s (MJD in s), I, Q, U, V (Jy), by integration.

    Raises
    ------
    MinispiralError
        If it cannot be read or lacks a column.
    """
    try:
        truth = pandas.read_csv(path)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())  # pandas' own may have several lines
        raise MinispiralError(
            f"{path} cannot be read as a table of true fluxes ({reason}): give a csv file with the "
            f"columns {', '.join(TRUTH_COLUMNS)}"
        ) from error
    for name in [name for name in TRUTH_COLUMNS if name in truth]:
        number = pandas.to_numeric(truth[name], errors="coerce")
        wrong = np.flatnonzero(number.isna() & truth[name].notna())
        if len(wrong):
            raise MinispiralError(
                f"{path}, column {name}, row {wrong[0] + 1}: {truth[name].iloc[wrong[0]]!r} is no "
                "number: correct it, or leave it empty"
            )
        truth[name] = number
    missing = [name for name in TRUTH_COLUMNS if name not in truth]
    if missing:
        raise MinispiralError(
            f"{path} lacks {', '.join(missing)}: a table of true fluxes has the columns "
            f"{', '.join(TRUTH_COLUMNS)}"
        )
    return truth.sort_values(["spw", "mjd_s"], ignore_index=True)
