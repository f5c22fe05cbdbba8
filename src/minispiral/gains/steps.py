r"""Where the gain steps: jumps of the core's fitted flux between neighbouring integrations.

F_core = G I, where G is the gain in the data and I the light curve of the core. I does not jump
within seconds, so a jump of ln F_core is one of G; and F_core is known several times better than
F_ext. For each pair of neighbours, the mean of the w values after it less that of the w before it
is compared with its own running median, which leaves out slow changes.
"""

import numpy as np
from scipy.ndimage import median_filter

from minispiral.measures.scatter import robust_scatter

WIDTHS = (1, 2, 3)  # integrations on either side
SMOOTHING = 6  # length of the running median, in widths, plus one
SIGNIFICANT = 7.0  # in standard deviations of the noise
# jumps smaller than this share of the error of ln F_ext make no difference
RELEVANT = 0.3


def gain_steps(log_core: np.ndarray, log_extended_err: np.ndarray) -> np.ndarray:
    """Segment of each integration between jumps, ``(n,) int``, ascending from 0.

    The most significant jump is found, taken out of the values, and so on until none is left.

    Parameters
    ----------
    log_core : (n,), of good integrations, in order of time
    log_extended_err : (n,), error of ln F_ext
    """
    n = len(log_core)
    segment = np.zeros(n, int)
    if n <= SMOOTHING * max(WIDTHS):
        return segment
    values = log_core - np.mean(log_core)
    noise = robust_scatter(_jumps(values, 1)) / np.sqrt(2)
    relevant = RELEVANT * np.median(log_extended_err)
    least = [max(SIGNIFICANT * noise * np.sqrt(2 / width), relevant) for width in WIDTHS]
    for _ in range(n):
        jumps = np.stack([_jumps(values, width) for width in WIDTHS])
        significance = np.abs(jumps) / np.array(least)[:, None]
        width, middle = np.unravel_index(np.argmax(significance), jumps.shape)
        if significance[width, middle] <= 1:
            break
        values[middle + 1 :] -= jumps[width, middle]
        segment[middle + 1 :] += 1
    # a place found twice is one step
    return np.unique(segment, return_inverse=True)[1]


def _jumps(values: np.ndarray, width: int) -> np.ndarray:
    """Mean of the `width` values after each pair's middle less that before, without its trend."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    middle = np.arange(1, len(values))
    after = np.minimum(middle + width, len(values))
    before = np.maximum(middle - width, 0)
    difference = (total[after] - total[middle]) / (after - middle)
    difference -= (total[middle] - total[before]) / (middle - before)
    return difference - median_filter(difference, SMOOTHING * width + 1, mode="nearest")
