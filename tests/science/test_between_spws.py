"""Lags and trends between spws: what was put in comes back, with errors that hold."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.science.between_spws import common_curve, lag_between, regress
from minispiral.science.power_law import Window, power_law
from minispiral.science.series import Series
from tests.helpers.windows import even_window

FINE = 12
SLOPES = np.arange(1.0, 3.01, 0.25)


def pairs(series: Series, lag: float, excess: float, number: int, random: np.random.Generator):
    """Curves of two spws, the second later by a lag (s), and more variable."""
    bins = int(series.place[-1]) + 1
    n, step = 32 * bins * FINE, series.interval / FINE
    frequency = np.arange(1, n // 2 + 1) / (n * step)
    size = np.sqrt(2.88 * (3600 * frequency) ** -2.3 / 4 * n / step)
    for _ in range(number):
        parts = random.normal(size=(2, n // 2))
        there = np.concatenate([[0], size * (parts[0] + 1j * parts[1])])
        later = there * np.exp(-2j * np.pi * np.append(0, frequency) * lag)
        logs = [
            np.fft.irfft(of, n)[: bins * FINE].reshape(bins, FINE).mean(axis=1)[series.place]
            for of in (there, later)
        ]
        logs = [logs[0] - logs[0].mean(), (1 + excess) * (logs[1] - logs[0].mean())]
        curves = [np.exp(of) * (1 + series.white * random.normal(size=len(of))) for of in logs]
        yield [curve / curve.mean() for curve in curves]


@pytest.mark.parametrize(("lag", "excess"), [(0.0, 0.0), (5.0, 0.05)])
def test_lag_and_excess_come_back(lag, excess):
    random = np.random.default_rng(1)
    series = replace(even_window(100, 60.0, slice(40, 48)), drift=0.0)
    pulls = []
    for first, second in pairs(series, lag, excess, 5, random):
        white = series.white / np.sqrt(2)
        mean = replace(series, value=(first + second) / 2, white=white)
        window = Window(mean, SLOPES)
        fits = window.fit(mean.value)
        law = power_law(fits.log_likelihood[0], float(fits.noise_only[0]), SLOPES)
        common = common_curve(window, law)
        found = lag_between(mean.time, (first, series.white), (second, series.white), common)
        pulls.append(
            [(found.lag - lag) / found.lag_err, (found.excess - excess) / found.excess_err]
        )
        assert found.lag_err < 5
    # of 10 pulls
    assert 0.35 < np.sqrt(np.mean(np.square(pulls))) < 1.6
    assert np.all(np.abs(np.mean(pulls, axis=0)) < 1.2)


def test_a_regression_allows_for_residuals_that_wander():
    """Errors of a slope hold with white residuals and with such as last a tenth of the track."""
    random = np.random.default_rng(2)
    time = 300.0 * np.arange(60)
    columns = np.stack([np.ones(60), np.linspace(-1, 1, 60)], axis=1)
    for deviation in (0.0, 3.0):
        pulls, spreads = [], []
        for _ in range(6):
            wander = np.empty(60)
            wander[0] = deviation * random.normal()
            kept = np.exp(-300 / 1800)
            for k in range(1, 60):
                step = deviation * np.sqrt(1 - kept**2) * random.normal()
                wander[k] = kept * wander[k - 1] + step
            value = columns @ [1.0, 2.0] + wander + random.normal(size=60)
            found = regress(time, value, np.ones(60), columns)
            pulls.append((found.coefficients[1] - 2.0) / found.errors[1])
            spreads.append(found.deviation)
            assert found.deviation_high > found.deviation
        # of six
        assert 0.3 < np.sqrt(np.mean(np.square(pulls))) < 1.9
        if deviation:
            assert np.median(spreads) == pytest.approx(deviation, rel=0.4)
        else:
            assert np.median(spreads) < 0.5
