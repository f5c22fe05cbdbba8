"""Which integrations are the same, whatever the gaps."""

import numpy as np

from minispiral.measures.times import common_integrations, slots, stretches


def test_common_integrations_are_those_good_everywhere():
    first = np.array([0.0, 6.0, 12.0, 18.0, 24.0])
    second = np.array([6.01, 12.01, 24.01, 30.0])
    good = [np.array([1, 1, 1, 1, 1], bool), np.array([1, 0, 1, 1], bool)]
    a, b = common_integrations([first, second], good, 3.0)
    np.testing.assert_array_equal(a, [1, 4])
    np.testing.assert_array_equal(b, [0, 2])
    none = common_integrations([first, second], [good[0], np.zeros(4, bool)], 3.0)
    assert [len(rows) for rows in none] == [0, 0]


def test_integrations_keep_their_slots_whatever_the_gaps():
    scans = [6.0 * np.arange(40) + k * 360.0 + (3.0 if k else 0.0) for k in range(6)]
    slot_numbers = slots(np.concatenate(scans), 6.0, 0.0)
    assert len(np.unique(slot_numbers)) == 240
    assert np.count_nonzero(np.diff(slot_numbers) == 1) == 6 * 39
    noisy = np.concatenate(scans) + np.random.default_rng(1).uniform(-1e-3, 1e-3, 240)
    np.testing.assert_array_equal(np.diff(slots(noisy, 6.0, 0.0)) == 1, np.diff(slot_numbers) == 1)


def test_times_are_parted_by_gaps():
    mjd = np.array([0, 1, 2, 10, 11, 30]) + 57849.0
    assert stretches(mjd).tolist() == [0, 0, 0, 1, 1, 2]
    assert stretches(mjd[:1]).tolist() == [0]
