"""Position angles of polarisation, which are alike after half a turn, followed in time."""

import numpy as np

HALF_TURN = 180.0  # deg


def followed(angle: np.ndarray, near: float | None = None) -> np.ndarray:
    """The same angles (deg), with half turns added so that none is a quarter turn off the last.

    Parameters
    ----------
    angle : ``(n,)``, deg, in the order of time; NaN where it is not known
    near : deg
        The median comes to within a quarter turn of it; of 0 where it is left out.
    """
    result = np.array(angle, float)
    known = np.isfinite(result)
    if not known.any():
        return result
    result[known] = np.unwrap(result[known], period=HALF_TURN)
    turns = np.round((np.median(result[known]) - (near or 0.0)) / HALF_TURN)
    return result - HALF_TURN * turns


def nearest_turn(angle: np.ndarray, near: np.ndarray) -> np.ndarray:
    """The same angles (deg), each with the half turns that bring it closest to `near` (deg)."""
    return angle - HALF_TURN * np.round((angle - near) / HALF_TURN)


def middle(angle: np.ndarray, otherwise: float | None = None) -> float | None:
    """Median of angles that were followed (deg); what is said `otherwise`, where none is known."""
    known = angle[np.isfinite(angle)]
    return float(np.median(known)) if len(known) else otherwise
