"""How a changed input is noticed."""

import os
from pathlib import Path

import pytest

from minispiral.ms import files as input_state
from minispiral.ms.files import metadata_checksum
from tests.helpers.tracks import make_ms


def test_the_checksum_is_of_what_describes_the_data(tmp_path):
    for name in ("", "ANTENNA", "HISTORY"):
        (tmp_path / name).mkdir(exist_ok=True)
        for file in ("table.dat", "table.f0", "table.lock"):
            (tmp_path / name / file).write_text(f"{name} {file}")
    before = metadata_checksum(tmp_path)
    for unread in ("table.f0", "HISTORY/table.dat", "ANTENNA/table.lock"):
        (tmp_path / unread).write_text("changed")
    assert metadata_checksum(tmp_path) == before
    (tmp_path / "ANTENNA" / "table.f0").write_text("moved")
    assert metadata_checksum(tmp_path) != before


@pytest.fixture(params=["one set", "MultiMS"])
def ms(request, tmp_path: Path) -> Path:
    """A measurement set; or a MultiMS whose second part it is."""
    sizes = {"table.f1": 1000, "table.f17_TSM0": 24, "HISTORY/table.f0": 77}
    if request.param == "one set":
        return make_ms(tmp_path / "a.ms", sizes)
    for part in ("SUBMSS/a.0000.ms", "SUBMSS/a.0001.ms"):
        make_ms(tmp_path / "a.ms" / part, sizes)
    return make_ms(tmp_path / "a.ms", {})


def main_table(ms: Path) -> Path:
    """Where the data are."""
    part = ms / "SUBMSS" / "a.0001.ms"
    return part if part.is_dir() else ms


def test_the_state_of_an_untouched_table_stays(ms):
    assert input_state.table_state(ms) == input_state.table_state(str(ms))
    assert "\n" not in input_state.table_state(ms)


def grow(ms: Path) -> None:
    with open(main_table(ms) / "table.f1", "ab") as file:
        file.write(b"y")


def touch(ms: Path) -> None:
    os.utime(main_table(ms) / "table.f17_TSM0", ns=(1, 1))


def add(ms: Path) -> None:
    (main_table(ms) / "table.f18").write_bytes(b"")


def remove(ms: Path) -> None:
    (main_table(ms) / "table.f17_TSM0").unlink()


@pytest.mark.parametrize("change", [grow, touch, add, remove])
def test_changed_data_change_the_state(ms, change):
    before = input_state.table_state(ms)
    change(ms)
    assert input_state.table_state(ms) != before


def lock(ms: Path) -> None:
    (main_table(ms) / "table.lock").write_bytes(b"locked")


def write_history(ms: Path) -> None:
    (main_table(ms) / "HISTORY" / "table.f0").write_bytes(b"a row more")


def leave_timestamp(ms: Path) -> None:
    (ms / ".snakemake_timestamp").touch()


@pytest.mark.parametrize("access", [lock, write_history, leave_timestamp])
def test_a_look_at_the_data_does_not_change_the_state(ms, access):
    before = input_state.table_state(ms)
    access(ms)
    assert input_state.table_state(ms) == before


def test_a_missing_table_has_a_state_too(tmp_path, ms):
    missing = input_state.table_state(tmp_path / "none.ms")
    assert missing
    assert missing != input_state.table_state(ms)


def test_the_size_is_that_of_all_parts(ms):
    parts = 1 if main_table(ms) == ms else 2
    assert input_state.measurement_set_bytes(ms) == parts * (1000 + 24)
    assert input_state.measurement_set_bytes(ms / "none") == 0


def test_the_checksum_is_of_the_parts_of_a_multims_too(tmp_path):
    for part in ("", "SUBMSS/a.0000.ms", "SUBMSS/a.0001.ms"):
        make_ms(tmp_path / "a.ms" / part, {})
    before = metadata_checksum(tmp_path / "a.ms")
    (tmp_path / "a.ms" / "SUBMSS/a.0001.ms/table.dat").write_bytes(b"other")
    assert metadata_checksum(tmp_path / "a.ms") != before
