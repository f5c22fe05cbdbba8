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
    if path.suffix == ".ecsv":  # when it was written
        return [re.sub(rb"(?m)^# - \{date: .*\}\n", b"", path.read_bytes())]
    if path.suffix != ".fits":
        return [path.read_bytes()]
    with fits.open(path) as units:
        for unit in units:
            for card in ("DATE", "HISTORY", "MEMAVAIL"):
                unit.header.remove(card, ignore_missing=True, remove_all=True)
        return [part for u in units for part in (str(u.header).encode(), u.data.tobytes())]


def tables(products: Path) -> set[Path]:
    """CASA's tables and their subtables, but for those of history."""
    folders = {path.parent.relative_to(products) for path in products.rglob("table.dat")}
    return {path for path in folders if path.name not in HISTORIES}


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
        parts = {"keywords": plain(open_table.getkeywords())}
        for name in open_table.colnames():
            if (table.name, name) == ("SOURCE", "TIME"):  # when a track was simulated
                continue
            parts[f"keywords of {name}"] = plain(open_table.getcolkeywords(name))
            parts[name] = column(open_table, name)
    return parts


def column(open_table: Any, name: str) -> Any:
    """What a column holds; nothing if its first cell is undefined, as all are then."""
    rows = open_table.nrows()
    if not rows or not open_table.iscelldefined(name, 0):
        return None
    try:
        return plain(np.asarray(open_table.getcol(name)))
    except RuntimeError:  # of several shapes
        return [plain(open_table.getcell(name, row)) for row in range(rows)]


def differences(first_products: Path, second_products: Path) -> list[str]:
    """Products of two runs that are not the same; those that one of them lacks."""
    names = [str(name) for name in files(first_products) ^ files(second_products)]
    names += [str(name) for name in tables(first_products) ^ tables(second_products)]
    for name in files(first_products) & files(second_products):
        if content(first_products / name) != content(second_products / name):
            names.append(str(name))
    for name in tables(first_products) & tables(second_products):
        ours, theirs = values(first_products / name), values(second_products / name)
        for part in sorted(ours.keys() | theirs.keys()):
            if ours.get(part) != theirs.get(part):
                names.append(f"{name}: {part}")
    return sorted(names)


if __name__ == "__main__":
    with casa.session():
        names = differences(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
    print("\n".join(names) or "the same")
    sys.exit(bool(names))
