"""The workflow's tables: ECSV files, their columns as arrays, tables of spws joined."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from astropy.table import Table, vstack

from minispiral.measures.units import six_digits

CAMPAIGN = "*"  # in place of a track's name: all tracks together
LEFT_OUT = "left_out"  # in the meta: why there is nothing of a track, by its name


def columns(table: Table) -> dict[str, np.ndarray]:
    """Return a table's columns as plain arrays, missing values as NaN."""
    return {
        name: np.ma.filled(np.ma.asarray(table[name].data), np.nan)
        if table[name].dtype.kind == "f"
        else np.asarray(table[name])
        for name in table.colnames
    }


def read_table(path: str | Path) -> Table:
    """Read one of the workflow's ECSV tables."""
    return Table.read(path, format="ascii.ecsv")


def write_table(path: str | Path, table: Table) -> None:
    """Write an ECSV table with all digits."""
    table.write(path, format="ascii.ecsv", overwrite=True)


def rounded_table(rows: Sequence[Mapping[str, object]]) -> Table:
    """Table of rows for a person to read, numbers rounded to six digits."""
    return Table(rows=[{name: six_digits(value) for name, value in row.items()} for row in rows])


def stack(tables: Iterable[Table]) -> Table:
    """Stack tables of spws or tracks into one, without the meta of a single one.

    That is what is about one spw by its name, and numbers and names that differ.
    """
    tables = list(tables)
    table = vstack(tables, metadata_conflicts="silent", join_type="exact")
    for name in ("reference_flux_jy", "gains", "minispiral"):  # of one spw
        table.meta.pop(name, None)
    for name, value in list(table.meta.items()):
        if np.isscalar(value) and any(one.meta.get(name) != value for one in tables):
            del table.meta[name]
    return table


def join_spws(tables: Mapping[int, Table]) -> Table:
    """Put the tables of several spws into one, with the column ``spw`` in front."""
    copies = {spw: table.copy() for spw, table in tables.items()}
    for spw, table in copies.items():
        table.add_column(np.full(len(table), spw), name="spw", index=0)
    return stack(copies.values())


def by_spw(table: Table, spws: Iterable[int]) -> dict[int, Table]:
    """Rows of each spw of a table with the column ``spw``; none where it has none."""
    return {spw: table[np.asarray(table["spw"]) == spw] for spw in spws}
