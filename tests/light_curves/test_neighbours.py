"""Values that stand out from their neighbours in time."""

import numpy as np
import pytest

from minispiral.light_curves.neighbours import NEIGHBOURS, excess

N = 200


def noise(seed: int = 0, n: int = N) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("places", [[0], [N - 1], [0, 1, 2, 3], [N - 4, N - 3, N - 2, N - 1], [77]])
def test_what_is_off_is_found_anywhere_even_a_whole_scan_of_four(places, seed):
    values = noise(seed)
    values[places] += 20
    found = excess(values, np.ones(N, bool))
    assert np.flatnonzero(found > 6).tolist() == places
    assert found[places] == pytest.approx(20, abs=7)


def test_the_excess_is_in_standard_deviations_and_knows_no_unit():
    values, every = noise(n=2000), np.ones(2000, bool)
    assert np.std(excess(values, every)) == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(excess(5 - 3 * values, every), -excess(values, every), atol=1e-9)


@pytest.mark.parametrize("shape", [np.linspace(0, 30, N), 10 * np.sin(np.arange(N) / 40)])
def test_drifting_values_are_not_off(shape):
    assert np.abs(excess(shape + noise(), np.ones(N, bool))).max() < 6


def test_the_others_are_nobodys_neighbour():
    values, use = noise(), np.ones(N, bool)
    expected = excess(values, use)
    left_out = np.arange(0, 3 * N, 3)
    many, all_of_them = np.full(3 * N, np.nan), np.zeros(3 * N, bool)
    many[left_out], all_of_them[left_out] = values, True
    found = excess(many, all_of_them)
    assert np.array_equal(found[left_out], expected)
    assert not found[~all_of_them].any()


def test_few_equal_or_no_values_are_not_off():
    assert not excess(np.ones(N), np.ones(N, bool)).any()
    assert not excess(noise(), np.zeros(N, bool)).any()
    assert len(excess(np.zeros(0), np.zeros(0, bool))) == 0
    few = NEIGHBOURS // 3
    assert np.abs(excess(noise(n=few), np.ones(few, bool))).max() < 6
