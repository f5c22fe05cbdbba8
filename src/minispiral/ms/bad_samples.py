"""Samples that no stage can use: what is not finite, or has no proper weight.

One such sample spoils a whole image, since CASA grids what is not flagged. So they are flagged
where data enter the workflow, in its own copy of them, and no stage after that meets one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from minispiral import casa
from minispiral.ms.windows import BLOCK_ROWS, has_values, spectral_windows, usable_rows

WEIGHTS = ("WEIGHT", "WEIGHT_SPECTRUM")


class SampleCounts(NamedTuple):
    """In a spw: samples that were bad and not flagged, and rows that can be used after that."""

    bad: int
    usable_rows: int


def flag_bad_samples(ms: str | Path, block: int = BLOCK_ROWS) -> list[SampleCounts]:
    """Flag all samples of a copy of data whose visibility, weight or UVW is not finite.

    Negative weights count too. What is not finite, or negative, becomes 0 besides.

    Parameters
    ----------
    block : rows of one channel at a time

    Returns
    -------
    For each spw of the copy, in their order.
    """
    result = []
    for _, window in sorted(spectral_windows(ms).items()):
        with (
            casa.table(ms, writable=True) as main,
            casa.selected(main, f"DATA_DESC_ID IN {window.ids}") as chosen,
        ):
            rows = max(1, block // window.channels)
            blocks = [
                _flag_block(chosen, start, rows, window.correlations)
                for start in range(0, chosen.nrows(), rows)
            ]
        result.append(SampleCounts(*(sum(counts) for counts in zip(*blocks, strict=True))))
    return result


def _flag_block(table: Any, start: int, rows: int, correlations: Sequence[str]) -> SampleCounts:
    def column(name: str) -> np.ndarray:
        return table.getcol(name, start, rows)

    columns = {name: column(name) for name in ("DATA", "UVW")}
    for name in WEIGHTS:
        if has_values(table, name, start):
            columns[name] = column(name)
    improper = {name: ~np.isfinite(values) for name, values in columns.items()}
    for name in set(WEIGHTS) & set(columns):
        with np.errstate(invalid="ignore"):
            improper[name] |= columns[name] < 0
    bad = improper["DATA"] | improper["WEIGHT"][:, None] | improper["UVW"].any(axis=0)
    bad |= improper.get("WEIGHT_SPECTRUM", False)
    flag = column("FLAG")
    flagged = flag | column("FLAG_ROW")
    if bad.any():
        for name, values in columns.items():
            if improper[name].any():
                table.putcol(name, np.where(improper[name], 0, values), start, rows)
        table.putcol("FLAG", flag | bad, start, rows)
    usable = usable_rows(flagged | bad, columns["WEIGHT"], correlations)
    return SampleCounts(int((bad & ~flagged).sum()), int(usable.sum()))
