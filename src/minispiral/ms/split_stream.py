"""Split by a stream: one pass over the input's rows, in the order on disk, writes several spws.

Each becomes what CASA's split makes of it, averaged to one channel, column by column; what cannot
be used is flagged before the average. Rows stay in the order of the input, which has to be that of
time: CASA's split sorts them.

Call these inside `minispiral.casa.session`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.measures.integrations import SAME_INTEGRATION
from minispiral.ms.bad_samples import SampleCounts
from minispiral.ms.channel_columns import average_columns
from minispiral.ms.split_layout import lay_out_split
from minispiral.ms.split_source import Block, SplitSource, distinct
from minispiral.ms.windows import BLOCK_ROWS, usable_rows

#: Columns that are copied as they are.
COPIED = (
    *("ANTENNA1", "ANTENNA2", "ARRAY_ID", "DATA_DESC_ID", "EXPOSURE", "FEED1", "FEED2", "INTERVAL"),
    *("OBSERVATION_ID", "PROCESSOR_ID", "SCAN_NUMBER", "STATE_ID", "TIME", "TIME_CENTROID"),
)
WRITTEN_ROWS = 2**15  # of a spw, written at once: as many as a tile of CASA's split has
REPEATING = "IncrementalStMan"  # the manager that keeps a value until there is another one

Columns = dict[str, np.ndarray]


class NotInOrderError(Exception):
    """Rows of a spw are not in the order of time."""


@dataclass(frozen=True)
class Wanted:
    """A spw to be written to `output`.

    `interval_s`, length of its integrations; `flagged` ``(n_chan,) bool``, channels to leave out.
    """

    spw: int
    output: Path
    interval_s: float
    flagged: np.ndarray | None = None


def stream_spws(
    ms: str | Path,
    field_id: int,
    wanted: Sequence[Wanted],
    data_column: str,
    block: int = BLOCK_ROWS,
) -> list[SampleCounts]:
    """Write cross-correlations of a field in some spws, each averaged to one channel.

    Parameters
    ----------
    data_column : data or corrected
    block : rows of one channel that are read at once

    Returns
    -------
    of each spw, in their order: samples that had to be flagged, and rows that can be used

    Raises
    ------
    NotInOrderError
        If rows are not in the order of time. Then outputs are not complete.
    MinispiralError
        If CASA cannot lay out an output, or `ms` cannot be read.
    """
    with ExitStack() as stack:
        main = stack.enter_context(casa.table(ms))
        source = SplitSource(main, ms, field_id, [one.spw for one in wanted])
        outputs = {
            one.spw: stack.enter_context(_opened(_Output(source, one, data_column)))
            for one in wanted
        }
        flagged = {one.spw: one.flagged for one in wanted if one.flagged is not None}
        for rows in source.blocks(block):
            copied = source.scalars(rows, COPIED)
            averaged = _averaged(source, rows, data_column, flagged)
            for spw, columns in averaged.items():
                mine = np.flatnonzero(rows.spws == spw)
                own = {name: values[mine] for name, values in copied.items()}
                outputs[spw].take(own | columns, rows.start + int(mine[0]))
        return [output.finish() for output in outputs.values()]


def _averaged(
    source: SplitSource, block: Block, data_column: str, flagged: Mapping[int, np.ndarray]
) -> dict[int, Columns]:
    """Averages over channels of a block's rows, by their spw; see `average_columns`."""
    parts: dict[int, list[Columns]] = {}
    for piece in source.pieces(block):
        with source.open(piece) as rows:
            left_out = _channels_left_out(piece.spws, flagged)
            columns = average_columns(rows.column, data_column, left_out)
        for spw in distinct(piece.spws):
            mine = piece.spws == spw
            own = columns if mine.all() else {k: v[..., mine] for k, v in columns.items()}
            parts.setdefault(spw, []).append(own)
    return {spw: _joined(of_spw) for spw, of_spw in parts.items()}


def _joined(parts: Sequence[Columns]) -> Columns:
    """Rows of several parts, one after the other."""
    if len(parts) == 1:
        return dict(parts[0])
    return {name: np.concatenate([part[name] for part in parts], axis=-1) for name in parts[0]}


def _channels_left_out(spws: np.ndarray, flagged: Mapping[int, np.ndarray]) -> np.ndarray | None:
    """Channels that are to be left out of each row: ``(n_chan, n_row) bool``; None without any."""
    here = {spw: channels for spw, channels in flagged.items() if (spws == spw).any()}
    if not here:
        return None
    left_out = np.zeros((len(spws), len(next(iter(here.values())))), bool)
    for spw, channels in here.items():
        left_out[spws == spw] = channels
    return left_out.T


class _Output:
    """The measurement set that a spw is written to; it is laid out when its first row comes."""

    def __init__(self, source: SplitSource, wanted: Wanted, data_column: str) -> None:
        self._source, self._wanted, self._data_column = source, wanted, data_column
        self._window = source.windows[wanted.spw]
        self._descriptions = source.descriptions(wanted.spw)
        self._table: Any = None
        self._names: list[str] = []
        self._repeated: set[str] = set()  # columns whose new rows have the value of the last one
        self._last: dict[str, Any] = {}
        self._waiting: list[Columns] = []
        self._rows = self._flagged = self._usable = 0
        self._times: dict[int, float] = {}  # of the last row of each DATA_DESC_ID

    def take(self, rows: Columns, first: int) -> None:
        """Take rows, the first of which has this number; write them as soon as there are enough."""
        if self._table is None:
            self._lay_out(first)
        for description in distinct(rows["DATA_DESC_ID"]):
            self._check_order(description, rows["TIME"][rows["DATA_DESC_ID"] == description])
        self._flagged += int(rows["FLAGGED"].sum())
        flag = rows["FLAG"] | rows["FLAG_ROW"]
        usable = usable_rows(flag, rows["WEIGHT"], self._window.correlations)
        self._usable += int(usable.sum())
        own = {
            "DATA_DESC_ID": self._descriptions[rows["DATA_DESC_ID"]],
            "FIELD_ID": np.zeros_like(rows["DATA_DESC_ID"]),
        }
        self._waiting.append({name: v for name, v in (rows | own).items() if name in self._names})
        if sum(len(waiting["TIME"]) for waiting in self._waiting) >= WRITTEN_ROWS:
            self._write()

    def finish(self) -> SampleCounts:
        """Write what is left."""
        self._write()
        return SampleCounts(self._flagged, self._usable)

    def close(self) -> None:
        """Close the measurement set."""
        if self._table is not None:
            self._table.close()

    def _lay_out(self, row: int) -> None:
        wanted, source = self._wanted, self._source
        lay_out_split(
            *(source.main, row, wanted.output, source.field_id, wanted.spw),
            *(self._data_column, self._window),
        )
        self._table = casa.tools().table()
        self._table.open(str(wanted.output), nomodify=False)
        self._names = self._table.colnames()
        self._repeated = {
            name
            for manager in self._table.getdminfo().values()
            if manager["TYPE"] == REPEATING
            for name in manager["COLUMNS"]
        }

    def _check_order(self, description: int, time: np.ndarray) -> None:
        step = np.diff(time, prepend=self._times.get(description, -np.inf))
        if (step < -SAME_INTEGRATION * self._wanted.interval_s).any():
            raise NotInOrderError
        self._times[description] = float(time[-1])

    def _write(self) -> None:
        if not self._waiting:
            return
        columns = _joined(self._waiting)
        rows = len(columns["TIME"])
        self._table.addrows(rows)
        for name, values in columns.items():
            last = self._last.get(name)
            if name in self._repeated:
                if last is not None and (values == last).all():
                    continue
                self._last[name] = values[-1]
            self._table.putcol(name, values, self._rows, rows)
        self._rows += rows
        self._waiting.clear()


@contextmanager
def _opened(output: _Output) -> Iterator[_Output]:
    try:
        yield output
    finally:
        output.close()
