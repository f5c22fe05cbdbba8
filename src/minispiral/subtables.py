"""The subtables of a measurement set, which CASA's table tool does not copy with its rows."""

import shutil
from pathlib import Path


def copy_subtables(ms: str | Path, output: str | Path) -> None:
    """Copy all subtables of a measurement set to another, in place of its own."""
    for subtable in Path(ms).iterdir():
        if subtable.is_dir():
            shutil.rmtree(Path(output, subtable.name), ignore_errors=True)
            shutil.copytree(subtable, Path(output, subtable.name))
