"""Integrations of a measurement set's rows: their times, length, and scans.

Call these inside `minispiral.casa.session`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.measures.integrations import (
    Integrations,
    common_times,
    group_rows,
    length,
    scan_labels,
    spacing,
    usual_step,
)
from minispiral.measures.times import utc
from minispiral.ms.windows import BLOCK_ROWS

SCAN_NUMBERS = {"observation": "OBSERVATION_ID", "array": "ARRAY_ID", "scan": "SCAN_NUMBER"}


@dataclass(frozen=True)
class ScannedIntegrations:
    """Integrations of a table: see `Integrations`; their length `interval`, s, and their scans.

    `scan_ids`, observation, array and scan number ``(n,)`` of each integration; `scans` ``(n,)``,
    the number of its scan, counted from 0: which distinguishes scans.
    """

    grouped: Integrations
    interval: float
    scan_ids: dict[str, np.ndarray]
    scans: np.ndarray


def interval_of(table: Any) -> float:
    """Length of an integration of an open main table, s: INTERVAL, or the first rows' spacing."""
    if not table.nrows():
        return length(np.nan, np.inf)

    def column(name: str) -> np.ndarray:
        return table.getcol(name, 0, BLOCK_ROWS)

    keys = (column(name) for name in ("ANTENNA1", "ANTENNA2", "DATA_DESC_ID"))
    step = -(-table.nrows() // BLOCK_ROWS)  # it is as usual in any rows
    written = float(np.median(table.getcol("INTERVAL", 0, -1, step)))
    return length(written, spacing(column("TIME"), *keys, written=written))


def read_integrations(table: Any) -> ScannedIntegrations:
    """Tell the integrations of an open main table apart, of one spw."""
    known = interval_of(table)
    grouped = group_rows(table.getcol("TIME"), known)
    first = table.selectrows(grouped.first)
    ids = {name: first.getcol(column) for name, column in SCAN_NUMBERS.items()}
    first.close()
    interval = length(known, usual_step(grouped.times))
    return ScannedIntegrations(grouped, interval, ids, scan_labels(ids))


def check_scans(table: Any, where: str) -> None:
    """Check that all rows of each integration of an open main table are of one scan.

    Raises
    ------
    MinispiralError
        If they are not: arrays that observe side by side have gains of their own.
    """
    known = read_integrations(table)
    of_row, ids = known.grouped.of_row, known.scan_ids
    for name, column in SCAN_NUMBERS.items():
        there = table.getcol(column)
        other = np.flatnonzero(there != ids[name][of_row])
        if len(other):
            row = int(other[0])
            time = utc(float(known.grouped.times[of_row[row]]))
            raise MinispiralError(
                f"{where}: at {time} there are rows of two scans at once ({column} "
                f"{ids[name][of_row[row]]} and {there[row]}), whose gains differ: split them into "
                "measurement sets of their own, and give each as a track"
            )


def settle_times(ms: str | Path) -> int:
    """Give the rows of each integration one TIME: CASA takes rows of one TIME together.

    That is so across spws too, where these are solved for together. Returns the number of rows that
    had another one.
    """
    with casa.table(f"{ms}/DATA_DESCRIPTION") as table:
        descriptions = table.nrows()
    with casa.table(ms, writable=True) as main:
        grouped, intervals = [], []
        for description in range(descriptions):
            with casa.selected(main, _of(description)) as chosen:
                intervals.append(interval_of(chosen))
                time = chosen.getcol("TIME") if chosen.nrows() else np.zeros(0)
                grouped.append(group_rows(time, intervals[-1]))
        settled = common_times([own.times for own in grouped], intervals)
        changed = 0
        for description, (own, times) in enumerate(zip(grouped, settled, strict=True)):
            with casa.selected(main, _of(description)) as chosen:
                changed += _settle(chosen, times[own.of_row])
    return changed


def _of(description: int) -> str:
    return f"DATA_DESC_ID == {description}"


def _settle(table: Any, settled: np.ndarray) -> int:
    changed = int(np.count_nonzero(settled != table.getcol("TIME"))) if len(settled) else 0
    if changed:
        table.putcol("TIME", settled)
    return changed
