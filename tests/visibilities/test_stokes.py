"""Stokes visibilities from correlations written by hand."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.visibilities.stokes import (
    CORRELATION_NAMES,
    correlations_of,
    stokes_pairs,
    stokes_visibilities,
)

LINEAR = ("XX", "XY", "YX", "YY")


SKY = {"I": 2.5, "Q": 0.2, "U": -0.3, "V": 0.1}


BY_HAND = {
    "XX": SKY["I"] + SKY["Q"],
    "YY": SKY["I"] - SKY["Q"],
    "XY": SKY["U"] + 1j * SKY["V"],
    "YX": SKY["U"] - 1j * SKY["V"],
    "RR": SKY["I"] + SKY["V"],
    "LL": SKY["I"] - SKY["V"],
    "RL": SKY["Q"] + 1j * SKY["U"],
    "LR": SKY["Q"] - 1j * SKY["U"],
}


@pytest.mark.parametrize(
    ("correlations", "names"),
    [("XX XY YX YY", "IQUV"), ("XX YY", "IQ"), ("RR RL LR LL", "IVQU"), ("RR LL", "IV")],
)
def test_stokes_parameters_of_both_feeds(correlations, names):
    products = tuple(correlations.split())
    data = np.array([[BY_HAND[name]] for name in products], complex)
    pairs = stokes_visibilities(data, np.ones(data.shape), np.zeros(data.shape, bool), products)
    values = {n: v[0] for pair in pairs for n, v in zip(pair.names, pair.values, strict=True)}
    assert values == pytest.approx({name: SKY[name] for name in names})


@pytest.mark.parametrize("correlations", [("XX",), ("XX", "XY"), ("RL", "LR"), ()])
def test_without_both_parallel_hands_there_is_no_stokes_i(correlations):
    with pytest.raises(MinispiralError, match="both parallel hands"):
        stokes_pairs(correlations)


def test_weights_are_those_of_the_half_sum():
    rng = np.random.default_rng(2)
    weight = np.array([3.0, 1.0, 2.0, 0.5])[:, None] * np.ones((4, 200000))
    data = rng.standard_normal(weight.shape) / np.sqrt(weight)
    for pair in stokes_visibilities(data.astype(complex), weight, weight < 0, LINEAR):
        for values in pair.values:
            # complex values hold real noise here, which V's factor -i turns
            assert 1 / np.var(values.real + values.imag) == pytest.approx(pair.weight[0], rel=0.02)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan, np.inf])
def test_samples_without_a_proper_weight_are_not_used(bad):
    weight = np.ones((4, 3))
    weight[3, 1] = bad
    parallel, cross = stokes_visibilities(
        np.ones((4, 3), complex), weight, np.zeros((4, 3), bool), LINEAR
    )
    assert (parallel.weight > 0).tolist() == [True, False, True]
    assert np.all(cross.weight > 0)


def test_flags_and_nan_of_a_hand_hit_its_own_stokes_parameters():
    data, flag = np.ones((4, 3), complex), np.zeros((4, 3), bool)
    flag[1, 0] = True
    data[0, 2] = np.nan
    parallel, cross = stokes_visibilities(data, np.ones((4, 3)), flag, LINEAR)
    assert (parallel.weight > 0).tolist() == [True, True, False]
    assert (cross.weight > 0).tolist() == [False, True, True]
    assert np.all(np.isfinite(parallel.values))
    assert np.all(np.isfinite(cross.values))


def test_correlations_are_numbered_as_casacore_does():
    names = ["Undefined", "I", "Q", "U", "V", "RR", "RL", "LR", "LL", "XX", "XY", "YX", "YY"]
    assert dict(list(enumerate(names))[5:]) == CORRELATION_NAMES


def test_correlations_of_linear_and_circular_feeds():
    stokes = np.array([3.0, 0.3, -0.2, 0.05])
    xx, xy, yx, yy = correlations_of(stokes, ("XX", "XY", "YX", "YY"))
    assert (xx, yy) == pytest.approx((3.3, 2.7))
    assert (xy, yx) == pytest.approx((-0.2 + 0.05j, -0.2 - 0.05j))
    rr, rl, lr, ll = correlations_of(stokes, ("RR", "RL", "LR", "LL"))
    assert (rr, ll) == pytest.approx((3.05, 2.95))
    assert (rl, lr) == pytest.approx((0.3 - 0.2j, 0.3 + 0.2j))
    assert correlations_of(np.ones((5, 2, 4)), ("XX", "YY")).shape == (5, 2, 2)
