"""Appending rows; joining measurement sets of one spw each, of one observation, into one.

CASA's concat copies row by row, which takes three minutes for a full track. So it joins copies of
a few rows each, which gets the subtables and the ids that refer to them right, and all rows are
appended in blocks.

Call these inside `minispiral.casa.session`.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.casa import run_task
from minispiral.io.progress import progress
from minispiral.ms.shapes import copy_empty, copy_subtables
from minispiral.ms.windows import BLOCK_ROWS

# columns that refer to rows of subtables, which concat may merge and renumber
IDS = ("DATA_DESC_ID", "FIELD_ID", "STATE_ID", "OBSERVATION_ID", "PROCESSOR_ID")
MARK = " minispiral observation "

NewIds = dict[str, dict[int, int]]


def lay_out(sets: Sequence[str | Path], output: str | Path) -> list[NewIds]:
    """Make a measurement set with the spws of all `sets`, in their order, and no rows.

    Returns
    -------
    for each of the sets, for each column of `IDS`, the new id of each old one
    """
    copies = [Path(f"few_rows_{n}.ms").resolve() for n in range(len(sets))]
    old_ids = [_copy_examples(ms, copy) for ms, copy in zip(sets, copies, strict=True)]
    joined = Path("joined.ms").resolve()
    run_task("concat", sets[0], joined, vis=[str(copy) for copy in copies], concatvis=str(joined))
    with casa.table(joined) as table:
        new_ids = {name: table.getcol(name) for name in IDS}
        table.copy(str(output), deep=True, valuecopy=True, norows=True).close()
    copy_subtables(joined, output)
    _mark_observations(output, marked=False)
    ends = np.cumsum([len(ids["FIELD_ID"]) for ids in old_ids])[:-1]
    parts = {name: np.split(values, ends) for name, values in new_ids.items()}
    return [
        {name: dict(zip(ids[name].tolist(), parts[name][n].tolist(), strict=True)) for name in IDS}
        for n, ids in enumerate(old_ids)
    ]


def _copy_examples(ms: str | Path, copy: Path) -> dict[str, np.ndarray]:
    """Copy a row of each id in each column of `IDS`, and return these columns of them."""
    with casa.table(ms) as table:
        ids = {name: table.getcol(name) for name in IDS}
        rows = np.unique(np.concatenate([np.unique(v, return_index=True)[1] for v in ids.values()]))
        chosen = table.selectrows(rows.tolist())
        copy_empty(chosen, ms, copy)
        chosen.copyrows(str(copy))
        chosen.close()
    _mark_observations(copy, marked=True)
    with casa.table(copy, writable=True) as table:
        # of one time, as concat orders its inputs by their first ones
        table.putcol("TIME", np.zeros(len(rows)))
    return {name: values[rows] for name, values in ids.items()}


def _mark_observations(ms: str | Path, marked: bool) -> None:
    """Give each observation of a set a project of its own, or take that off again.

    concat takes those that are described alike for one, and fails where they are in one set.
    """
    with casa.table(f"{ms}/OBSERVATION", writable=True) as table:
        for row in range(table.nrows()):
            project = str(table.getcell("PROJECT", row))
            named = f"{project}{MARK}{row}" if marked else project.partition(MARK)[0]
            table.putcell("PROJECT", row, named)


def append(
    joined: Any,
    table: Any,
    changed: Callable[[int], Mapping[str, np.ndarray]],
    work: str,
    new_ids: NewIds | None = None,
    block_rows: int = BLOCK_ROWS,
) -> None:
    """Append the rows of an open table to another with the same columns.

    Parameters
    ----------
    changed : from the first row of a block of `block_rows`, columns that are not to be copied
    work : the log says how far this is done
    new_ids : as `lay_out` returns them for this table; without them, ids stay
    """
    before, rows = joined.nrows(), table.nrows()
    joined.addrows(rows)
    columns = set(table.colnames())
    copied = {n for n in joined.colnames() if n in columns and rows and table.iscelldefined(n, 0)}
    for start in progress(range(0, rows, block_rows), work):
        block = changed(start)
        for name in (n for n in joined.colnames() if n in copied or n in block):
            values = block[name] if name in block else table.getcol(name, start, block_rows)
            if new_ids is not None and name in IDS:
                values = _translated(values, new_ids[name])
            joined.putcol(name, values, before + start, values.shape[-1])


def _translated(ids: np.ndarray, new: Mapping[int, int]) -> np.ndarray:
    old = np.array(sorted(new))
    return np.array([new[k] for k in old.tolist()], ids.dtype)[np.searchsorted(old, ids)]
