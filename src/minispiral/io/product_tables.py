"""Tables as products: with as many digits as mean something, and with what made them.

A value is written to the fourth digit of its error, so that rounding adds less than a thousandth of
the error, and the error itself with four digits. What has no error has the digits or
decimals that `minispiral.columns` says: six digits, and more of times, frequencies and reference
fluxes. Tables that later jobs
calculate with keep all their digits (`minispiral.io.tables.write_table`).
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from astropy.table import Table

from minispiral.columns.column import Columns, column_of
from minispiral.io.tables import write_table

ERROR_DIGITS = 4
MOST_DIGITS = 9  # of a value whose error is not known
EXACT = 22  # powers of ten up to this one are doubles
WHOLE = 2.0**52  # from here on doubles have no fractions


def write_product(
    path: str | Path, table: Table, columns: Columns, origin: Mapping[str, str]
) -> None:
    """Write an ECSV table, its numbers rounded, with what made it in its ``meta``.

    Parameters
    ----------
    columns : what is known of the table's columns
    origin : first entries of the ``meta``, as of `minispiral.jobs.provenance.origin_of`
    """
    write_table(path, with_origin(rounded(table, columns), origin))


def with_origin(table: Table, origin: Mapping[str, str]) -> Table:
    """A table whose ``meta`` begins with what made it."""
    table = table.copy(copy_data=False)
    kept = {name: value for name, value in table.meta.items() if name not in origin}
    table.meta = {**origin, **kept}
    return table


def rounded(table: Table, columns: Columns) -> Table:
    """A copy of a table with as many digits of each real number as mean something."""
    table = table.copy()
    real = [name for name in table.colnames if table[name].dtype.kind == "f"]
    given = {name: np.array(np.ma.getdata(table[name].data)) for name in real}
    for name, values in given.items():
        column = column_of(columns, name)
        if column.exact:
            continue
        error = given.get(column.error or f"{name}_err")
        if column.decimals is not None:
            decimals = np.full(len(values), column.decimals)
        elif error is not None:
            decimals = np.where(
                np.isfinite(error) & (error > 0),
                _decimals(error, ERROR_DIGITS),
                _decimals(values, MOST_DIGITS),
            )
        else:
            decimals = _decimals(values, ERROR_DIGITS if name.endswith("_err") else column.digits)
        np.ma.getdata(table[name].data)[:] = to_decimals(values, decimals)
    return table


def to_decimals(values: np.ndarray, decimals: np.ndarray) -> np.ndarray:
    """Round each value to its own number of digits after the point; both ``(n,)``.

    A number of digits below zero rounds to tens, hundreds, ... The result is the double next to the
    decimal number, which Python and astropy write with no more digits than that.
    """
    power = 10.0 ** np.minimum(np.abs(decimals), EXACT)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = np.where(decimals >= 0, values * power, values / power)
        whole = np.rint(scaled)
        near = np.where(decimals >= 0, whole / power, whole * power)
        return np.where((decimals <= EXACT) & (np.abs(scaled) < WHOLE), near, values)


def _decimals(values: np.ndarray, digits: int) -> np.ndarray:
    """Digits after the point of values with so many digits in all, ``(n,) int``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.floor(np.log10(np.abs(values)))
    return np.where(np.isfinite(place), digits - 1 - place, 0).astype(int)
