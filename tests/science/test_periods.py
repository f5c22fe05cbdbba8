"""Periods against least squares by dense matrices, and how often chance makes one."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.science.periods import Search, find_period
from minispiral.science.power_law import AMPLITUDES, Window, covariance, power_law
from tests.helpers.windows import errors, even_window, power_law_curves, window_of

FEW = np.arange(1.0, 3.01, 0.5)


def law_of(window: Window, value: np.ndarray):
    fits = window.fit(value)
    return power_law(fits.log_likelihood[0], float(fits.noise_only[0]), window.slopes)


@pytest.mark.parametrize("rotating", [False, True])
def test_the_gain_is_that_of_generalised_least_squares(rotating):
    series = even_window(40)
    window, random = Window(series, FEW), np.random.default_rng(1)
    search, best = Search(window, rotating), np.array([[2, 150]])
    n = len(series)
    value = random.normal(size=n) + (1j * random.normal(size=n) if rotating else 0)
    gains = search.gains(value[None], best)[0]
    lag = np.abs(series.place[:, None] - series.place)
    total = AMPLITUDES[150] * covariance(FEW[2], 40, series.interval)[lag]
    inverse = np.linalg.inv(total + series.noise_covariance())
    time = series.time - series.time[0]

    def chi2(columns: np.ndarray) -> float:
        normal = columns.conj().T @ inverse @ columns
        fitted = np.linalg.solve(normal, columns.conj().T @ inverse @ value)
        left = value - columns @ fitted
        return float((left.conj() @ inverse @ left).real)

    ones = np.ones(n)
    for k in (0, 2, 5):
        turn = 2j * np.pi * search.frequency[k] * time
        if rotating:
            waves = [np.exp(sign * turn)[:, None] for sign in (1, -1)]
        else:
            waves = [np.stack([np.cos(turn.imag), np.sin(turn.imag)], axis=1)]
        expected = max(chi2(ones[:, None]) - chi2(np.column_stack([ones, wave])) for wave in waves)
        assert gains[k] == pytest.approx(expected, rel=1e-6)


def test_a_strong_period_is_found_with_its_length():
    series = even_window(120, 60.0, slice(50, 60))
    window, random = Window(series, FEW), np.random.default_rng(2)
    curve = power_law_curves(series, 2.0, 0.05, 1, random)[0] + errors(series, 1, random)[0]
    curve = curve + 0.02 * np.sin(2 * np.pi * series.time / 1500)
    period = find_period(Search(window), curve, law_of(window, curve), random, 40)
    assert period.false_alarm < 0.05
    assert abs(period.period - 1500) < 4 * period.period_err
    assert period.amplitude == pytest.approx(0.02, abs=4 * period.amplitude_err)


def test_of_errors_alone_no_period_is_looked_for():
    series = even_window(40)
    window, random = Window(series, FEW), np.random.default_rng(1)
    noise = errors(series, 1, random)[0]
    law = replace(law_of(window, noise), detected=False)
    assert find_period(Search(window), noise, law, random, 10) is None


@pytest.mark.statistics
@pytest.mark.slow
def test_chance_makes_periods_as_often_as_is_said():
    """Over a hundred realisations of red noise in the window of a track."""
    random = np.random.default_rng(7)
    series = window_of("20170406_long")
    window = Window(series)
    search = Search(window)
    curves = power_law_curves(series, 2.3, 2.88, 100, random) + errors(series, 100, random)
    alarms = np.array(
        [
            find_period(search, curve, law_of(window, curve), random, 199).false_alarm
            for curve in curves
        ]
    )
    for rate in (0.05, 0.1, 0.3, 0.5):
        # three standard deviations
        assert abs(np.mean(alarms <= rate) - rate) < 3 * np.sqrt(rate * (1 - rate) / 100)
