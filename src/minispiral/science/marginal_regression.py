r"""Regression whose residuals drift by what only a few independent values tell.

As `minispiral.science.between_spws.regress`, the residuals are white noise and a damped random walk
of deviation s and timescale tau. There the best s and tau are taken; here the posterior is averaged
over both, flat in ln tau between two steps and the time covered, and in ln s about what the
residuals scatter by::

    mean = sum w b      covariance = sum w (C + (b - mean) (b - mean)^T)

over a grid of s and tau, with b and C the coefficients and their covariance by generalised least
squares, and w the marginal likelihood. So a drift as slow as the whole curve is in the errors.
"""

from dataclasses import dataclass

import numpy as np

from minispiral.science.between_spws import SHORTEST, generalised, residual_scatter

TIMESCALES, DEVIATIONS = 10, 14  # of the grid
LOWEST, HIGHEST = 0.02, 4.0  # s, over the scatter of the residuals


@dataclass(frozen=True)
class MarginalFit:
    """Coefficients ``(p,)`` of a regression, and their `errors`."""

    coefficients: np.ndarray
    errors: np.ndarray


def marginal_regress(
    time: np.ndarray, value: np.ndarray, error: np.ndarray, columns: np.ndarray
) -> MarginalFit:
    """Fit columns ``(n, p)`` to values whose residuals are white noise and a damped random walk.

    Parameters
    ----------
    time : (n,), s, ascending
    value, error : (n,), with the white noise
    """
    step, covered = float(np.median(np.diff(time))), float(np.ptp(time))
    scatter = residual_scatter(value, error, columns)
    found = []
    for timescale in np.geomspace(SHORTEST * step, max(covered, 2 * SHORTEST * step), TIMESCALES):
        for deviation in scatter * np.geomspace(LOWEST, HIGHEST, DEVIATIONS):
            found.append(generalised(time, value, error, columns, deviation, timescale))
    evidence = np.array([one.log_likelihood - one.log_determinant / 2 for one in found])
    coefficients = np.array([one.coefficients for one in found])
    covariances = np.array([one.covariance for one in found])
    weight = np.exp(evidence - evidence.max())
    weight /= weight.sum()
    mean = weight @ coefficients
    variance = np.diagonal(covariances, axis1=1, axis2=2) + (coefficients - mean) ** 2
    return MarginalFit(mean, np.sqrt(weight @ variance))
