"""Measurement sets whose tables are damaged, or do not fit each other: refused in one line."""

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.checks.survey import observe, survey
from minispiral.errors import MinispiralError
from minispiral.ms.inspection import inspect, inspect_target
from minispiral.ms.split import split_spw
from minispiral.ms.windows import spectral_windows
from minispiral.selfcal.data_state import read_state, reference_antennas
from tests.helpers.places import REAL
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


# what is usual, and was told wrongly or not at all


@pytest.fixture
def ms(sound, tmp_path) -> Path:
    shutil.copytree(sound, tmp_path / "a.ms")
    return tmp_path / "a.ms"


def add_row(table: Path, **cells) -> int:
    """Add a copy of the last row with other values; return its number."""
    with casa.table(table, writable=True) as open_table:
        row = open_table.nrows()
        open_table.copyrows(str(table), startrowin=row - 1, nrow=1)
        for name, value in cells.items():
            open_table.putcell(name, row, value)
    return row


def put(table: Path, **columns) -> None:
    with casa.table(table, writable=True) as open_table:
        for name, values in columns.items():
            open_table.putcol(name, values)


def column(table: Path, name: str) -> np.ndarray:
    with casa.table(table) as open_table:
        return open_table.getcol(name)


def told(look: Callable[[], object]) -> str:
    """The one line of a refusal."""
    with pytest.raises(MinispiralError) as raised:
        look()
    assert "\n" not in str(raised.value)
    return str(raised.value)


def seen(ms: Path):
    return inspect(ms, "Sgr A*", [0, 1], "data")


def test_antennas_are_counted_by_use(ms):
    """ANTENNA may list others, without a place or a dish; of one all data may be flagged."""
    with casa.session():
        before = seen(ms)
        add_row(ms / "ANTENNA", NAME="PM01", POSITION=np.zeros(3), DISH_DIAMETER=0.0)
        add_row(ms / "ANTENNA", NAME="CM01", DISH_DIAMETER=7.0)
        after = seen(ms)
        assert (
            (before.antennas, before.dishes_m) == (after.antennas, after.dishes_m) == (5, (12.0,))
        )
        assert after.position_m == before.position_m
        positions, dishes = (column(ms / "ANTENNA", n) for n in ("POSITION", "DISH_DIAMETER"))
        dishes[2] = 7.0
        put(ms / "ANTENNA", DISH_DIAMETER=dishes)
        assert seen(ms).dishes_m == (7.0, 12.0)
        pairs = np.stack([column(ms, "ANTENNA1"), column(ms, "ANTENNA2")])
        put(ms, FLAG_ROW=(pairs == 2).any(axis=0))
        flagged = seen(ms)
        names = column(ms / "ANTENNA", "NAME").tolist()
        assert observe(str(ms), flagged).antenna_names == sorted(names[:2] + names[3:5])
        state = read_state(ms)
        assert reference_antennas(ms, state, names[1]) == [names[1]]
        for missing in (names[2], "PM01"):  # phases would refer to none
            line = told(lambda name=missing: reference_antennas(ms, state, name))
            assert f"no antenna '{missing}' with data, as the reference of phases: set" in line
            assert missing not in line.partition("set refant")[2]
    assert (flagged.antennas, flagged.dishes_m) == (4, (12.0,))
    others = positions[:, [0, 1, 3, 4]].mean(axis=1)
    np.testing.assert_allclose(flagged.position_m, others, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "says"),
    [("DISH_DIAMETER", "its table ANTENNA has no column DISH_DIAMETER"), ("MOUNT", "(Antenna)")],
)
def test_a_column_that_casa_s_tasks_ask_for_is_missing_and_the_copy_not_incomplete(ms, name, says):
    with casa.session():
        with casa.table(ms / "ANTENNA", writable=True) as table:
            table.removecols(name)
        message = told(lambda: seen(ms))
    assert says in message
    assert ": add it" in message


def test_an_array_without_places_has_its_telescope_s_or_is_refused(ms):
    with casa.session():
        before = seen(ms)
        put(ms / "ANTENNA", POSITION=np.zeros((3, 5)))
        # ALMA's, from CASA's list of observatories, some hundred metres from the antennas
        np.testing.assert_allclose(seen(ms).position_m, before.position_m, atol=2000)
        put(ms / "OBSERVATION", TELESCOPE_NAME=np.array(["NOWHERE"]))
        message = told(lambda: seen(ms))
    assert message.startswith(f"{ms}: its table ANTENNA has no positions on the Earth")
    assert "'NOWHERE'" in message
    assert "put geocentric positions into ANTENNA" in message


def second_setup(ms: Path, rows: int) -> None:
    """Add copies of the first rows, which are of spw 0, with two correlations."""
    with casa.table(ms / "POLARIZATION") as table:
        types, products = table.getcell("CORR_TYPE", 0), table.getcell("CORR_PRODUCT", 0)
    polarization = add_row(
        ms / "POLARIZATION",
        NUM_CORR=2,
        CORR_TYPE=np.asarray(types)[[0, 3]],
        CORR_PRODUCT=np.asarray(products)[:, [0, 3]],
    )
    description = add_row(
        ms / "DATA_DESCRIPTION", SPECTRAL_WINDOW_ID=0, POLARIZATION_ID=polarization
    )
    with casa.table(ms, writable=True) as table:
        start = table.nrows()
        table.addrows(rows)
        for row in range(rows):
            for name in (n for n in table.colnames() if table.iscelldefined(n, row)):
                value = table.getcell(name, row)
                if name in ("DATA", "FLAG", "WEIGHT", "SIGMA"):
                    value = np.asarray(value)[[0, 3]]
                table.putcell(name, start + row, value)
            table.putcell("DATA_DESC_ID", start + row, description)


def test_two_polarisation_setups_in_one_spw_are_told_where_both_have_data(ms, tmp_path):
    with casa.session():
        second_setup(ms, 3)
        message = told(lambda: seen(ms))
        (remark,) = survey(str(ms), None).remarks
        # of another field, they are in nobody's way
        add_row(ms / "FIELD", NAME="calibrator")
        fields = column(ms, "FIELD_ID")
        fields[-3:] = 1
        put(ms, FIELD_ID=fields)
        inspection = seen(ms)
        split_spw(ms, tmp_path / "split.ms", inspection, 0, "data")
        (window,) = spectral_windows(tmp_path / "split.ms").values()
    assert "spw 0" in message
    assert "several polarisation setups, XX XY YX YY and XX YY" in message
    assert "leave out the spw" in message
    assert "copy" not in message
    assert remark.startswith("spw 0 left out")
    assert inspection.spws[0].correlations == window.correlations == ("XX", "XY", "YX", "YY")


@pytest.mark.parametrize("first", [True, False])
def test_of_two_fields_of_one_name_the_one_with_data_is_taken(ms, first):
    """By `check` and by `init`; if both have data, both refuse."""
    with casa.session():
        before = seen(ms)
        add_row(ms / "FIELD")
        fields = column(ms, "FIELD_ID")
        if not first:  # the row without data comes first
            put(ms, FIELD_ID=np.ones_like(fields))
        inspection = seen(ms)
        surveyed = survey(str(ms), None)
        put(ms, FIELD_ID=np.arange(len(fields)) % 2)
        refusals = told(lambda: seen(ms)), told(lambda: survey(str(ms), None))
    assert inspection.field_id == surveyed.observation.inspection.field_id == (0 if first else 1)
    assert inspection.integrations == before.integrations
    assert refusals[0] == refusals[1]
    assert "has 2 fields named 'Sgr A*' (ids 0, 1)" in refusals[0]


def test_what_casa_s_tasks_refuse_is_told_by_the_inspection(ms):
    with casa.session():
        seen(ms)
        with casa.table(ms, writable=True) as table:
            table.removecolkeyword("FLAG_CATEGORY", "CATEGORY")
        message = told(lambda: seen(ms))
        tool = casa.tools().ms()
        tool.open(str(ms), nomodify=False)  # the remedy that is named
        tool.close()
        seen(ms)
    assert message.startswith(f"{ms} cannot be opened by CASA's tasks (Missing CATEGORY keyword")
    assert "nomodify=False" in message


def test_weights_that_are_not_those_of_sigma_are_counted(ms):
    with casa.session():
        assert [window.other_weights for window in seen(ms).spws] == [0, 0]
        weight, spw = column(ms, "WEIGHT"), column(ms, "DATA_DESC_ID")
        rows = np.flatnonzero(spw == 1)
        weight[:, rows[:6]] *= 1.5
        weight[:, rows[6:9]] = 0  # has no weight that could be another
        put(ms, WEIGHT=weight)
        shares = [window.other_weights for window in seen(ms).spws]
    assert shares == [0, pytest.approx(6 / (len(rows) - 3))]


@pytest.mark.skipif(not REAL.is_dir(), reason="no ../shared/real")
def test_real_data_of_a_part_of_the_antennas(tmp_path):
    """J1008+0730 by the VLA, raw: 18 of 28 antennas have data, others have no dish."""
    with tarfile.open(next(REAL.glob("*.ms.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    (ms,) = tmp_path.glob("*.ms")
    with casa.session():
        inspection = inspect_target(ms, None, None, "data")
        observation = observe(str(ms), inspection)
        listed = column(ms / "ANTENNA", "DISH_DIAMETER")
    assert (len(listed), listed.min()) == (28, 0)
    assert inspection.antennas == 18
    assert observation.dish_m == 25
