"""Reading for a split: wanted rows of a main table in pieces, in the order on disk.

Rows of all spws that have one shape are read together, by contiguous blocks, so that a file is read
once even where spws alternate from row to row. Rows are picked one by one where few are wanted.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.io.progress import progress
from minispiral.ms.windows import BLOCK_ROWS, Window, spectral_windows

# of each correlation, read at once where there are several channels: arrays of 2 MB as complex128,
# for which Linux need not find new pages each time
PIECE_SAMPLES = 2**15
# so many rows may be read for each that is wanted, before rows are picked one by one
WASTE = 2


@dataclass(frozen=True)
class Piece:
    """Rows of one shape, to be read together: those from `start` on, or those that are `picked`.

    `spws` ``(n_row,)``, the spw that each is of, or -1 where it is not wanted.
    """

    start: int
    spws: np.ndarray
    picked: np.ndarray | None = None

    @property
    def rows(self) -> np.ndarray:
        """Numbers of its rows in the main table: ``(n_row,)``."""
        if self.picked is None:
            return np.arange(self.start, self.start + len(self.spws))
        return self.picked


@dataclass(frozen=True)
class Block:
    """Rows of the main table from `start` on, of which some are wanted.

    `spws` ``(n_row,)``, the spw that each is of, or -1; `shapes` ``(n_row,)``, equal where rows
    are of one shape; `known`, columns of scalars that have been read.
    """

    start: int
    spws: np.ndarray
    shapes: np.ndarray
    known: Mapping[str, np.ndarray]


class SplitSource:
    """Cross-correlations of a field in some spws of an open main table."""

    def __init__(self, main: Any, ms: str | Path, field_id: int, spws: Sequence[int]) -> None:
        """Look up how the rows of each DATA_DESC_ID are shaped.

        Raises
        ------
        MinispiralError
            If `ms`, whose main table is open, cannot be read.
        """
        self.main, self.field_id = main, field_id
        self._columns = set(main.colnames())
        windows = spectral_windows(ms, field_id)
        self.windows: dict[int, Window] = {spw: windows[spw] for spw in spws}
        with casa.table(f"{ms}/DATA_DESCRIPTION") as table:
            self._spw_of: np.ndarray = table.getcol("SPECTRAL_WINDOW_ID")
        self._spws = np.full(len(self._spw_of), -1)
        self._shapes = np.full(len(self._spw_of), -1)
        shapes = dict.fromkeys((len(w.correlations), w.channels) for w in windows.values())
        self._channels = [channels for _, channels in shapes]
        for spw, window in windows.items():
            shape = (len(window.correlations), window.channels)
            self._shapes[window.ids] = list(shapes).index(shape)
            self._spws[window.ids] = spw if spw in spws else -1

    def descriptions(self, spw: int) -> np.ndarray:
        """New DATA_DESC_IDs by old ones, where those of a spw alone are kept: ``(n,) int``."""
        return np.cumsum(self._spw_of == spw) - 1

    def blocks(self, rows: int = BLOCK_ROWS, work: str = "split") -> Iterator[Block]:
        """Yield blocks of rows that have some that are wanted; the log tells how far `work` is."""
        for start in progress(range(0, self.main.nrows(), rows), work):
            known = {"DATA_DESC_ID": self.main.getcol("DATA_DESC_ID", start, rows)}
            spws = self._spws[known["DATA_DESC_ID"]]
            for choose in (self._of_field, self._cross):
                if (spws >= 0).any():  # other columns are read where rows are left
                    spws = np.where(choose(known, start, rows), spws, -1)
            if (spws >= 0).any():
                yield Block(start, spws, self._shapes[known["DATA_DESC_ID"]], known)

    def _of_field(self, known: dict[str, np.ndarray], start: int, rows: int) -> np.ndarray:
        known["FIELD_ID"] = self.main.getcol("FIELD_ID", start, rows)
        return np.equal(known["FIELD_ID"], self.field_id)

    def _cross(self, known: dict[str, np.ndarray], start: int, rows: int) -> np.ndarray:
        for name in ("ANTENNA1", "ANTENNA2"):
            known[name] = self.main.getcol(name, start, rows)
        return np.not_equal(known["ANTENNA1"], known["ANTENNA2"])

    def scalars(self, block: Block, names: Sequence[str]) -> dict[str, np.ndarray]:
        """Read columns of scalars of a block, as far as they are there."""
        first, rows = block.start, len(block.spws)
        return {
            name: block.known[name] if name in block.known else self.main.getcol(name, first, rows)
            for name in names
            if name in self._columns and self.main.iscelldefined(name, first)
        }

    def pieces(self, block: Block, samples: int = PIECE_SAMPLES) -> Iterator[Piece]:
        """Yield what is wanted of a block, shape by shape, in the order of the rows.

        Of several channels, a piece has so many `samples` of each correlation, or fewer.
        """
        spws, shapes = block.spws, block.shapes
        for shape in distinct(shapes[spws >= 0]):
            chosen = np.flatnonzero((spws >= 0) & (shapes == shape))
            channels = self._channels[shape]
            at_once = len(spws) if channels == 1 else max(1, samples // channels)
            for first in range(0, len(chosen), at_once):
                yield _piece(block, chosen[first : first + at_once])

    @contextmanager
    def open(self, piece: Piece) -> Iterator["OpenPiece"]:
        """Open a piece to read its columns."""
        if piece.picked is None:
            yield OpenPiece(self.main, piece.start, len(piece.spws), self._columns)
            return
        chosen = self.main.selectrows(piece.picked.tolist())
        try:
            yield OpenPiece(chosen, 0, len(piece.spws), self._columns)
        finally:
            chosen.close()


def distinct(numbers: np.ndarray) -> list[int]:
    """Distinct ones of numbers, ascending; negative ones do not count. Quicker than `np.unique`."""
    found: list[int] = np.flatnonzero(np.bincount(numbers[numbers >= 0])).tolist()
    return found


def _piece(block: Block, chosen: np.ndarray) -> Piece:
    begin, end = int(chosen[0]), int(chosen[-1]) + 1
    few = end - begin > WASTE * len(chosen)
    if few or (block.shapes[begin:end] != block.shapes[begin]).any():
        return Piece(block.start + begin, block.spws[chosen], block.start + chosen)
    return Piece(block.start + begin, block.spws[begin:end])


@dataclass(frozen=True)
class OpenPiece:
    """Rows of a table, `rows` from `start` on."""

    table: Any
    start: int
    rows: int
    columns: set[str]

    def has(self, name: str) -> bool:
        """Whether there are values in a column."""
        return name in self.columns and self.table.iscelldefined(name, self.start)

    def values(self, name: str) -> np.ndarray:
        """Return a column, in which there have to be values."""
        values: np.ndarray = self.table.getcol(name, self.start, self.rows)
        return values

    def column(self, name: str) -> np.ndarray | None:
        """Return a column, or None if there are no values in it."""
        return self.values(name) if self.has(name) else None
