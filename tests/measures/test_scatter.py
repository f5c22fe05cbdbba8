"""Robust scatter against that of noise, and against scipy's."""

import numpy as np
import pytest
from scipy.stats import median_abs_deviation

from minispiral.measures.scatter import robust_scatter


def test_it_is_the_standard_deviation_of_noise_whatever_a_few_outliers_are():
    values = 3.0 * np.random.default_rng(0).standard_normal(4001)
    assert robust_scatter(values) == pytest.approx(3.0, rel=0.04)
    expected = median_abs_deviation(values, scale="normal")
    assert robust_scatter(values - np.median(values)) == pytest.approx(expected, rel=1e-5)
    values[:40] = 1e6
    assert robust_scatter(values) == pytest.approx(3.0, rel=0.06)


def test_what_is_not_finite_is_left_out():
    assert robust_scatter(np.array([1.0, np.nan, -1.0, np.inf])) == pytest.approx(1.4826)
    assert np.isnan(robust_scatter(np.array([np.nan])))
    assert np.isnan(robust_scatter(np.zeros(0)))
