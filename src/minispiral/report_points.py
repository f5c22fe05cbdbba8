"""Points of light curves as a page shows them: few enough for it to stay small and quick."""

from collections.abc import Mapping

import numpy as np

ANGLE = "EVPA"  # deg, alike after half a turn: its mean is that of the directions


def bin_size(n: int, points: int) -> int:
    """How many successive integrations become one point, so that about `points` remain."""
    return max(1, -(-n // max(points, 1)))


def bins(scan: np.ndarray, size: int) -> np.ndarray:
    """Bin of each integration ``(n,)``, from 0: `size` successive ones, never across scans."""
    starts = np.flatnonzero(np.diff(scan, prepend=scan[:1] - 1))
    within = np.arange(len(scan)) - np.repeat(starts, np.diff(starts, append=len(scan)))
    return np.cumsum(within % size == 0) - 1


def bin_means(
    columns: Mapping[str, np.ndarray], scan: np.ndarray, size: int
) -> dict[str, np.ndarray]:
    """Mean of each column over bins of `size` integrations; of an EVPA, of its direction.

    Means of errors are those of single integrations: neighbours share most of a smooth gain's
    error, so that their mean is hardly better. What is missing is left out; a bin of nothing is
    NaN.
    """
    index = bins(scan, size)
    result = {}
    for name, values in columns.items():
        values = np.asarray(values, float)
        if size == 1:
            result[name] = values
        elif name == ANGLE:
            turned = np.exp(2j * np.radians(values))
            mean = _mean(turned.real, index) + 1j * _mean(turned.imag, index)
            result[name] = np.degrees(np.angle(mean) / 2)
        else:
            result[name] = _mean(values, index)
    return result


def _mean(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    n = index[-1] + 1 if len(index) else 0
    count = np.bincount(index[known], minlength=n)
    total = np.bincount(index[known], values[known], minlength=n)
    return np.divide(total, count, out=np.full(n, np.nan), where=count > 0)


def evenly(n: int, points: int) -> np.ndarray:
    """Places of at most `points` of n things, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, points)).astype(int)) if n else np.zeros(0, int)
