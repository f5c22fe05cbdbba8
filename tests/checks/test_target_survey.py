"""What `init --targets` chooses of a measurement set: the field, its spws, and whether a point."""

import numpy as np
import pytest

from minispiral.checks.target_survey import FieldTime, choose_target, is_point, with_same_hands
from minispiral.errors import MinispiralError
from minispiral.ms.windows import Window

CALIBRATOR, SHORT, LONG = (
    FieldTime("3C279", 900.0, False),
    FieldTime("a", 100.0, True),
    FieldTime("b", 600.0, True),
)


def test_of_the_fields_for_science_the_longest_observed_is_taken():
    fields = [CALIBRATOR, LONG, SHORT]
    assert choose_target(fields, None) == LONG
    assert choose_target([CALIBRATOR, FieldTime("x", 5.0, False)], None) == CALIBRATOR
    assert choose_target(fields, "a") == SHORT
    with pytest.raises(MinispiralError, match="give --field one of '3C279', 'b', 'a'"):
        choose_target(fields, "M87")


def window(*correlations: str) -> Window:
    return Window([0], 2e11, 1, correlations, (2e11,), 1e9)


def test_spws_have_the_hands_that_most_have():
    both, lone = window("RR", "RL", "LR", "LL"), window("LL")
    good, remarks = with_same_hands({0: lone, 1: both, 2: both, 3: window("RL")})
    assert good == [1, 2]
    assert "no parallel hand" in remarks[0]
    assert remarks[1].startswith("spw 0 left out: it has the hands LL, others have RR LL")
    assert with_same_hands({4: lone}) == ([4], [])


def moduli(source, noise=0.05, gains=0.05, antennas=12, times=20, seed=3) -> bool:
    """Of a source's visibilities against baseline length (m), through gains and noise."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(-100, 100, (antennas, 2))
    gain = np.exp(gains * rng.standard_normal(antennas))
    first, second = np.triu_indices(antennas, 1)
    length = np.hypot(*(place[first] - place[second]).T)
    shape = (times, len(first))
    noises = noise * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    modulus = np.abs(source(length) * gain[first] * gain[second] + noises)
    baseline = np.broadcast_to(first + 100 * second, shape)
    return is_point(modulus.ravel(), baseline.ravel(), np.broadcast_to(length, shape).ravel())


def test_a_point_is_told_by_its_moduli():
    assert moduli(np.ones_like)
    assert moduli(np.ones_like, gains=0.1, seed=4)
    assert not moduli(lambda length: np.exp(-((length / 100) ** 2)))  # resolved
    assert not moduli(lambda length: 1 + 0.5 * np.exp(-((length / 60) ** 2)))  # in a halo
    assert not moduli(lambda length: 1 + 0.8 * np.cos(length / 3))  # two points
    assert not moduli(np.zeros_like)  # noise, whose modulus is the same everywhere
    assert not moduli(np.ones_like, noise=1.0)  # too faint to tell
    assert not moduli(np.ones_like, antennas=3)  # too few baselines to tell
    assert not moduli(np.ones_like, times=1)
    assert not is_point(np.zeros(0), np.zeros(0, int), np.zeros(0))
