"""Gain tables of self-calibration put on data by CASA's applycal: which spw, scan takes which.

CASA's interpolation within scans identifies scans by their numbers alone. It mixes solutions of
observations or arrays whose numbers repeat, and crashes where one of them lacks a number. So while
CASA works, the scans of a copy have consecutive numbers, and the tables match them
(`minispiral.selfcal.scan_tables`).

Call these inside `minispiral.casa.session`.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.io.progress import progress
from minispiral.ms.windows import BLOCK_ROWS, spectral_windows
from minispiral.selfcal.scan_tables import numbered_scans, table_of_scans


def spw_map(table: str | Path, spws: int) -> list[int]:
    """Map every spw to the one whose solutions it takes: its own, or the one of all combined."""
    with casa.table(table) as gains:
        solved = np.unique(gains.getcol("SPECTRAL_WINDOW_ID"))
    return [int(solved[0])] * spws if len(solved) == 1 else []


def apply_gains(
    ms: str | Path,
    tables: Sequence[Path],
    combines: Sequence[str],
    maps: Sequence[list[int]] | None = None,
    borrow: bool = False,
) -> None:
    """Apply tables to the corrected column; data without a solution are flagged, weights kept.

    Interpolation in time is linear within each scan, or where scans were combined within each
    observation and array.

    Parameters
    ----------
    ms : a copy, whose scans are numbered through meanwhile
    combines : what each table's solutions combine, as they were given to gaincal
    maps : for each table, the spw whose solutions each spw takes; None for its own
    borrow : whether scans without solutions take those of others
    """
    if maps is None:
        maps = [spw_map(table, len(spectral_windows(ms))) for table in tables]
    with numbered_scans(ms) as scans:
        prepared = [
            table_of_scans(table, Path(f"gains{k}").resolve(), scans, "scan" in combine, borrow)
            for k, (table, combine) in enumerate(zip(tables, combines, strict=True))
        ]
        casa.tasks().applycal(
            vis=str(ms),
            gaintable=[str(table) for table in prepared],
            spwmap=list(maps),
            interp=["linearperscan"] * len(prepared),
            calwt=False,
            flagbackup=False,
        )


def correct_data(ms: str | Path, tables: Sequence[Path], combines: Sequence[str]) -> None:
    """Apply tables to the data column itself of a copy, so that a round can go on from there."""
    if not tables:
        return
    apply_gains(ms, tables, combines)
    with casa.table(ms, writable=True) as main:
        for window in spectral_windows(ms).values():
            with casa.selected(main, f"DATA_DESC_ID IN {window.ids}") as chosen:
                rows = max(1, BLOCK_ROWS // window.channels)
                for start in progress(range(0, chosen.nrows(), rows), "data with gains so far"):
                    corrected = chosen.getcol("CORRECTED_DATA", start, rows)
                    chosen.putcol("DATA", corrected, start, rows)
