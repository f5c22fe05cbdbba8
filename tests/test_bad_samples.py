"""What cannot be used is flagged in the workflow's copy of the data, and nothing else is."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.bad_samples import flag_bad_samples
from minispiral.errors import MinispiralError
from minispiral.simulate import simulate_track

pytestmark = pytest.mark.slow

COLUMNS = ("DATA", "WEIGHT", "UVW", "FLAG")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Two spws of three channels."""
    folder = tmp_path_factory.mktemp("bad")
    settings = {
        "antennas": 5,
        "scans": 1,
        "scan_minutes": 0.3,
        "channels": 3,
        "frequencies_ghz": [213.1, 227.1],
        "broken_integrations": 0,
    }
    simulate_track(folder / "a.ms", folder / "truth.csv", settings)
    return folder / "a.ms"


def read(ms: Path) -> dict[str, np.ndarray]:
    with casa.session(), casa.table(ms) as table:
        return {name: table.getcol(name) for name in COLUMNS}


def write(ms: Path, columns: dict[str, np.ndarray]) -> None:
    with casa.session(), casa.table(ms, writable=True) as table:
        for name, values in columns.items():
            table.putcol(name, values)


def test_what_is_not_finite_or_has_a_negative_weight_is_flagged_and_made_zero(data, tmp_path):
    ms = tmp_path / "a.ms"
    shutil.copytree(data, ms)
    good = read(ms)
    bad = {name: values.copy() for name, values in good.items()}
    bad["DATA"][0, 1, 3], bad["DATA"][3, 0, 4], bad["DATA"][1, 2, -1] = np.nan, np.inf, 1j * np.nan
    bad["WEIGHT"][2, 7], bad["WEIGHT"][0, 8], bad["WEIGHT"][1, 9] = np.nan, -1.0, 0.0
    bad["UVW"][1, 11] = np.nan
    write(ms, bad)
    with casa.session():
        flag_bad_samples(ms, "a.ms")
    flag, zero = good["FLAG"].copy(), {name: good[name].copy() for name in COLUMNS[:3]}
    for place in ((0, 1, 3), (3, 0, 4), (1, 2, -1)):
        flag[place], zero["DATA"][place] = True, 0
    flag[2, :, 7] = flag[0, :, 8] = flag[:, :, 11] = True
    zero["WEIGHT"][2, 7] = zero["WEIGHT"][0, 8] = zero["WEIGHT"][1, 9] = 0
    zero["UVW"][1, 11] = 0
    found = read(ms)
    np.testing.assert_array_equal(found["FLAG"], flag)
    for name, values in zero.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)


def test_good_data_stay_as_they_are(data, tmp_path):
    ms = tmp_path / "a.ms"
    shutil.copytree(data, ms)
    with casa.session():
        flag_bad_samples(ms, "a.ms")
    for name, values in read(data).items():
        np.testing.assert_array_equal(read(ms)[name], values)


@pytest.mark.parametrize("name", ["DATA", "WEIGHT", "UVW"])
def test_where_nothing_is_left_the_source_is_named(data, tmp_path, name):
    ms = tmp_path / "a.ms"
    shutil.copytree(data, ms)
    write(ms, {name: np.nan * read(ms)[name]})
    with casa.session(), pytest.raises(MinispiralError, match="mine.ms: all visibilities are"):
        flag_bad_samples(ms, "mine.ms")
