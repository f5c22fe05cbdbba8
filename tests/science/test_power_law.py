"""Power laws against dense matrices, and against curves that were drawn from known ones."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.science.power_law import (
    AMPLITUDES,
    HOUR,
    SLOPES,
    Window,
    covariance,
    power_law,
    quantiles,
)
from minispiral.science.series import Series
from minispiral.science.spectrum import spectrum
from tests.helpers.windows import errors, even_window, power_law_curves, window_of

FEW = np.array([1.0, 2.0, 3.0])


def test_changes_of_a_random_walk_grow_with_time():
    """P = A (f_1 / f)^2 makes changes of bins' means of 2 pi^2 A f_1^2 (t - D / 3)."""
    kernel = covariance(2.0, 200, 60.0)
    lag = np.arange(1, 20)
    changes = 2 * (kernel[0] - kernel[lag])
    expected = 2 * np.pi**2 / HOUR**2 * 60.0 * (lag - 1 / 3)
    np.testing.assert_allclose(changes, expected, rtol=0.03)


def test_white_noise_is_independent_from_bin_to_bin():
    kernel = covariance(0.0, 50, 60.0)
    assert kernel[0] == pytest.approx(1 / (2 * 60.0), rel=0.05)
    assert np.all(np.abs(kernel[1:]) < 0.05 * kernel[0])


def test_the_likelihood_is_that_of_a_dense_matrix():
    series = even_window(40)
    window = Window(series, FEW)
    value = 0.01 * np.random.default_rng(1).normal(size=len(series))
    found = window.fit(value).log_likelihood[0]
    lag = np.abs(series.place[:, None] - series.place)
    for k, slope in enumerate(FEW):
        for place in (100, 150):
            total = AMPLITUDES[place] * covariance(slope, 40, series.interval)[lag]
            total += series.noise_covariance()
            inverse = np.linalg.inv(total)
            weight = inverse.sum()
            chi2 = value @ inverse @ value - (inverse @ value).sum() ** 2 / weight
            expected = -(chi2 + np.linalg.slogdet(total)[1] + np.log(weight)) / 2
            assert found[k, place] == pytest.approx(expected, abs=1e-6)


def test_simulated_curves_have_the_covariance_that_is_fitted():
    series = even_window(40)
    window = Window(series, FEW)
    drawn = window.simulate(np.ones(4000, int), np.full(4000, 2.0), np.random.default_rng(2))
    lag = np.abs(series.place[:, None] - series.place)
    expected = 2.0 * covariance(2.0, 40, series.interval)[lag] + series.noise_covariance()
    scatter = np.sqrt(np.outer(np.diag(expected), np.diag(expected)) * 2 / 4000)
    assert np.max(np.abs(np.cov(drawn.T) - expected) / scatter) < 5


def test_slopes_come_back():
    random = np.random.default_rng(3)
    series = even_window()
    window = Window(series, np.arange(0.0, 4.01, 0.2))
    for slope in (1.5, 2.5):
        curves = power_law_curves(series, slope, 2.88, 30, random) + errors(series, 30, random)
        fits = window.fit(curves)
        laws = [
            power_law(*of, window.slopes)
            for of in zip(fits.log_likelihood, fits.noise_only, strict=True)
        ]
        inside = np.mean([law.slope_low <= slope <= law.slope_high for law in laws])
        # 30 cases of 0.68: four standard deviations
        assert inside > 0.34
        assert np.mean([law.slope for law in laws]) == pytest.approx(slope, abs=0.2)


def test_errors_alone_are_no_variability():
    random = np.random.default_rng(4)
    series = even_window()
    window = Window(series, FEW)
    found = window.fit(errors(series, 200, random)).detection > 9.2
    assert found.sum() <= 6
    fits = window.fit(errors(series, 1, random))
    law = power_law(fits.log_likelihood[0], float(fits.noise_only[0]), FEW)
    assert not law.detected
    assert np.isnan(law.slope)
    assert 0 < law.amplitude_high < 1


def test_in_slow_bins_a_curve_without_fast_changes_has_its_own_slope():
    """A random walk averaged over six minutes is steep within these, and a walk beyond."""
    random, slopes = np.random.default_rng(6), np.arange(0.5, 4.51, 0.25)
    fine = Series(np.arange(120), 120.0, np.zeros(120), np.full(120, 1e-4))
    slow = Series(np.arange(24), 600.0, np.zeros(24), np.full(24, 5e-5))
    longer = replace(fine, place=np.arange(122), value=np.zeros(122))
    walks = power_law_curves(longer, 2.0, 2.88, 40, random)
    smooth = (walks[:, :-2] + walks[:, 1:-1] + walks[:, 2:]) / 3 + errors(fine, 40, random)
    means = smooth.reshape(40, 24, 5).mean(axis=2)
    laws = []
    for series, curves in ((fine, smooth), (slow, means)):
        fits = Window(series, slopes).fit(curves)
        pairs = zip(fits.log_likelihood, fits.noise_only, strict=True)
        laws.append([power_law(*of, slopes) for of in pairs])
    assert np.mean([law.slope_low for law in laws[0]]) > 2.5
    inside = np.mean([law.slope_low <= 2 <= law.slope_high for law in laws[1]])
    assert 0.4 < inside < 0.95  # 40 cases of 0.68, and what six minutes take off


def test_quantiles_of_an_even_distribution():
    grid = np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(quantiles(grid, np.ones(4), (0.0, 0.5, 1.0)), [0.5, 2.5, 4.5])


def test_a_spectrum_is_that_which_was_drawn():
    """Means over curves are the power law, of every bin, and intervals hold."""
    random = np.random.default_rng(5)
    series = even_window(120, 60.0, slice(50, 64))
    slopes, ratios, inside = np.arange(1.0, 3.01, 0.5), [], []
    for curve in power_law_curves(series, 2.0, 2.88, 12, random):
        window = Window(series.with_value(curve + errors(series, 1, random)[0]), slopes)
        fits = window.fit(window.series.value)
        law = power_law(fits.log_likelihood[0], float(fits.noise_only[0]), slopes)
        of = spectrum(window, law, random, 60)
        true = 2.88 * (3600 * of.frequency) ** -2.0
        ratios.append(of.power / true)
        inside.append((of.low <= true) & (true <= of.high))
        assert 0 < of.p_value <= 1
    bright = of.noise < true
    assert 0.55 < np.mean(np.array(inside)[:, bright]) < 0.85
    assert np.mean(np.array(ratios)[:, bright]) == pytest.approx(1, abs=0.3)


@pytest.mark.statistics
@pytest.mark.slow
@pytest.mark.parametrize("track", ["20170406_long", "20170407_app", "20170406"])
@pytest.mark.parametrize("slope", [0.0, 2.0, 2.25, 2.5, 3.0])
def test_intervals_hold_in_the_windows_of_tracks(track, slope):
    random = np.random.default_rng(round(10 * slope))
    series = window_of(track)
    window = Window(series, SLOPES)
    amplitude = 2.88 if slope else 2 * series.interval * 0.005**2
    number = 200
    curves = power_law_curves(series, slope, amplitude, number, random)
    fits = window.fit(curves + errors(series, number, random))
    laws = [power_law(*of, SLOPES) for of in zip(fits.log_likelihood, fits.noise_only, strict=True)]
    assert all(law.detected for law in laws)
    of_slope = np.mean([law.slope_low <= slope <= law.slope_high for law in laws])
    of_amplitude = np.mean([law.amplitude_low <= amplitude <= law.amplitude_high for law in laws])
    # 200 cases of 0.68: 3.6 standard deviations, as of 30 such shares chance takes one beyond three
    assert 0.56 < of_slope < 0.8
    assert 0.56 < of_amplitude < 0.8
