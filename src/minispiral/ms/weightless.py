"""Samples without weight in the input, to which CASA would give weights again.

For the column DATA, CASA's split makes a new WEIGHT from SIGMA, whatever WEIGHT said: an antenna
that a WEIGHT of zero had removed would come back. So samples without a positive and finite WEIGHT,
or WEIGHT_SPECTRUM, in the input are flagged in its copy. Samples without such a SIGMA, which split
gives a weight of zero, are flagged too, so that they are counted. Split orders rows by time; those
of one time and baseline stay in order.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.io.progress import progress
from minispiral.ms.windows import BLOCK_ROWS, has_values, has_weight_spectrum, is_proper


@dataclass(frozen=True)
class Selection:
    """Rows of a spw of a measurement set: `condition`, in TaQL, and the number of `channels`."""

    ms: Path
    condition: str
    channels: int


@dataclass(frozen=True)
class Weightless:
    """Whether some samples have no weight: of `rows`, whatever their channel, or of `channels`."""

    rows: bool
    channels: bool

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self.rows or self.channels


def find_weightless(source: Selection) -> Weightless:
    """Look for samples that have no weight and are not flagged."""
    rows = channels = False
    with casa.table(source.ms) as main, casa.selected(main, source.condition) as chosen:
        of_channels = has_weight_spectrum(chosen)
        at_once = _rows_at_once(source)
        for start in progress(range(0, chosen.nrows(), at_once), "read weights"):
            of_row = _lacking_in_rows(chosen, start, at_once)
            if of_row.any():  # of most data it is what is flagged
                rows |= bool((of_row & ~_flag(chosen, start, at_once).all(axis=1)).any())
            if of_channels:
                lacking = _lacking(chosen, "WEIGHT_SPECTRUM", start, at_once) & ~of_row[:, None]
                if lacking.any():
                    channels |= bool((lacking & ~_flag(chosen, start, at_once)).any())
    return Weightless(rows, channels)


def flag_weightless(source: Selection, copy: Selection, channels: bool = True) -> int:
    """Flag, in a copy of a selection made by CASA's split, what has no weight in its source.

    Returns how many samples were not flagged before. Without `channels`, as where the copy has
    averages of them, only what lacks weight in all of them is flagged.

    Raises
    ------
    MinispiralError
        If the copy has other rows.
    """
    flagged = 0
    with (
        casa.table(source.ms) as main,
        casa.selected(main, source.condition) as rows,
        casa.table(copy.ms, writable=True) as copied,
        casa.selected(copied, copy.condition) as chosen,
    ):
        place = _places(rows, chosen, source.ms)
        of_channels = channels and has_weight_spectrum(rows)
        at_once = _rows_at_once(source)
        for start in progress(range(0, len(place), at_once), "leave out what has no weight"):
            block = rows.selectrows(place[start : start + at_once].tolist())
            lacking = _lacking_in_rows(block, 0, at_once)[:, None]
            if of_channels:
                lacking = lacking | _lacking(block, "WEIGHT_SPECTRUM", 0, at_once)
            block.close()
            flag = chosen.getcol("FLAG", start, at_once)
            added = lacking & ~_flag(chosen, start, at_once)
            if added.any():
                chosen.putcol("FLAG", flag | added, start, at_once)
                flagged += int(added.sum())
    return flagged


def _rows_at_once(source: Selection) -> int:
    return max(1, BLOCK_ROWS // source.channels)


def _lacking_in_rows(table: Any, start: int, rows: int) -> np.ndarray:
    """Which samples have no weight in any channel: ``(n_corr, n_row) bool``."""
    lacking = _lacking(table, "WEIGHT", start, rows)
    if not has_values(table, "SIGMA_SPECTRUM"):  # which split prefers
        lacking |= _lacking(table, "SIGMA", start, rows)
    return lacking


def _lacking(table: Any, column: str, start: int, rows: int) -> np.ndarray:
    """Which values are not positive and finite."""
    return ~is_proper(table.getcol(column, start, rows))


def _flag(table: Any, start: int, rows: int) -> np.ndarray:
    flag: np.ndarray = table.getcol("FLAG", start, rows) | table.getcol("FLAG_ROW", start, rows)
    return flag


def _places(source: Any, copy: Any, ms: Path) -> np.ndarray:
    """For each row of the copy, that of its source: ``(n_row,)``."""
    ours, theirs = (_keys(table) for table in (copy, source))
    places = matching_rows(ours, theirs)
    if places is None:
        raise MinispiralError(
            f"{ms}: the rows that CASA's split made are not those of the input, so that those "
            "without WEIGHT cannot be found: flag these in the input"
        )
    return places


def _keys(table: Any) -> np.ndarray:
    return np.stack([table.getcol(name) for name in ("ANTENNA2", "ANTENNA1", "TIME")])


def matching_rows(keys: np.ndarray, of_source: np.ndarray) -> np.ndarray | None:
    """For each row, the one of the source with the same keys; none if they have other rows.

    Rows of the same keys are taken in order.

    Parameters
    ----------
    keys, of_source : (n_key, n_row)

    Returns
    -------
    (n_row,) int
    """
    if keys.shape != of_source.shape:
        return None
    order, order_of_source = np.lexsort(keys), np.lexsort(of_source)
    if not np.array_equal(keys[:, order], of_source[:, order_of_source]):
        return None
    places = np.empty(len(order), int)
    places[order] = order_of_source
    return places
