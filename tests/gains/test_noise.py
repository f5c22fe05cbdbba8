"""Noise between neighbours: that which was drawn, whatever varies beneath it."""

import numpy as np
import pytest

from minispiral.gains.noise import local_excess, neighbour_noise
from minispiral.gains.process import Series

N = 240


def series(value: np.ndarray, error: float = 1e-3, step=6.0, segment=None) -> Series:
    n = len(value)
    return Series(
        step * np.arange(n),
        value,
        np.full(n, error),
        np.zeros(n, int) if segment is None else segment,
    )


@pytest.mark.parametrize("noise", [0.1, 1.0, 5.0])
def test_noise_of_a_swinging_polarisation_is_found(noise):
    """An angle that turns by 40 deg in minutes."""
    factors = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        angle = 0.7 * np.sin(np.arange(N) / 30 + rng.uniform(0, 6))
        value = 0.07 * np.cos(2 * angle) + noise * 1e-3 * rng.standard_normal(N)
        factors.append(neighbour_noise(series(value)))
    expected = 1 / np.sqrt(2 * 0.7 * N)  # polynomials of 6 parameters through 20 values
    assert np.mean(factors) == pytest.approx(noise, rel=3 * expected / np.sqrt(20))
    assert np.std(factors) / noise == pytest.approx(expected, rel=0.5)


def test_steps_gaps_and_outliers_do_not_count():
    rng = np.random.default_rng(1)
    value = 1e-3 * rng.standard_normal(N) + 0.1 * (np.arange(N) // 40)
    stepping = neighbour_noise(series(value, segment=np.arange(N) // 40))
    assert stepping == pytest.approx(1, abs=0.2)
    time = 6.0 * np.arange(N) + 120.0 * (np.arange(N) // 40)
    gaps = Series(time, value, np.full(N, 1e-3), np.zeros(N, int))
    assert neighbour_noise(gaps) == pytest.approx(stepping)
    value = 1e-3 * rng.standard_normal(N)
    value[100] = 0.5
    assert neighbour_noise(series(value)) == pytest.approx(1, abs=0.2)


def test_too_few_neighbours_tell_nothing():
    assert neighbour_noise(series(np.zeros(19))) is None
    lonely = Series(
        np.repeat(60.0 * np.arange(20), 2) + np.tile([0, 6.0], 20),
        *np.ones((2, 40)),
        np.zeros(40, int),
    )
    assert neighbour_noise(lonely) is None


def test_a_scatter_that_is_noise_everywhere_is_not_uneven():
    rng = np.random.default_rng(5)
    squares = rng.standard_normal((100, 500)) ** 2
    # windows overlap, so that 500 values are some 50 independent trials
    assert sum(local_excess(row).any() for row in squares) <= 10


def test_a_gain_that_jumps_for_some_minutes_is_known_worse_there():
    rng = np.random.default_rng(6)
    jumping = slice(200, 260)
    deviation = rng.standard_normal(500)
    deviation[jumping] += 1.5 * rng.standard_normal(60)
    excess = local_excess(deviation**2)
    assert np.mean(excess[jumping]) == pytest.approx(1.5**2, rel=0.5)
    assert not excess[:120].any()
    assert not excess[340:].any()
    # errors that count it hold there
    assert np.std((deviation / np.sqrt(1 + excess))[jumping]) == pytest.approx(1, abs=0.2)
    assert not local_excess(deviation[:20] ** 2).any()
