"""A column, and how a table is told what its columns are."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from astropy.table import Table
from astropy.units import UnitBase


@dataclass(frozen=True)
class Column:
    """What a column holds, in a sentence without its full stop, and in which unit.

    `error` names the column of its error, where that is not its own name with ``_err``.
    The other three say how many digits a file has. `decimals` are those after the point, of times
    and frequencies; `digits` are all, of other values without an error. Columns that are `exact`
    have all their digits, as covariances are calculated from them.
    """

    description: str
    unit: UnitBase | None = None
    error: str | None = None
    decimals: int | None = None
    digits: int = 6
    exact: bool = False


# name -> column, in the order of the table; an entry such as ``east_{antenna}`` is for all columns
# that begin with east_
Columns = Mapping[str, Column]


def with_errors(columns: Columns, *names: str) -> dict[str, Column]:
    """Columns, those with `names` followed by one of their error, in the same unit."""
    told: dict[str, Column] = {}
    for name, column in columns.items():
        told[name] = column
        if name in names:
            told[f"{name}_err"] = Column(f"Error of {name}", column.unit)
    return told


def column_of(columns: Columns, name: str) -> Column:
    """The column of this name.

    Raises
    ------
    KeyError
        If there is none.
    """
    if name in columns:
        return columns[name]
    for pattern, column in columns.items():
        if "{" in pattern and re.fullmatch(re.sub(r"\{\w+\}", "(.+)", pattern), name):
            return column
    raise KeyError(f"column {name} has no description: add it to minispiral.columns")


def described(table: Table, columns: Columns) -> Table:
    """Give each column of a table its unit and description, and return the table.

    Raises
    ------
    KeyError
        If a column has none.
    """
    for name in table.colnames:
        column = column_of(columns, name)
        table[name].unit = column.unit
        table[name].description = column.description
    return table
