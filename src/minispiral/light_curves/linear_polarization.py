r"""Linear polarisation from Stokes Q and U and their errors.

With Q and U independent, to first order::

    P = sqrt(Q^2 + U^2)        s_P = sqrt(Q^2 s_Q^2 + U^2 s_U^2) / P
    EVPA = atan2(U, Q) / 2     s_EVPA = sqrt(Q^2 s_U^2 + U^2 s_Q^2) / (2 P^2)
    P_debiased = P - b^2 (1 - exp(-P^2/b^2)) / (2 P),  b^2 = (Q^2 s_U^2 + U^2 s_Q^2) / P^2

Noise makes P too large on average; the last line takes this out (the modified asymptotic estimator
of Plaszczynski et al. 2014, MNRAS 439, 4048), without going negative where P is nothing but noise.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LinearPolarization:
    """P, its debiased form and its error in the unit of Q and U; EVPA and its error in deg."""

    p: np.ndarray
    p_debiased: np.ndarray
    p_err: np.ndarray
    evpa: np.ndarray
    evpa_err: np.ndarray


def linear_polarization(
    q: np.ndarray, u: np.ndarray, s_q: np.ndarray, s_u: np.ndarray
) -> LinearPolarization:
    """Return P and EVPA of Q, U with independent errors s_q, s_u; NaN where either is NaN."""
    with np.errstate(invalid="ignore", divide="ignore"):
        p = np.hypot(q, u)
        across = np.hypot(q * s_u, u * s_q) / p
        noise = np.where(across > 0, across, 1.0)
        bias = noise**2 * -np.expm1(-((p / noise) ** 2)) / (2 * p)
        return LinearPolarization(
            p=p,
            p_debiased=p - np.where(across > 0, bias, 0.0),
            p_err=np.hypot(q * s_q, u * s_u) / p,
            evpa=np.degrees(np.arctan2(u, q) / 2),
            evpa_err=np.degrees(across / (2 * p)),
        )
