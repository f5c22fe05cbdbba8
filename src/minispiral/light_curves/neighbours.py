r"""Neighbours in time: how far a value is off those around it.

Neighbours are the nearest integrations in time, whatever scans they are of: a scan of Sgr A* is
often four integrations, which cannot tell what is usual. Where there are none on one side, those of
the other side stand for them, so that the first and the last are not their own neighbours.
"""

import numpy as np
from scipy.ndimage import median_filter

NEIGHBOURS = 31  # integrations whose median one is compared with


def excess(values: np.ndarray, use: np.ndarray) -> np.ndarray:
    """Excess over the median of the neighbours, in robust standard deviations: ``(n,)``.

    Parameters
    ----------
    values : (n,), in order of time
    use : (n,) bool
        Which of them to look at: the others get 0 and are nobody's neighbour.
    """
    result = np.zeros(len(values))
    known = values[use]
    if not len(known):
        return result
    residual = known - median_filter(known, NEIGHBOURS, mode="mirror")
    spread = 1.4826 * np.median(np.abs(residual))
    result[use] = residual / spread if spread > 0 else 0.0
    return result
