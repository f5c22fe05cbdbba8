"""Straight lines through a few points with errors, for many integrations at once."""

from dataclasses import dataclass

import numpy as np

SINGULAR = 1e-12  # determinant, relative to its diagonal's product, of points at one place


@dataclass(frozen=True)
class Line:
    """A straight line y = offset + slope x fitted to each of n integrations: ``(n,)`` each."""

    offset: np.ndarray
    offset_err: np.ndarray
    slope: np.ndarray
    slope_err: np.ndarray


def fit_lines(
    x: np.ndarray, y: np.ndarray, error: np.ndarray, covariance: np.ndarray | None = None
) -> Line:
    """Fit straight lines by weighted least squares, in closed form.

    Parameters
    ----------
    x : (n_spw,)
    y, error : (n_spw, n)
        Values and standard deviations; an infinite one leaves its value out. NaN, or fewer than
        two values, makes the integration's line NaN.
    covariance : (n_spw, n_spw, n), optional
        Of the values with each other, 0 on its diagonal. It enters the errors, not the weights.
    """
    w = error**-2.0
    y = np.where(w == 0, 0.0, y)
    pivot = x.mean()  # near the data, where offset and slope are hardly correlated
    dx = (x - pivot)[:, None]
    s, sx, sxx = w.sum(0), (w * dx).sum(0), (w * dx**2).sum(0)
    sy, sxy = (w * y).sum(0), (w * dx * y).sum(0)
    determinant = s * sxx - sx**2
    determinant = np.where(determinant > SINGULAR * s * sxx, determinant, np.nan)
    slope = (s * sxy - sx * sy) / determinant
    offset = (sxx * sy - sx * sxy) / determinant - slope * pivot
    offset_variance = (sxx + 2 * pivot * sx + pivot**2 * s) / determinant
    slope_variance = s / determinant
    if covariance is not None:
        per_slope = w * (s * dx - sx) / determinant
        per_offset = w * (sxx - sx * dx) / determinant - pivot * per_slope
        slope_variance = slope_variance + _quadratic(per_slope, covariance)
        offset_variance = offset_variance + _quadratic(per_offset, covariance)
    return Line(offset, np.sqrt(offset_variance), slope, np.sqrt(slope_variance))


def _quadratic(factors: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    return np.einsum("jn,jkn,kn->n", factors, covariance, factors)
