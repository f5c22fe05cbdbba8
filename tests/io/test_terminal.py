"""Lines that are broken between words for a terminal."""

import io
import os
import pty

import pytest

from minispiral.io.terminal import columns, wrapped

PATH = "/data/" + "campaign" * 12 + "/light_curves.ecsv"


@pytest.mark.parametrize("width", [20, 40, 80])
def test_no_word_is_broken_and_none_is_lost(width):
    text = f"  error the track's light curve, at 2017-04-06 in {PATH}: look twice\nsecond line"
    lines = wrapped(text, width, hanging=6).split("\n")
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width or line.strip() == f"{PATH}:" for line in lines)
    continued = lines[1 : lines.index("second line")]
    assert all(line.startswith(" " * 8) and line[8] != " " for line in continued)


@pytest.mark.parametrize("width", [None, 0, 5])
def test_files_and_terminals_without_room_get_the_lines_as_they_are(width):
    assert wrapped(f"{PATH} and more {PATH}", width) == f"{PATH} and more {PATH}"


def test_only_terminals_have_columns(tmp_path):
    assert columns(io.StringIO()) is None
    with (tmp_path / "file").open("w") as file:
        assert columns(file) is None
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        assert columns(terminal) == 80
    os.close(ours)
