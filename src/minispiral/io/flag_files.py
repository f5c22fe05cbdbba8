"""Files of flags: their lines, and the memo's, SGRA_flag_info_TRACK_spwN.dat, by their names."""

import re
from pathlib import Path

from minispiral.errors import MinispiralError

FORM = "SGRA_flag_info_TRACK_spwN.dat"
NAME = re.compile(r"SGRA_flag_info_(?P<track>.+)_spw(?P<spw>\d+)\.dat")


def flag_lines(path: str | Path, what: str) -> tuple[str, list[tuple[int, str]]]:
    """Read a file of flags, `what` in messages: its text, and its lines with their numbers.

    Lines that are empty, or begin with #, are left out.

    Raises
    ------
    MinispiralError
        If it cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise MinispiralError(f"{path} is no text in UTF-8: save it as such") from error
    except OSError as error:
        raise MinispiralError(f"{path}: cannot read {what}: {error}") from error
    numbered = enumerate(text.splitlines(), start=1)
    return text, [(n, line) for n, line in numbered if line.strip() and line.lstrip()[0] != "#"]


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
