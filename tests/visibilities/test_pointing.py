"""Where the array points to over time, and its file."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.io.tables import write_table
from minispiral.visibilities.pointing import (
    Pointing,
    pointing_table,
    read_drifts,
    read_pointing,
)

RNG = np.random.default_rng(1)
POINTING = Pointing(
    5e9 + np.arange(9) * 100.0, RNG.standard_normal((9, 2)), RNG.random((9, 2)), 321.5
)


def write(path, kept: bool, drifts=None):
    write_table(path, pointing_table(POINTING, kept, drifts or {}))
    return path


def test_the_pointing_is_read_as_it_was_written(tmp_path):
    again = read_pointing(write(tmp_path / "pointing.ecsv", kept=True))
    assert np.array_equal(again.time, POINTING.time)
    assert np.array_equal(again.offset, POINTING.offset)
    assert np.array_equal(again.error, POINTING.error)
    assert again.evidence == POINTING.evidence


def test_what_is_not_kept_is_not_used_but_written(tmp_path):
    path = write(tmp_path / "pointing.ecsv", kept=False, drifts={0: (0.0, 300.0)})
    assert read_pointing(path) is None
    nothing = Pointing(np.zeros(0), np.zeros((0, 2)), np.zeros((0, 2)), 0.0)
    write_table(tmp_path / "none.ecsv", pointing_table(nothing, False, {}))
    assert read_pointing(tmp_path / "none.ecsv") is None


def test_drifts_are_read_by_spw_and_nan_where_not_known(tmp_path):
    drifts = {0: (1.25e-6, 424.0), 11: (np.nan, 300.0), 2: (0.0, 300.0)}
    path = write(tmp_path / "pointing.ecsv", kept=False, drifts=drifts)
    variances, timescales = zip(*read_drifts(path, [2, 0, 11]), strict=True)
    assert variances == pytest.approx([0.0, 1.25e-6, np.nan], nan_ok=True)
    assert timescales == (300.0, 424.0, 300.0)


def test_columns_say_their_unit():
    table = pointing_table(POINTING, True, {})
    units = [str(table[name].unit) for name in ("time", "east", "north", "east_err", "north_err")]
    assert units == ["s", *["arcsec"] * 4]


def test_between_known_times_the_pointing_goes_in_straight_lines_and_beyond_stays():
    middle = (POINTING.time[1:] + POINTING.time[:-1]) / 2
    expected = (POINTING.offset[1:] + POINTING.offset[:-1]) / 2
    np.testing.assert_allclose(POINTING.at(middle), expected)
    outside = POINTING.at(POINTING.time[[0, -1]] + [-1000, 1000])
    assert np.array_equal(outside, POINTING.offset[[0, -1]])


def test_rows_have_the_offsets_of_their_own_antennas():
    own = RNG.standard_normal((9, 2, 2))
    pointing = replace(POINTING, antennas=np.array(["DA41", "DV02"]), own=own)
    place, names = np.array([0, 1, 1]), ["PM01", "DV02", "DA41"]
    times = POINTING.time[[3, 5]]
    one, other = pointing.of_baselines(times, place, names, np.array([0, 0, 1]), np.full(3, 2))
    # PM01 is not known, and has the array's mean
    np.testing.assert_allclose(one, [POINTING.offset[3], POINTING.offset[5], own[5, 1]])
    np.testing.assert_allclose(other, own[[3, 5, 5], 0])
    one, other = POINTING.of_baselines(times, place, names, np.array([0, 0, 1]), np.full(3, 2))
    assert np.array_equal(one, other)
    np.testing.assert_allclose(one, POINTING.offset[[3, 5, 5]])


def test_offsets_of_antennas_are_read_as_they_were_written(tmp_path):
    own = RNG.standard_normal((9, 3, 2))
    pointing = replace(POINTING, antennas=np.array(["DA41", "DV02", "A1@W1"]), own=own)
    write_table(tmp_path / "pointing.ecsv", pointing_table(pointing, True, {}))
    again = read_pointing(tmp_path / "pointing.ecsv")
    assert again.antennas.tolist() == pointing.antennas.tolist()
    assert np.array_equal(again.own, own)
