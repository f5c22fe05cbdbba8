"""Measurement sets whose tables are damaged, or do not fit each other: refused in one line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.ms.inspection import inspect, inspect_target
from tests.helpers.tracks import short_track

pytestmark = pytest.mark.slow

Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    return short_track(tmp_path_factory.mktemp("sound"))


def truncated(name: str) -> Damage:
    def damage(ms: Path) -> None:
        for file in (ms / name).glob("table.f*"):
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 3])

    return damage


def without(name: str, column: str) -> Damage:
    def damage(ms: Path) -> None:
        with casa.table(ms / name, writable=True) as table:
            table.renamecol(column, "OTHER")

    return damage


def beyond(name: str, column: str) -> Damage:
    """Numbers of rows that are not there."""

    def damage(ms: Path) -> None:
        with casa.table(ms / name, writable=True) as table:
            table.putcol(column, np.full_like(table.getcol(column), 7))

    return damage


def no_rows(name: str) -> Damage:
    def damage(ms: Path) -> None:
        with casa.table(ms / name, writable=True) as table:
            table.removerows(list(range(table.nrows())))

    return damage


DAMAGES = {
    **{
        f"{name} truncated": truncated(name)
        for name in ("FIELD", "SPECTRAL_WINDOW", "ANTENNA", "POLARIZATION", "DATA_DESCRIPTION")
    },
    **{
        f"{name} without {column}": without(name, column)
        for name, column in (
            ("FIELD", "NAME"),
            ("FIELD", "PHASE_DIR"),
            ("SPECTRAL_WINDOW", "CHAN_FREQ"),
            ("SPECTRAL_WINDOW", "CHAN_WIDTH"),
            ("POLARIZATION", "CORR_TYPE"),
            ("ANTENNA", "POSITION"),
            ("DATA_DESCRIPTION", "SPECTRAL_WINDOW_ID"),
        )
    },
    **{
        f"{name or 'main'} with {column} beyond": beyond(name, column)
        for name, column in (
            ("DATA_DESCRIPTION", "SPECTRAL_WINDOW_ID"),
            ("DATA_DESCRIPTION", "POLARIZATION_ID"),
            ("", "DATA_DESC_ID"),
            ("", "FIELD_ID"),
        )
    },
    **{
        f"{name} without rows": no_rows(name)
        for name in ("FIELD", "SPECTRAL_WINDOW", "ANTENNA", "POLARIZATION", "DATA_DESCRIPTION")
    },
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told_in_one_line_with_its_file(sound, tmp_path, damage):
    ms = tmp_path / "a.ms"
    shutil.copytree(sound, ms)
    with casa.session():
        DAMAGES[damage](ms)
        for look in (
            lambda: inspect(ms, "Sgr A*", [0, 1], "data"),
            lambda: inspect_target(ms, None, None, "data"),
        ):
            with pytest.raises(MinispiralError) as raised:
                look()
            message = str(raised.value)
            assert "\n" not in message
            assert message.startswith(str(ms))
            assert any(word in message for word in ("copy", "set field", "leave out the spw"))
