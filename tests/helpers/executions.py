"""A track cut into the executions of a night, each numbered in a way of its own, for the tests."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.ms.shapes import copy_subtables


@dataclass(frozen=True)
class Piece:
    """How a piece is numbered: the old spw of each new one, the old antenna of each new one.

    Scans count from 1 unless they are to be as they were.
    """

    spws: Sequence[int]
    antennas: Sequence[int]
    own_scans: bool = True


def cut(ms: Path, outputs: Sequence[Path], pieces: Sequence[Piece]) -> None:
    """Cut a track into pieces of equal length in time."""
    with casa.session():
        with casa.table(ms) as table:
            times = np.unique(table.getcol("TIME"))
        for part, output, piece in zip(
            np.array_split(times, len(pieces)), outputs, pieces, strict=True
        ):
            _cut(ms, output, piece, part)


def _cut(ms: Path, output: Path, piece: Piece, times: np.ndarray) -> None:
    new_antenna = {old: new for new, old in enumerate(piece.antennas)}
    with casa.table(ms) as table:
        time, one, two = (table.getcol(k) for k in ("TIME", "ANTENNA1", "ANTENNA2"))
        wanted = (time >= times[0]) & (time <= times[-1])
        wanted &= np.isin(one, piece.antennas) & np.isin(two, piece.antennas)
        chosen = table.selectrows(np.flatnonzero(wanted).tolist())
        chosen.copy(str(output), deep=True, valuecopy=True).close()
        chosen.close()
    copy_subtables(ms, output)
    _reorder(output / "ANTENNA", piece.antennas)
    _reorder(output / "SPECTRAL_WINDOW", piece.spws)
    with casa.table(output / "DATA_DESCRIPTION", writable=True) as table:
        old = table.getcol("SPECTRAL_WINDOW_ID")
        table.putcol("SPECTRAL_WINDOW_ID", np.argsort(piece.spws)[old].astype(np.int32))
    with casa.table(output / "FEED", writable=True) as table:
        antenna = table.getcol("ANTENNA_ID")
        table.removerows(np.flatnonzero(~np.isin(antenna, piece.antennas)).tolist())
        renumber(table, "ANTENNA_ID", new_antenna)
    with casa.table(output, writable=True) as table:
        scan = table.getcol("SCAN_NUMBER")
        if piece.own_scans:
            table.putcol("SCAN_NUMBER", (scan - scan.min() + 1).astype(np.int32))
        for name in ("ANTENNA1", "ANTENNA2"):
            renumber(table, name, new_antenna)
        _turn(table)


def renumber(table: Any, column: str, new: dict[int, int]) -> None:
    """Put new numbers in place of old ones."""
    table.putcol(column, np.array([new[k] for k in table.getcol(column).tolist()], np.int32))


def _reorder(path: Path, rows: Sequence[int]) -> None:
    """Keep these rows of a table, in this order."""
    copy = path.with_name("copy")
    with casa.table(path) as table:
        chosen = table.selectrows(list(rows))
        chosen.copy(str(copy), deep=True, valuecopy=True).close()
        chosen.close()
    shutil.rmtree(path)
    copy.rename(path)


def _turn(table: Any) -> None:
    """Let the first antenna of each row be that of the lower number: V_ji = conj(V_ij)."""
    one, two = table.getcol("ANTENNA1"), table.getcol("ANTENNA2")
    for row in np.flatnonzero(one > two).tolist():
        data = table.getcell("DATA", row)
        crossed = data if len(data) == 2 else data[[0, 2, 1, 3]]
        table.putcell("DATA", row, np.conj(crossed))
        table.putcell("UVW", row, -table.getcell("UVW", row))
        table.putcell("ANTENNA1", row, int(two[row]))
        table.putcell("ANTENNA2", row, int(one[row]))
