"""Samples that no stage can use: what is not finite, or has no proper weight.

One such sample spoils a whole image, since CASA grids what is not flagged. So they are flagged
where data enter the workflow, in its own copy of them, and no stage after that meets one.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.measurement_set import BLOCK_ROWS, spectral_windows

logger = logging.getLogger(__name__)

WEIGHTS = ("WEIGHT", "WEIGHT_SPECTRUM")


def flag_bad_samples(ms: str | Path, source: str) -> None:
    """Flag all samples of a copy of data whose visibility, weight or UVW is not finite.

    Negative weights count too. What is not finite, or negative, becomes 0 besides.

    Parameters
    ----------
    source : what the data are a copy of, for messages

    Raises
    ------
    MinispiralError
        If nothing is left.
    """
    bad = left = 0
    for window in spectral_windows(ms).values():
        with casa.table(ms, writable=True) as main:
            chosen = main.query(f"DATA_DESC_ID IN {window.ids}")
            try:
                rows = max(1, BLOCK_ROWS // window.channels)
                for start in range(0, chosen.nrows(), rows):
                    found, good = _flag_block(chosen, start, rows)
                    bad, left = bad + found, left + good
            finally:
                chosen.close()
    if not left:
        raise MinispiralError(
            f"{source}: all visibilities are flagged, not finite or without weight: leave out the "
            "spw, or correct its data"
        )
    if bad:
        logger.info("flagged %d visibilities that are not finite or have no proper weight", bad)


def _flag_block(table: Any, start: int, rows: int) -> tuple[int, int]:
    """Flag the bad samples of some rows; return how many those are, and how many can be used."""

    def column(name: str) -> np.ndarray:
        return table.getcol(name, start, rows)

    columns = {name: column(name) for name in ("DATA", "UVW")}
    for name in WEIGHTS:
        if name in table.colnames() and table.iscelldefined(name, start):
            columns[name] = column(name)
    improper = {name: ~np.isfinite(values) for name, values in columns.items()}
    for name in set(WEIGHTS) & set(columns):
        with np.errstate(invalid="ignore"):
            improper[name] |= columns[name] < 0
    weight = columns.get("WEIGHT_SPECTRUM", columns["WEIGHT"][:, None])
    flag = column("FLAG") | column("FLAG_ROW")
    bad = improper["DATA"] | improper["WEIGHT"][:, None] | improper["UVW"].any(axis=0)
    bad |= improper.get("WEIGHT_SPECTRUM", False)
    if bad.any():
        for name, values in columns.items():
            if improper[name].any():
                table.putcol(name, np.where(improper[name], 0, values), start, rows)
        table.putcol("FLAG", column("FLAG") | bad, start, rows)
    return int((bad & ~flag).sum()), int((~bad & ~flag & (weight > 0)).sum())
