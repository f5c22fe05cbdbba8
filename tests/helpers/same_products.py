"""Whether two runs made the same: byte for byte, or by value where a format tells of the run.

python -m tests.helpers.same_products results/one results/other
"""

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from minispiral import casa

# what tells of the run: its times, commands, log, and the memory that tclean found
OF_THE_RUN = {"logs", "benchmarks", ".lock", ".jobs", "memavail"}
# of a measurement set, and of an image: what was done to it, when
HISTORIES = {"HISTORY", "logtable"}


def files(products: Path) -> set[Path]:
    """Files of the products, without those of CASA's tables, and what tells of the run."""
    return {
        path.relative_to(products)
        for path in products.rglob("*")
        if path.is_file()
        and not OF_THE_RUN & set(path.relative_to(products).parts)
        and not any((folder / "table.dat").exists() for folder in path.parents)
    }


def content(path: Path) -> list[bytes]:
    """What a file holds, without when and where it was made."""
    if path.suffix == ".html":  # the part on commands, calls of CASA and times of jobs
        return [re.sub(rb"<details>.*?</details>", b"", path.read_bytes(), flags=re.DOTALL)]
    if path.suffix != ".fits":
        return [path.read_bytes()]
    with fits.open(path) as units:
        for unit in units:
            for card in ("DATE", "HISTORY", "MEMAVAIL"):
                unit.header.remove(card, ignore_missing=True, remove_all=True)
        return [part for u in units for part in (str(u.header).encode(), u.data.tobytes())]


def tables(products: Path) -> set[Path]:
    """CASA's tables and their subtables, but for those of history."""
    found = {path.parent.relative_to(products) for path in products.rglob("table.dat")}
    return {path for path in found if path.name not in HISTORIES}


def plain(value: Any) -> Any:
    """What can be compared by ==, and is the same wherever a table lies."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in OF_THE_RUN}
    if isinstance(value, np.ndarray):
        return (value.shape, value.dtype.str, value.tobytes())
    return re.sub(r"^Table: .*", "Table", value) if isinstance(value, str) else value


def values(table: Path) -> dict[str, Any]:
    """Columns and keywords of a CASA table."""
    with casa.table(table) as open_table:
        found = {"keywords": plain(open_table.getkeywords())}
        for name in open_table.colnames():
            if (table.name, name) == ("SOURCE", "TIME"):  # when a track was simulated
                continue
            found[f"keywords of {name}"] = plain(open_table.getcolkeywords(name))
            found[name] = column(open_table, name)
    return found


def column(open_table: Any, name: str) -> Any:
    """What a column holds; nothing if its first cell is undefined, as all are then."""
    rows = open_table.nrows()
    if not rows or not open_table.iscelldefined(name, 0):
        return None
    try:
        return plain(np.asarray(open_table.getcol(name)))
    except RuntimeError:  # of several shapes
        return [plain(open_table.getcell(name, row)) for row in range(rows)]


def differences(here: Path, there: Path) -> list[str]:
    """Products of two runs that are not the same; those that one of them lacks."""
    found = [str(name) for name in files(here) ^ files(there)]
    found += [str(name) for name in tables(here) ^ tables(there)]
    for name in files(here) & files(there):
        if content(here / name) != content(there / name):
            found.append(str(name))
    for name in tables(here) & tables(there):
        ours, theirs = values(here / name), values(there / name)
        for part in sorted(ours.keys() | theirs.keys()):
            if ours.get(part) != theirs.get(part):
                found.append(f"{name}: {part}")
    return sorted(found)


if __name__ == "__main__":
    with casa.session():
        found = differences(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
    print("\n".join(found) or "the same")
    sys.exit(bool(found))
