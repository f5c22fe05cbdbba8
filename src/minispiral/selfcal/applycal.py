"""Gain tables of self-calibration put on data by CASA's applycal: which spw, scan takes which."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.ms.windows import spectral_windows


def spw_map(table: str | Path, spws: int) -> list[int]:
    """Map every spw to the one whose solutions it takes: its own, or the one of all combined."""
    with casa.table(table) as gains:
        solved = np.unique(gains.getcol("SPECTRAL_WINDOW_ID"))
    return [int(solved[0])] * spws if len(solved) == 1 else []


def interpolation(combine: str) -> str:
    """Interpolation in time of solutions: each scan by its own, unless scans were combined."""
    return "linear" if "scan" in combine else "linearperscan"


def apply_gains(
    ms: str | Path,
    tables: Sequence[Path],
    interps: Sequence[str],
    maps: Sequence[list[int]] | None = None,
) -> None:
    """Apply tables to the corrected column; data without a solution are flagged, weights kept."""
    if maps is None:
        maps = [spw_map(table, len(spectral_windows(ms))) for table in tables]
    casa.tasks().applycal(
        vis=str(ms),
        gaintable=[str(table) for table in tables],
        spwmap=list(maps),
        interp=list(interps),
        calwt=False,
        flagbackup=False,
    )
