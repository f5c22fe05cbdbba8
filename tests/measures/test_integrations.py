"""Which rows are of one integration, and which integrations of one scan."""

import numpy as np
import pytest

from minispiral.measures.integrations import (
    common_times,
    group_rows,
    length,
    scan_labels,
    spacing,
)

START, INTERVAL, BASELINES = 4998188200.0, 4.0, 28
PAIRS = np.triu_indices(8, 1)


def rows(n: int = 60, spread: float = 0.0, seed: int = 1):
    """TIME and the integration of rows, in scans of six, baselines off by up to `spread` s."""
    of_row = np.repeat(np.arange(n), BASELINES)
    true = START + INTERVAL * np.arange(n) + 20.0 * (np.arange(n) // 6)
    off = spread * np.random.default_rng(seed).uniform(-1, 1, of_row.size)
    return true[of_row] + off, of_row, true


@pytest.mark.parametrize("spread", [0.0, 1e-6, 1e-3, 0.1])
@pytest.mark.parametrize("shuffled", [False, True])
def test_times_that_differ_by_little_are_one_integration(spread, shuffled):
    time, of_row, true = rows(spread=spread)
    order = np.arange(len(time))
    if shuffled:
        order = np.random.default_rng(2).permutation(len(time))
    found = group_rows(time[order], INTERVAL)
    np.testing.assert_array_equal(found.of_row, of_row[order])
    np.testing.assert_allclose(found.times, true, rtol=0, atol=max(spread, 0))
    assert np.all(np.diff(found.times) > 0)
    _, first = np.unique(of_row[order], return_index=True)
    np.testing.assert_array_equal(found.first, first)


def test_the_time_is_the_mean_of_the_rows():
    time = START + np.array([0.0, 0.0, 0.0, 0.004, 4.0, 4.002])
    np.testing.assert_allclose(
        group_rows(time, INTERVAL).times - START, [0.001, 4.001], rtol=0, atol=1e-6
    )


def test_no_rows_and_one_row():
    assert len(group_rows(np.zeros(0), INTERVAL).times) == 0
    assert group_rows(np.array([START]), INTERVAL).times.tolist() == [START]


def test_a_length_that_is_written_too_long_is_the_spacing_of_one_baseline():
    """Of many baselines whose times are off by a millisecond, in scans with gaps."""
    time, _, true = rows(spread=1e-3)
    first, second = (np.tile(antenna, len(true)) for antenna in PAIRS)
    step = spacing(time, first, second)
    assert step == pytest.approx(INTERVAL, abs=2e-3)
    assert length(3 * INTERVAL, step) == step
    assert length(INTERVAL, step) == INTERVAL  # rounding is no other length
    assert length(INTERVAL / 2, step) == INTERVAL / 2  # dead time between integrations
    assert length(0.0, step) == step
    assert length(np.nan, np.inf) > 0


def test_rows_that_are_there_twice_are_of_one_integration():
    """A millisecond apart; where nearly all times are close, what is written is too long."""
    time, of_row, true = rows()
    first, second = (np.tile(np.tile(antenna, len(true)), 2) for antenna in PAIRS)
    twice = np.concatenate([time, time + 1e-3])
    step = spacing(twice, first, second, written=INTERVAL)
    assert step == pytest.approx(INTERVAL, abs=1e-6)
    found = group_rows(twice, length(INTERVAL, step))
    np.testing.assert_array_equal(found.of_row, np.tile(of_row, 2))
    first, second = (np.tile(antenna, len(true)) for antenna in PAIRS)
    assert spacing(time, first, second, written=100 * INTERVAL) == pytest.approx(INTERVAL)


def test_spws_of_other_integrations_do_not_look_like_shorter_ones():
    times = [START + 2.0 * np.arange(40), START + 1.0 + 4.0 * np.arange(20)]
    spw = np.repeat([0, 1], [40, 20])
    antenna = np.zeros(60, int)
    assert spacing(np.concatenate(times), antenna, antenna, spw) == 2.0


def test_a_scan_is_named_by_observation_array_and_number():
    ids = {
        "observation": np.array([0, 0, 0, 1, 1, 0, 1]),
        "array": np.array([0, 0, 0, 0, 0, 1, 0]),
        "scan": np.array([4, 4, 9, 4, 4, 4, 4]),
    }
    assert scan_labels(ids).tolist() == [0, 0, 1, 2, 2, 3, 2]


def settled(off: float, intervals=(INTERVAL, INTERVAL)) -> list[np.ndarray]:
    _, _, true = rows()
    return common_times([true, true + off], list(intervals))


@pytest.mark.parametrize("off", [1e-6, 1e-3, 0.1])
def test_integrations_of_all_spws_have_one_time(off):
    one, other = settled(off)
    np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(one, rows()[2] + off / 2, rtol=0, atol=2e-6)


def test_times_that_are_the_same_in_all_spws_stay_as_they_are():
    one, other = settled(0.0)
    np.testing.assert_array_equal(one, rows()[2])
    np.testing.assert_array_equal(other, rows()[2])


def test_spws_keep_times_that_mean_other_integrations():
    """Those of another length, or half an integration later; and those that no gap tells apart."""
    true = rows()[2]
    for one, other in (settled(1e-3, (4.0, 8.0)), settled(2.0)):
        np.testing.assert_array_equal(one, true)
        assert np.all(other > true)
    times = [START + INTERVAL * np.arange(6) + 0.9 * k for k in range(5)]
    for own, found in zip(times, common_times(times, [INTERVAL] * 5), strict=True):
        np.testing.assert_array_equal(found, own)


def test_a_spw_without_rows_has_no_times():
    empty, found = common_times([np.zeros(0), np.array([START])], [1.0, INTERVAL])
    assert (len(empty), found.tolist()) == (0, [START])
