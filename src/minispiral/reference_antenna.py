"""The reference antenna of self-calibration: near the array's centre, and with few flagged data."""

import os
from collections.abc import Sequence

import numpy as np

from minispiral.errors import MinispiralError


def check_reference(ms: str | os.PathLike, names: Sequence[str], refant: str) -> None:
    """Check that the antenna that phases are to refer to is among a measurement set's.

    Raises
    ------
    MinispiralError
        If it is not.
    """
    if refant not in names:
        raise MinispiralError(
            f"{ms} has no antenna {refant!r} to refer phases to: set refant to one of "
            f"{', '.join(names)}"
        )


def rank_antennas(names: Sequence[str], positions: np.ndarray, unflagged: np.ndarray) -> list[str]:
    """Order antennas by how well they serve as reference, the best first; those without data drop.

    Score: 1 - d / max(d), with d the distance from the median position, plus the unflagged share of
    the data relative to the best antenna's; as ALMA's pipeline does.

    Parameters
    ----------
    names : of the n antennas
    positions : (n, 3), m
    unflagged : (n,), share of each antenna's data that is not flagged
    """
    there = np.flatnonzero(unflagged > 0)
    if not len(there):
        return []
    distance = np.linalg.norm(positions - np.median(positions[there], axis=0), axis=1)
    farthest = distance[there].max() or 1.0
    score = 1 - distance / farthest + unflagged / unflagged[there].max()
    return [names[k] for k in sorted(there, key=lambda k: (-score[k], k))]
