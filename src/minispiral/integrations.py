"""Which integrations of different spws, tables or measurement sets are the same."""

from collections.abc import Sequence

import numpy as np


def common_integrations(
    times: Sequence[np.ndarray], good: Sequence[np.ndarray], tolerance: float
) -> list[np.ndarray]:
    """Find the integrations that are good in all spws: for each spw their indices.

    Parameters
    ----------
    times : for each spw ``(n_k,)``, s, ascending
    good : for each spw ``(n_k,) bool``
    tolerance : s within which times are of one integration
    """
    indices = [np.flatnonzero(flags) for flags in good]
    common = times[0][indices[0]]
    for time, index in zip(times[1:], indices[1:], strict=True):
        common = (
            common[nearest_times(time[index], common)[1] < tolerance] if len(index) else common[:0]
        )
    return [
        index[nearest_times(time[index], common)[0]] if len(common) else index[:0]
        for time, index in zip(times, indices, strict=True)
    ]


def nearest_times(times: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Index of the nearest of `times` to each wanted one, and the distance."""
    right = np.clip(np.searchsorted(times, wanted), 1, max(len(times) - 1, 1))
    candidates = np.stack([right - 1, np.minimum(right, len(times) - 1)])
    distance = np.abs(times[candidates] - wanted)
    nearest = np.argmin(distance, axis=0)
    columns = np.arange(len(wanted))
    return candidates[nearest, columns], distance[nearest, columns]
