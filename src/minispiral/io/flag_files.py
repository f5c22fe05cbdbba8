"""The memo's files of flags, SGRA_flag_info_TRACK_spwN.dat: known, and found, by their names."""

import re
from pathlib import Path

FORM = "SGRA_flag_info_TRACK_spwN.dat"
NAME = re.compile(r"SGRA_flag_info_(?P<track>.+)_spw(?P<spw>\d+)\.dat")


def named(path: str | Path) -> tuple[str, int] | None:
    """Track and spw that a file is of, by its name; None if it is none of these."""
    name = NAME.fullmatch(Path(path).name)
    return None if name is None else (name["track"], int(name["spw"]))


def files_of(folder: str | Path, tracks: list[str] | None = None) -> list[str]:
    """Paths of those in a folder, of some tracks or of all, in order of their names."""
    if not Path(folder).is_dir():
        return []
    found = []
    for path in sorted(Path(folder).iterdir()):
        place = named(path)
        if place is not None and (tracks is None or place[0] in tracks):
            found.append(str(path))
    return found
