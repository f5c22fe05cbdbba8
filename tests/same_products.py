"""Whether two runs made the same: byte for byte, or by value where a format tells of the run."""

from pathlib import Path

import numpy as np
from astropy.io import fits

from minispiral import casa

# what tells of the run: its times, its commands, its log
OF_THE_RUN = {"logs", "benchmarks", ".lock", ".jobs"}


def files(products: Path) -> set[Path]:
    """Files of the products, without those of CASA's tables, pages, and what tells of the run."""
    return {
        path.relative_to(products)
        for path in products.rglob("*")
        if path.is_file()
        and path.suffix != ".html"
        and not OF_THE_RUN & set(path.relative_to(products).parts)
        and not any((folder / "table.dat").exists() for folder in path.parents)
    }


def content(path: Path) -> list[bytes]:
    """What a file holds; of FITS files without the cards that tell when and where CASA ran."""
    if path.suffix != ".fits":
        return [path.read_bytes()]
    with fits.open(path) as units:
        for unit in units:
            for card in ("DATE", "HISTORY", "MEMAVAIL"):
                unit.header.remove(card, ignore_missing=True, remove_all=True)
        return [part for u in units for part in (str(u.header).encode(), u.data.tobytes())]


def tables(products: Path) -> set[Path]:
    """CASA's tables, without the subtables within them."""
    found = {path.parent for path in products.rglob("table.dat")}
    return {path.relative_to(products) for path in found if not found & set(path.parents)}


def values(table: Path) -> dict[str, np.ndarray]:
    """Columns of a CASA table that have a value in each row, and are all of one shape."""
    columns = {}
    with casa.table(table) as open_table:
        for name in open_table.colnames():
            try:
                columns[name] = np.asarray(open_table.getcol(name))
            except RuntimeError:  # undefined cells, or of several shapes
                continue
    return columns


def differences(here: Path, there: Path) -> list[str]:
    """Products of two runs that are not the same; those that one of them lacks."""
    found = [str(name) for name in files(here) ^ files(there)]
    found += [str(name) for name in tables(here) ^ tables(there)]
    for name in files(here) & files(there):
        if content(here / name) != content(there / name):
            found.append(str(name))
    for name in tables(here) & tables(there):
        ours, theirs = values(here / name), values(there / name)
        if set(ours) != set(theirs):
            found.append(f"{name}: columns")
            continue
        for column, value in ours.items():
            number = np.issubdtype(value.dtype, np.inexact)
            if not np.array_equal(value, theirs[column], equal_nan=number):
                found.append(f"{name}: {column}")
    return sorted(found)
