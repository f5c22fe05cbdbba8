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


def fit_lines(x: np.ndarray, y: np.ndarray, error: np.ndarray) -> Line:
    """Fit straight lines by weighted least squares, in closed form.

    Parameters
    ----------
    x : (n_spw,)
    y, error : (n_spw, n)
        Values and standard deviations; an infinite one leaves its value out. NaN, or fewer than
        two values, makes the integration's line NaN.
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
    return Line(offset, np.sqrt(offset_variance), slope, np.sqrt(s / determinant))
