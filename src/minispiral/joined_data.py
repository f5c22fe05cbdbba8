"""Joining measurement sets of one spw each, of one observation, into one of all spws.

CASA's concat copies row by row, which takes three minutes for a full track. So it joins copies of
a row each, which gets the subtables right, and the rows are appended in blocks.

Call these inside `minispiral.casa.session`.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.measurement_set import BLOCK_ROWS
from minispiral.progress import progress
from minispiral.split import run_task
from minispiral.subtables import copy_subtables


def lay_out(sets: Sequence[str | Path], output: str | Path) -> None:
    """Make a measurement set with all spws of `sets`, DATA_DESC_ID in their order, and no rows."""
    copies = [Path(f"one_row_{n}.ms").resolve() for n in range(len(sets))]
    for ms, copy in zip(sets, copies, strict=True):
        with casa.table(ms) as table:
            if ms == sets[0]:
                time = table.getcell("TIME", 0)
            chosen = table.selectrows([0])
            chosen.copy(str(copy), deep=True, valuecopy=True).close()
            chosen.close()
        copy_subtables(ms, copy)
        with casa.table(copy, writable=True) as table:
            table.putcell("TIME", 0, time)  # concat would order them by it
    joined = Path("joined.ms").resolve()
    run_task("concat", sets[0], joined, vis=[str(copy) for copy in copies], concatvis=str(joined))
    with casa.table(joined) as table:
        table.copy(str(output), deep=True, valuecopy=True, norows=True).close()
    copy_subtables(joined, output)


def append(
    joined: Any, table: Any, description: int, changed: Callable[[int], Mapping[str, np.ndarray]]
) -> None:
    """Append the rows of an open table to another with the same columns.

    Parameters
    ----------
    description : their DATA_DESC_ID
    changed : from the first row of a block of `BLOCK_ROWS`, columns that are not to be copied
    """
    before, rows = joined.nrows(), table.nrows()
    joined.addrows(rows)
    names = [name for name in joined.colnames() if table.iscelldefined(name, 0)]
    for start in progress(range(0, rows, BLOCK_ROWS), f"write spw {description}"):
        block = changed(start)
        for name in names:
            values = block[name] if name in block else table.getcol(name, start, BLOCK_ROWS)
            if name == "DATA_DESC_ID":
                values = np.full_like(values, description)
            joined.putcol(name, values, before + start, values.shape[-1])
