"""Whether an input has changed: size, state and checksum of a measurement set, without CASA.

A MultiMS, as CASA's partition and parallel tasks make it, is a table of tables: its data lie in
measurement sets of their own below `PARTS`, which count as much as what lies beside them.
"""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

# what describes the data, of all that the workflow reads; the others may be large, or change when
# CASA but looks at them
DESCRIBING = (
    "",
    "ANTENNA",
    "DATA_DESCRIPTION",
    "FIELD",
    "OBSERVATION",
    "POLARIZATION",
    "SPECTRAL_WINDOW",
)
PARTS = "SUBMSS"  # a MultiMS's folder of its parts


def main_tables(ms: str | Path) -> list[str]:
    """Folders of a measurement set's main table: itself, and the parts of a MultiMS, sorted."""
    folder = os.path.join(ms, PARTS)
    parts = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return [os.fspath(ms), *(os.path.join(folder, part) for part in parts)]


def data_files(ms: str | Path) -> list[os.DirEntry[str]]:
    """Files of a measurement set's main table that hold data, sorted by part and name.

    Locks are left out, and the subtables: CASA tasks write to HISTORY even when they only read.
    """
    files = []
    for table in main_tables(ms):
        with os.scandir(table) as entries:
            found = (e for e in entries if e.is_file() and e.name.startswith("table.f"))
            files += sorted(found, key=lambda entry: entry.name)
    return files


def measurement_set_bytes(ms: str | Path) -> int:
    """Size of a measurement set's data; 0 as long as there is none."""
    try:
        return sum(entry.stat().st_size for entry in data_files(ms))
    except OSError:
        return 0


def folder_bytes(folder: str | Path) -> int:
    """Size of all files below a folder; 0 where there is none."""
    total = 0
    for place, _, files in os.walk(folder):
        for file in files:
            with suppress(FileNotFoundError):  # a job may be at work there
                total += os.lstat(os.path.join(place, file)).st_size
    return total


def table_state(ms: str | Path) -> str:
    """Sizes and modification times of a measurement set's data files, as one short text."""
    try:
        stats = [(os.path.relpath(entry.path, ms), entry.stat()) for entry in data_files(ms)]
    except OSError:
        return "missing"
    return " ".join(f"{name}:{stat.st_size}:{stat.st_mtime_ns}" for name, stat in stats)


def metadata_checksum(ms: str | Path) -> str:
    """SHA-256 of the tables that describe the data: names and contents of their files, in order.

    Of the main table only its description counts, not the data; locks do not count.
    """
    checksum = hashlib.sha256()
    for name in DESCRIBING:
        folder = Path(ms, name)
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.name == "table.dat" or (name and path.name.startswith("table.f")):
                checksum.update(f"{name}/{path.name}\0".encode())
                checksum.update(path.read_bytes())
    for part in main_tables(ms)[1:]:
        checksum.update(f"{os.path.relpath(part, ms)}\0".encode())
        checksum.update(Path(part, "table.dat").read_bytes())
    return checksum.hexdigest()
