"""Loops of Q and U: circles, an orbiting spot on red noise, and red noise alone."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.science.loops import Turns, measure_loops
from minispiral.science.series import Series
from tests.helpers.windows import even_window, power_law_curves, window_of

ORBIT = 70 * 60.0
NOISE = 2e-4  # Jy
SPOT = 0.03  # Jy: a tenth of 0.3


def polarised(window: Series, value: np.ndarray) -> Series:
    white = np.full(len(window), NOISE)
    return replace(window, value=value, white=white, drift=0.0, mean=0.2)


def test_a_circle_turns_as_fast_as_it_does():
    series = even_window(120, 60.0, slice(50, 60))
    turns = Turns.of(series)
    for sign in (1, -1):
        circle = 0.2 + SPOT * np.exp(sign * 2j * np.pi * series.time / ORBIT)
        rate, clockwise = turns.measure(circle[None], np.zeros(len(series)))
        assert rate[0] == pytest.approx(sign * 360 / 70)
        assert clockwise[0] == (0 if sign == 1 else 1)


def test_noise_makes_a_circle_no_slower():
    """Noise of the point between two changes would bend each back."""
    random = np.random.default_rng(1)
    series = even_window(2000, 60.0, slice(50, 60))
    circle = 0.01 * np.exp(2j * np.pi * series.time / ORBIT)
    noise = 0.003 * (random.normal(size=len(series)) + 1j * random.normal(size=len(series)))
    rate, _ = Turns.of(series).measure((circle + noise)[None], np.full(len(series), 0.003))
    assert rate[0] == pytest.approx(360 / 70, rel=0.05)


def red_noise(series: Series, random: np.random.Generator) -> np.ndarray:
    """Q + i U of a slope of 2.3, of 20 mJy rms on a track of three hours."""
    parts = power_law_curves(series, 2.3, 0.004**2 * 7200, 2, random)
    errors = NOISE * random.normal(size=(2, len(series)))
    return 0.2 + parts[0] + errors[0] + 1j * (parts[1] + errors[1])


def test_a_track_of_minutes_says_nothing():
    series = even_window(30, 60.0)
    value = red_noise(series, np.random.default_rng(2))
    assert measure_loops(polarised(series, value), np.random.default_rng(2), 10) is None


def test_an_orbiting_spot_is_found_with_its_sense_and_period():
    random = np.random.default_rng(4)
    series = even_window(90, 120.0, slice(40, 46))
    spot = SPOT * np.exp(-2j * np.pi * series.time / ORBIT)
    loops = measure_loops(polarised(series, red_noise(series, random) + spot), random, 40)
    assert loops.clockwise > 0.8
    assert loops.p_value < 0.1
    assert abs(loops.rate + 360 / 70) < 2 * loops.rate_err
    assert loops.turning.sense == -1
    assert loops.turning.false_alarm < 0.1
    assert loops.turning.period == pytest.approx(ORBIT, abs=3 * loops.turning.period_err)
    assert loops.turning.amplitude == pytest.approx(SPOT, abs=3 * loops.turning.amplitude_err)


@pytest.mark.statistics
@pytest.mark.slow
@pytest.mark.parametrize("sense", [0, 1, -1])
def test_spots_in_the_window_of_a_track(sense):
    """With a spot nearly all are found; without one as few as is said."""
    random = np.random.default_rng(5 + sense)
    series = window_of("20170406_long")
    spot = SPOT * np.exp(sense * 2j * np.pi * series.time / ORBIT) if sense else 0
    number = 20 if sense else 60
    found = [
        measure_loops(polarised(series, red_noise(series, random) + spot), random, 99)
        for _ in range(number)
    ]
    shares = np.array([loops.clockwise for loops in found])
    p_values = np.array([loops.p_value for loops in found])
    alarms = np.array([loops.turning.false_alarm for loops in found])
    if sense:
        assert np.mean(p_values < 0.05) > 0.9
        assert np.mean(alarms < 0.05) > 0.9
        assert all(loops.turning.sense == sense for loops in found)
        pulls = [(loops.turning.period - ORBIT) / loops.turning.period_err for loops in found]
        assert np.std(pulls) < 1.3
        return
    pulls = np.array([loops.rate / loops.rate_err for loops in found])
    # three standard deviations of 60
    assert abs(np.mean(np.abs(pulls) < 1) - 0.68) < 0.18
    errors = np.array([loops.clockwise_err for loops in found])
    assert abs(np.mean(np.abs(shares - 0.5) <= errors) - 0.68) < 0.2
    for values in (p_values, alarms):
        assert np.mean(values < 0.1) < 0.1 + 3 * np.sqrt(0.09 / 60)
