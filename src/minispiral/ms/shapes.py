"""Main tables whose arrays are all of one shape, or of any: how their columns are stored.

casacore writes an array column several times as fast where its shape is part of the description:
otherwise it notes the shape of each row. But rows of other shapes cannot be appended then, so that
what is joined with others has no such columns.

Call these inside `minispiral.casa.session`.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minispiral import casa

#: Columns whose shapes depend on correlations and channels.
ARRAYS = ("DATA", "FLAG", "WEIGHT", "SIGMA", "WEIGHT_SPECTRUM", "SIGMA_SPECTRUM")
DIRECT, FIXED = 1, 4  # of casacore's ColumnDesc
SUBTABLE = "Table: "  # what comes before a subtable's path in the keyword that names it


def has_shapes(table: Any) -> bool:
    """Whether arrays of an open table are of one shape by their description."""
    description = table.getdesc()
    return any(description[name]["option"] & FIXED for name in ARRAYS if name in description)


def copy_empty(table: Any, subtables: str | Path, output: str | Path) -> None:
    """Write a table with the columns of an open one, whose arrays may have any shape, and no rows.

    Parameters
    ----------
    subtables : the measurement set whose subtables are copied
    """
    if has_shapes(table):
        _create(table, output, {})
        copy_subtables(subtables, output)
        _name_subtables(table, output)
    else:
        table.copy(str(output), deep=True, valuecopy=True, norows=True).close()
        copy_subtables(subtables, output)


def shapes_of_one_channel(correlations: int) -> dict[str, tuple[int, ...]]:
    """Shapes of the cells of `ARRAYS`, for so many correlations."""
    return {
        name: (correlations,) if name in ("WEIGHT", "SIGMA") else (correlations, 1)
        for name in ARRAYS
    }


def fix_shapes(ms: Path, shapes: Mapping[str, Sequence[int]]) -> None:
    """Make the columns of a measurement set hold arrays of one shape each; its rows are dropped."""
    fixed = ms.with_name(f"{ms.name}.fixed")
    with casa.table(ms) as table:
        _create(table, fixed, shapes)
        for subtable in filter(Path.is_dir, ms.iterdir()):
            subtable.rename(fixed / subtable.name)
        _name_subtables(table, fixed)
    shutil.rmtree(ms)
    fixed.rename(ms)


def copy_subtables(ms: str | Path, output: str | Path) -> None:
    """Copy all subtables of a measurement set to another, in place of its own."""
    for subtable in Path(ms).iterdir():
        if subtable.is_dir():
            shutil.rmtree(Path(output, subtable.name), ignore_errors=True)
            shutil.copytree(subtable, Path(output, subtable.name))


def _create(table: Any, output: str | Path, shapes: Mapping[str, Sequence[int]]) -> None:
    """Create a main table like an open one, without rows and subtables."""
    description, managers = table.getdesc(), table.getdminfo()
    changed = {name for name in ARRAYS if name in description}
    for name in changed:
        column = description[name]
        column.pop("shape", None)
        column["option"] = 0
        if name in shapes:
            column |= {"ndim": len(shapes[name]), "shape": list(shapes[name])}
            column["option"] = DIRECT | FIXED
    for manager in managers.values():
        if changed & set(manager["COLUMNS"]):
            own = changed & set(manager["COLUMNS"]) & set(shapes)
            manager["TYPE"] = "TiledColumnStMan" if own else "TiledShapeStMan"
            tiles = manager["SPEC"]["DEFAULTTILESHAPE"]
            manager["SPEC"] = {"DEFAULTTILESHAPE": tiles}
    created = casa.tools().table()
    created.create(str(output), description, dminfo=managers, nrow=0)
    created.putinfo(table.info())
    created.close()


def _name_subtables(table: Any, output: str | Path) -> None:
    """Give a table the keywords of another, with its own subtables."""
    with casa.table(output, writable=True) as created:
        for name, value in table.getkeywords().items():
            is_subtable = isinstance(value, str) and value.startswith(SUBTABLE)
            if is_subtable and not Path(output, name).is_dir():
                continue
            created.putkeyword(name, f"{SUBTABLE}{Path(output, name)}" if is_subtable else value)
