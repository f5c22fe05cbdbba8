"""Averages over channels, against numpy's means of masked arrays."""

import numpy as np
import pytest

from minispiral.visibilities.channel_average import average_channels

SHAPE = (2, 5, 40)  # an odd number of channels


def samples(seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    data = rng.standard_normal(SHAPE) + 1j * rng.standard_normal(SHAPE)
    flag = rng.random(SHAPE) < 0.4
    flag[:, :, :3], flag[0, :, 3:9] = True, False
    return data, flag, rng.uniform(0.1, 2, SHAPE)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("weighted", [False, True])
def test_unflagged_channels_count_by_their_weights(order, weighted):
    data, flag, weight = samples()
    masked = np.ma.array(data, mask=flag)
    expected, total = np.ma.average(
        masked, axis=1, weights=weight if weighted else np.ones(SHAPE), returned=True
    )
    found = average_channels(
        np.array(data, order=order), flag, np.array(weight, order=order) if weighted else None
    )
    some = ~flag.all(axis=1)
    np.testing.assert_allclose(found[0][some], expected[some], rtol=1e-13)
    np.testing.assert_allclose(found[2][some], total[some], rtol=1e-13)
    np.testing.assert_array_equal(found[1], ~some)
    # where all are flagged, all count
    over_all = np.average(data, axis=1, weights=weight if weighted else None)
    np.testing.assert_allclose(found[0][~some], over_all[~some], rtol=1e-13)


def test_flagged_channels_may_be_infinite_and_weigh_nothing_themselves():
    data, flag, weight = samples()
    expected = average_channels(data.copy(), flag, weight)
    some = flag & ~flag.all(axis=1, keepdims=True)
    spoilt = np.where(some, np.inf, data), flag, np.where(some, 1e30, weight)
    for one, other in zip(average_channels(*spoilt), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_without_weight_there_is_no_average():
    data, flag, weight = samples()
    weight[1, :, 5] = 0
    average, flagged, total = average_channels(data, flag, weight)
    assert (average[1, 5], flagged[1, 5], total[1, 5]) == (0, True, 0)


def test_a_channel_alone_stays_as_it_is():
    data, flag, _ = (values[:, :1] for values in samples())
    average, flagged, total = average_channels(data.copy(), flag)
    np.testing.assert_array_equal(average, data[:, 0])
    np.testing.assert_array_equal(flagged, flag[:, 0])
    assert (total == 1).all()
