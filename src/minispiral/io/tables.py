"""The workflow's tables: ECSV files, their columns as arrays, tables of spws joined."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from minispiral.measures.units import six_digits

if TYPE_CHECKING:
    from astropy.table import Table

CAMPAIGN = "*"  # in place of a track's name: all tracks together
LEFT_OUT = "left_out"  # in the meta: why there is nothing of a track, by its name


def columns(table: "Table") -> dict[str, np.ndarray]:
    """Return a table's columns as plain arrays, missing values as NaN."""
    return {
        name: np.ma.filled(np.ma.asarray(table[name].data), np.nan)
        if table[name].dtype.kind == "f"
        else np.asarray(table[name])
        for name in table.colnames
    }


def read_table(path: str | Path) -> "Table":
    """Read one of the workflow's ECSV tables."""
    # imported here, as it takes longer to load than many a job its work
    from astropy.table import Table

    return Table.read(path, format="ascii.ecsv")


def write_table(path: str | Path, table: "Table") -> None:
    """Write an ECSV table with all digits."""
    if not all(map(_is_plain, table.itercols())):
        table.write(path, format="ascii.ecsv", overwrite=True)
        return
    # the same bytes in a third of the time: astropy writes the head, Python's csv all values
    head = StringIO()
    table[:0].write(head, format="ascii.ecsv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(head.getvalue())
        rows = zip(*(column.tolist() for column in table.itercols()), strict=True)
        csv.writer(file, delimiter=" ", lineterminator="\n").writerows(rows)


def _is_plain(column: Any) -> bool:
    """Whether a column's values are all there, one a row, and csv writes them as astropy does."""
    if not isinstance(column, np.ndarray) or column.ndim != 1 or np.ma.isMaskedArray(column):
        return False
    if column.dtype.kind == "U":
        return bool((np.char.str_len(column) > 0).all())
    return column.dtype in (np.float64, np.int64, np.bool_)


def rounded_table(rows: Sequence[Mapping[str, object]]) -> "Table":
    """Table of rows for a person to read, numbers rounded to six digits."""
    from astropy.table import Table

    return Table(rows=[{name: six_digits(value) for name, value in row.items()} for row in rows])


def stack(tables: Iterable["Table"]) -> "Table":
    """Stack tables of spws or tracks into one, without the meta of a single one.

    That is what is about one spw by its name, and numbers and names that differ.
    """
    from astropy.table import vstack

    tables = list(tables)
    table = vstack(tables, metadata_conflicts="silent", join_type="exact")
    for name in ("reference_flux_jy", "gains", "minispiral"):  # of one spw
        table.meta.pop(name, None)
    for name, value in list(table.meta.items()):
        if np.isscalar(value) and any(one.meta.get(name) != value for one in tables):
            del table.meta[name]
    return table


def join_spws(tables: Mapping[int, "Table"]) -> "Table":
    """Put the tables of several spws into one, with the column ``spw`` in front."""
    copies = {spw: table.copy() for spw, table in tables.items()}
    for spw, table in copies.items():
        table.add_column(np.full(len(table), spw), name="spw", index=0)
    return stack(copies.values())


def by_spw(table: "Table", spws: Iterable[int]) -> dict[int, "Table"]:
    """Rows of each spw of a table with the column ``spw``; none where it has none."""
    return {spw: table[np.asarray(table["spw"]) == spw] for spw in spws}
