"""Scatter of values some of which may be far off."""

import numpy as np

OUTLIER = 5.0  # standard deviations of noise, beyond which a value is another matter
NORMAL = 1.4826  # standard deviation of normal noise over its median absolute deviation


def robust_scatter(deviation: np.ndarray) -> float:
    """Standard deviation of noise of which outliers are a minority: 1.4826 median |deviation|.

    Parameters
    ----------
    deviation : (n,), from what is expected; what is not finite is left out

    Returns
    -------
    In the unit of the deviation; NaN where nothing is left.
    """
    known = np.isfinite(deviation)
    return float(NORMAL * np.median(np.abs(deviation[known]))) if known.any() else np.nan
