"""What cannot be used is flagged in the workflow's copy of the data, and nothing else is."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.ms.bad_samples import flag_bad_samples
from minispiral.ms.comparison import weight_remarks
from minispiral.ms.inspection import inspect
from minispiral.ms.split import split_field, split_spw
from tests.helpers.tracks import short_track

pytestmark = pytest.mark.slow

SPECTRUM = "WEIGHT_SPECTRUM"
COLUMNS = ("DATA", "WEIGHT", "UVW", "FLAG", "FLAG_ROW")
CHANNELS = 3


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two spws of three channels; some rows flagged by FLAG_ROW alone."""
    ms = short_track(tmp_path_factory.mktemp("bad"), CHANNELS)
    write(ms, {"FLAG_ROW": np.arange(len(read(ms)["FLAG_ROW"])) == 5})
    return ms


@pytest.fixture(params=[False, True], ids=["WEIGHT", "WEIGHT_SPECTRUM"])
def ms(data, tmp_path, request) -> Path:
    """A copy, with weights for each channel if asked for."""
    copy = tmp_path / "a.ms"
    if not request.param:
        shutil.copytree(data, copy)
        return copy
    with casa.session():
        casa.tasks().mstransform(
            vis=str(data), outputvis=str(copy), datacolumn="data", usewtspectrum=True
        )
    return copy


def read(ms: Path) -> dict[str, np.ndarray]:
    with casa.session(), casa.table(ms) as table:
        names = [name for name in (*COLUMNS, SPECTRUM) if name in table.colnames()]
        return {name: table.getcol(name) for name in names}


def write(ms: Path, columns: dict[str, np.ndarray]) -> None:
    with casa.session(), casa.table(ms, writable=True) as table:
        for name, values in columns.items():
            table.putcol(name, values)


def freed(ms: Path, **options) -> list:
    with casa.session():
        return flag_bad_samples(ms, **options)


@pytest.mark.parametrize("block", [10, 1000])
def test_what_is_not_finite_or_has_a_negative_weight_is_flagged_and_made_zero(ms, block):
    good = read(ms)
    bad = {name: values.copy() for name, values in good.items()}
    bad["DATA"][0, 1, 3], bad["DATA"][3, 0, 4], bad["DATA"][1, 2, -1] = np.nan, np.inf, 1j * np.nan
    bad["WEIGHT"][2, 7], bad["WEIGHT"][0, 8], bad["WEIGHT"][1, 9] = np.nan, -1.0, 0.0
    bad["UVW"][1, 11] = np.nan
    flag, zero = good["FLAG"].copy(), {name: values.copy() for name, values in good.items()}
    for place in ((0, 1, 3), (3, 0, 4), (1, 2, -1)):
        flag[place], zero["DATA"][place] = True, 0
    flag[2, :, 7] = flag[0, :, 8] = flag[:, :, 11] = True
    zero["WEIGHT"][2, 7] = zero["WEIGHT"][0, 8] = zero["WEIGHT"][1, 9] = 0
    zero["UVW"][1, 11] = 0
    if SPECTRUM in bad:
        bad[SPECTRUM][0, 1, 12], bad[SPECTRUM][1, 2, 13], bad[SPECTRUM][2, 0, 14] = np.nan, -2, 0
        for place in ((0, 1, 12), (1, 2, 13)):
            flag[place], zero[SPECTRUM][place] = True, 0
        zero[SPECTRUM][2, 0, 14] = 0
    write(ms, bad)
    counts = freed(ms, block=block * CHANNELS)
    assert sum(count.bad for count in counts) == (flag & ~good["FLAG"]).sum()
    for name, values in (zero | {"FLAG": flag}).items():
        np.testing.assert_array_equal(read(ms)[name], values, err_msg=name)


def test_good_data_stay_as_they_are(ms):
    before = read(ms)
    counts = freed(ms)
    rows = len(before["FLAG_ROW"]) // 2
    assert [count.bad for count in counts] == [0, 0]
    assert sorted(count.usable_rows for count in counts) == [rows - 1, rows]
    for name, values in before.items():
        np.testing.assert_array_equal(read(ms)[name], values)


# on the way into the workflow


def split(ms: Path, output: Path, flag_channels: str | None = None) -> dict[str, np.ndarray]:
    with casa.session():
        split_spw(ms, output, inspect(ms, "Sgr A*", [0, 1], "data"), 0, "data", flag_channels)
    return read(output)


def changed(data: Path, folder: Path, name: str, place: tuple, value: complex) -> Path:
    ms = folder / "a.ms"
    shutil.copytree(data, ms)
    values = read(ms)[name]
    values[place] = value
    write(ms, {name: values})
    return ms


@pytest.mark.parametrize("other_channel", [None, "0"])
def test_a_bad_channel_is_left_out_of_the_average_of_the_others(data, tmp_path, other_channel):
    ms = changed(data, tmp_path, "DATA", (slice(None), 1), np.nan)
    columns = split(ms, tmp_path / "found.ms", other_channel)
    expected = split(
        data, tmp_path / "expected.ms", "1" if other_channel is None else f"{other_channel};1"
    )
    assert expected["FLAG"].mean() < 0.1
    for name, values in expected.items():
        np.testing.assert_array_equal(columns[name], values, err_msg=name)


@pytest.mark.parametrize(
    ("name", "place"), [("DATA", (...,)), ("DATA", (0,)), ("UVW", (...,)), ("WEIGHT", (0,))]
)
def test_where_no_stokes_i_is_left_file_and_spw_are_named(data, tmp_path, name, place):
    inspection = inspected(data)
    ms = changed(data, tmp_path, name, place, np.nan)
    with (
        casa.session(),
        pytest.raises(MinispiralError, match=r"a.ms, spw 0: all data are flagged, not finite"),
    ):
        split_spw(ms, tmp_path / "split.ms", inspection, 0, "data")


def inspected(ms: Path):
    with casa.session():
        return inspect(ms, "Sgr A*", [0, 1], "data")


def test_one_spw_of_a_target_without_data_is_named(data, tmp_path):
    with casa.session(), casa.table(data) as table:
        second = table.getcol("DATA_DESC_ID") == 1
    ms = changed(data, tmp_path, "DATA", (..., second), np.nan)
    with casa.session(), pytest.raises(MinispiralError, match="a.ms, spw 1: all data"):
        split_field(ms, tmp_path / "split.ms", inspected(data), "data")


# what has no weight: CASA's split takes the weights of DATA from SIGMA


def without_weight(ms: Path, name: str, value: float, folder: Path) -> tuple[Path, np.ndarray]:
    """A copy with rows in another order, whose antenna 1 is broken and has no weight."""
    copy = folder / "broken.ms"
    with casa.session(), casa.table(ms) as table:
        order = np.random.default_rng(4).permutation(table.nrows()).tolist()
        chosen = table.selectrows(order)
        chosen.copy(str(copy), deep=True, valuecopy=True).close()
        chosen.close()
        for subtable in ms.iterdir():
            if subtable.is_dir():
                shutil.copytree(subtable, copy / subtable.name, dirs_exist_ok=True)
    columns = read(copy)
    with casa.session(), casa.table(copy) as table:
        broken = (table.getcol("ANTENNA1") == 1) | (table.getcol("ANTENNA2") == 1)
    channels = slice(None) if name == "WEIGHT" else 2
    columns["DATA"][:, channels, broken] += 100
    columns[name][(slice(None), broken) if name == "WEIGHT" else (slice(None), 2, broken)] = value
    write(copy, {key: columns[key] for key in ("DATA", name)})
    return copy, broken


@pytest.mark.parametrize("value", [0.0, np.nan, -1.0, np.inf])
def test_an_antenna_without_weight_stays_out(ms, tmp_path, value):
    name = SPECTRUM if SPECTRUM in read(ms) else "WEIGHT"
    flag_of_row = {"FLAG_ROW": np.zeros(len(read(ms)["FLAG_ROW"]), bool)}
    write(ms, flag_of_row)
    broken, rows = without_weight(ms, name, value, tmp_path)
    expected = split(ms, tmp_path / "expected.ms", None if name == "WEIGHT" else "2")
    found = split(broken, tmp_path / "found.ms")
    with casa.session(), casa.table(tmp_path / "found.ms") as table:
        pairs = np.stack([table.getcol("ANTENNA1"), table.getcol("ANTENNA2")])
        time = table.getcol("TIME")
    of_antenna = (pairs == 1).any(axis=0)
    assert of_antenna.sum() == rows.sum() / 2  # of two spws
    if name == "WEIGHT":
        np.testing.assert_array_equal(found["FLAG"][:, 0], np.tile(of_antenna, (4, 1)))
    else:
        assert not found["FLAG"].any()
    assert np.abs(found["DATA"][~found["FLAG"]]).max() < 50
    with casa.session(), casa.table(tmp_path / "expected.ms") as table:
        keys = [table.getcol(k) for k in ("ANTENNA2", "ANTENNA1", "TIME")]
    here, there = np.lexsort([pairs[1], pairs[0], time]), np.lexsort(keys)
    used = ~of_antenna[here] if name == "WEIGHT" else np.ones(len(here), bool)
    if name == "WEIGHT":
        for column in ("DATA", "WEIGHT"):
            ours, theirs = found[column][..., here], expected[column][..., there]
            np.testing.assert_allclose(ours[..., used], theirs[..., used], rtol=1e-6)
    else:
        of_broken = of_antenna[here]
        ours, theirs = found["DATA"][..., here], expected["DATA"][..., there]
        np.testing.assert_allclose(ours[..., of_broken], theirs[..., of_broken], rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_what_has_no_sigma_is_told_and_counted(data, tmp_path, value):
    """CASA gives it a weight of zero, so that it would be gone without a word."""
    rows = np.zeros(len(read(data)["FLAG_ROW"]), bool)
    rows[:12] = True
    ms = shutil.copytree(data, tmp_path / "a.ms")
    with casa.session(), casa.table(ms, writable=True) as table:
        sigma = table.getcol("SIGMA")
        sigma[0, rows] = value
        table.putcol("SIGMA", sigma)
        table.putcol("FLAG_ROW", np.zeros(len(rows), bool))
        description = table.getcol("DATA_DESC_ID")
    with casa.session():
        inspection = inspect(ms, "Sgr A*", [0, 1], "data")
        lost = split_field(ms, tmp_path / "found.ms", inspection, "data")
    assert lost == 12 * CHANNELS
    for spw, window in enumerate(inspection.spws):
        gone = int(rows[description == spw].sum())
        assert window.usable_rows == window.rows - gone
        assert window.without_sigma == pytest.approx(gone / window.rows)
        assert window.other_weights == 0
    told = [
        remark for remark in weight_remarks(inspection) if "% of the rows have no SIGMA" in remark
    ]
    assert len(told) == sum(window.without_sigma > 0 for window in inspection.spws) > 0


def test_a_target_loses_what_has_no_weight_too(ms, tmp_path):
    write(ms, {"FLAG_ROW": np.zeros(len(read(ms)["FLAG_ROW"]), bool)})
    name = SPECTRUM if SPECTRUM in read(ms) else "WEIGHT"
    broken, rows = without_weight(ms, name, 0.0, tmp_path)
    with casa.session():
        lost = split_field(broken, tmp_path / "found.ms", inspected_here(broken), "data")
    found = read(tmp_path / "found.ms")
    channels = CHANNELS if name == "WEIGHT" else 1
    assert lost == found["FLAG"].sum() == 4 * channels * rows.sum()
    assert np.abs(found["DATA"][~found["FLAG"]]).max() < 50


def inspected_here(ms: Path):
    return inspect(ms, "Sgr A*", [0, 1], "data")
