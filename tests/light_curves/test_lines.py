"""Straight lines against numpy and against matrices."""

import numpy as np
import pytest

from minispiral.light_curves.lines import fit_lines


def test_lines_against_polyfit():
    rng = np.random.default_rng(3)
    x, error = rng.normal(5, 1, 6), rng.uniform(0.5, 2, (6, 4))
    y = rng.normal(0, 1, (6, 4))
    line = fit_lines(x, y, error)
    for k in range(4):
        (slope, offset), covariance = np.polyfit(x, y[:, k], 1, w=1 / error[:, k], cov="unscaled")
        assert line.slope[k] == pytest.approx(slope)
        assert line.offset[k] == pytest.approx(offset)
        assert line.slope_err[k] == pytest.approx(np.sqrt(covariance[0, 0]))
        assert line.offset_err[k] == pytest.approx(np.sqrt(covariance[1, 1]))


def test_lines_with_covariance_against_the_matrix():
    rng = np.random.default_rng(8)
    x, error = rng.normal(5, 1, 5), rng.uniform(0.5, 2, (5, 3))
    covariance = np.zeros((5, 5, 3))
    covariance[0, 1] = covariance[1, 0] = 0.3 * error[0] * error[1]
    line = fit_lines(x, rng.normal(0, 1, (5, 3)), error, covariance)
    design = np.stack([x, np.ones(5)], axis=1)
    for k in range(3):
        weight = np.diag(error[:, k] ** -2)
        solve = np.linalg.inv(design.T @ weight @ design) @ design.T @ weight
        full = np.diag(error[:, k] ** 2) + covariance[:, :, k]
        expected = np.sqrt(np.diag(solve @ full @ solve.T))
        np.testing.assert_allclose([line.slope_err[k], line.offset_err[k]], expected)
