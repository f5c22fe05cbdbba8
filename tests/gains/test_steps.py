"""Steps of the gain, found in the core's flux: none missed that matters, none invented."""

import numpy as np
import pytest

from minispiral.gains.steps import gain_steps

N, CORE, EXTENDED = 240, 5e-4, 4e-3  # relative errors of F_core and F_ext


def steps(gain: np.ndarray, seed: int = 1) -> list[int]:
    """Places where a new segment begins."""
    noisy = gain + np.random.default_rng(seed).normal(0, CORE, len(gain))
    return np.flatnonzero(np.diff(gain_steps(noisy, np.full(len(gain), EXTENDED)))).tolist()


@pytest.mark.parametrize("seed", range(5))
def test_a_smooth_gain_has_no_steps(seed):
    assert steps(np.zeros(N), seed) == []
    assert steps(0.1 * np.sin(np.arange(N) / 40), seed) == []


def test_steps_every_minute_are_found():
    sizes = 0.01 * np.where(np.arange(24) % 2, 1, -1) * np.linspace(1, 3, 24)
    assert steps(np.repeat(sizes, 10)) == list(range(9, N - 1, 10))


def test_steps_of_a_gain_that_drifts_are_found():
    saw = np.linspace(0, 0.24, N) - np.repeat(np.linspace(0, 0.24, 24), 10)
    assert set(range(9, N - 1, 10)) - set(steps(saw)) == set()


def test_a_glitch_is_a_segment_of_its_own():
    assert steps(np.where(np.arange(N) == 100, 0.02, 0.0)) == [99, 100]


def test_what_makes_no_difference_is_no_step():
    assert steps(np.where(np.arange(N) > 100, 0.2 * EXTENDED, 0.0)) == []


def test_few_integrations_are_one_segment():
    assert gain_steps(np.arange(5.0), np.full(5, EXTENDED)).tolist() == [0] * 5
    assert gain_steps(np.zeros(0), np.zeros(0)).tolist() == []
