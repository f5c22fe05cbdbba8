r"""Calibrated visibilities: the gain that keeps the minispiral constant, put on the data.

With g(t) = R / F_ext(t) of each integration and spw, and the fitted Stokes parameters of the core
(memo, equation 2.9)::

    V -> g V              calibrated data
    V -> g (V - C p)      the minispiral alone, C the correlations of (F_core, Q, U, V)
    w -> w / g^2          weights, 1/sigma^2, and so sigma -> g sigma

The gain is the same for every correlation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.table import Table

from minispiral.integrations import nearest_times
from minispiral.products import columns, read_table
from minispiral.stokes import correlations_of

SAME_TIME = 1e-3  # s within which two times are of one integration


@dataclass(frozen=True)
class Solution:
    """What calibrates one spw of one track, by integration.

    `times` ``(n,)``, s, ascending; `gain` and `gain_err` ``(n,)``; `core` ``(n, 4)``, the core's
    I, Q, U, V as fitted, Jy, zero where the data do not give them; `good` ``(n,)``, False where
    the integration is flagged or has no gain; `scans` ``(n,)``; `frequency` Hz; `interval` s.
    """

    times: np.ndarray
    gain: np.ndarray
    gain_err: np.ndarray
    core: np.ndarray
    good: np.ndarray
    scans: np.ndarray
    frequency: float
    interval: float


def solution_of(fit: Table, light_curve: Table) -> Solution:
    """Join a spw's table of fitted fluxes with its light curve, which has the gains and flags."""
    fitted, curve = columns(fit), columns(light_curve)
    core = np.column_stack([fitted[name] for name in ("I_compact", "Q", "U", "V")])
    return Solution(
        times=fitted["time"],
        gain=curve["gain"],
        gain_err=curve["gain_err"],
        core=np.nan_to_num(core, nan=0.0),
        good=np.asarray(curve["good"], bool) & (curve["gain"] > 0),
        scans=np.asarray(fitted["scan"]),
        frequency=fit.meta["frequency_hz"],
        interval=fit.meta["interval_s"],
    )


def read_solutions(
    fits: Sequence[str | Path], light_curves: Sequence[str | Path]
) -> list[Solution]:
    """Read the solution of each spw from its two tables."""
    return [
        solution_of(read_table(fit), read_table(curve))
        for fit, curve in zip(fits, light_curves, strict=True)
    ]


def integration_of(times: np.ndarray, solution: Solution) -> np.ndarray:
    """Integration of the solution that each time belongs to, -1 where there is none."""
    nearest, distance = nearest_times(solution.times, times)
    return np.where(distance < SAME_TIME, nearest, -1)


def row_gains(integration: np.ndarray, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
    """Gain of each row, 1 where there is none, and whether it is good: ``(n_row,)`` each."""
    found = integration >= 0
    gain = np.where(found, solution.gain[integration], np.nan)
    usable = np.isfinite(gain) & (gain > 0)
    return np.where(usable, gain, 1.0), found & solution.good[integration]


def core_correlations(
    integration: np.ndarray, solution: Solution, point: np.ndarray, correlations: Sequence[str]
) -> np.ndarray:
    """Visibilities of the fitted core: ``(n_corr, n_row)`` complex, Jy, as in the QA2 data.

    Parameters
    ----------
    integration : (n_row,), from `integration_of`
    point : (n_row,) complex
        Visibilities of 1 Jy at the core's place.
    correlations : names of the n_corr correlations
    """
    core = np.where((integration >= 0)[:, None], solution.core[integration], 0.0)
    return correlations_of(core, correlations).T * point
