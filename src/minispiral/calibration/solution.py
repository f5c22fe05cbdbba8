r"""Calibrated visibilities: the gain that keeps the minispiral constant, put on the data.

With g(t) = R / F_ext(t) of each integration and spw, and the fitted Stokes parameters of the core
(memo, equation 2.9)::

    V -> g V              calibrated data
    V -> g (V - C p)      the minispiral alone, C the correlations of (F_core, Q, U, V)
    w -> w / g^2          weights, 1/sigma^2, and so sigma -> g sigma

The gain is the same for every correlation. Where antennas i, j have gains a of self-calibration, V
is divided by a_i conj(a_j) first, and w multiplied by its squared modulus.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.table import Table

from minispiral.io.tables import columns, read_table
from minispiral.measures.integrations import SAME_INTEGRATION
from minispiral.measures.times import nearest_times
from minispiral.visibilities.antenna_gains import AntennaGains, correction, read_gains_of_spws
from minispiral.visibilities.stokes import correlations_of


@dataclass(frozen=True)
class Solution:
    """What calibrates one spw of one track, by integration.

    `times` ``(n,)``, s, ascending; `gain` and `gain_err` ``(n,)``; `core` ``(n, 4)``, the core's
    I, Q, U, V as fitted, Jy, zero where the data do not give them; `good` ``(n,)``, False where
    the integration is flagged or has no gain; `scans` and `observations` ``(n,)``, numbers in the
    measurement set; `frequency` Hz; `interval` s; `antenna_gains` of self-calibration, by which
    the data are divided; `core_gains`, those with which the core was fitted, and through which it
    is therefore seen in the data.
    """

    times: np.ndarray
    gain: np.ndarray
    gain_err: np.ndarray
    core: np.ndarray
    good: np.ndarray
    scans: np.ndarray
    observations: np.ndarray
    frequency: float
    interval: float
    antenna_gains: AntennaGains | None = None
    core_gains: AntennaGains | None = None


def core_of(fit: Table) -> np.ndarray:
    """Stokes I, Q, U, V of the core as fitted, ``(n, 4)``, Jy, zero where they are missing."""
    fitted = columns(fit)
    return np.nan_to_num(np.column_stack([fitted[k] for k in ("I_compact", "Q", "U", "V")]))


def solution_of(
    fit: Table,
    gain: np.ndarray,
    gain_err: np.ndarray,
    good: np.ndarray,
    antenna_gains: AntennaGains | None = None,
    core_gains: AntennaGains | None = None,
) -> Solution:
    """Join a spw's table of fitted fluxes with its gains and flags."""
    fitted = columns(fit)
    return Solution(
        times=fitted["time"],
        gain=gain,
        gain_err=gain_err,
        core=core_of(fit),
        good=np.asarray(good, bool) & (gain > 0),
        scans=np.asarray(fitted["scan"]),
        observations=np.asarray(fitted["observation"]),
        frequency=fit.meta["frequency_hz"],
        interval=fit.meta["interval_s"],
        antenna_gains=antenna_gains,
        core_gains=core_gains,
    )


def read_solutions(
    spws: Sequence[int],
    fits: Sequence[str | Path],
    light_curves: Sequence[str | Path],
    antenna_gains: Sequence[str | Path] = (),
) -> list[Solution]:
    """Read the solution of each spw: its fit, and the gains with which it was made, if any."""
    solutions = []
    gains = read_gains_of_spws(antenna_gains, spws)
    for fit, curve, own in zip(fits, light_curves, gains, strict=True):
        table = read_table(curve)
        values = columns(table)
        solutions.append(
            solution_of(
                read_table(fit), values["gain"], values["gain_err"], table["good"], own, own
            )
        )
    return solutions


def integration_of(times: np.ndarray, solution: Solution) -> np.ndarray:
    """Integration of the solution to which each time belongs, -1 where there is none."""
    nearest, distance = nearest_times(solution.times, times)
    return np.where(distance < SAME_INTEGRATION * solution.interval, nearest, -1)


def row_gains(integration: np.ndarray, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
    """Gain of each row, 1 where there is none, and whether it is good: ``(n_row,)`` each."""
    matched = integration >= 0
    gain = np.where(matched, solution.gain[integration], np.nan)
    usable = np.isfinite(gain) & (gain > 0)
    return np.where(usable, gain, 1.0), matched & solution.good[integration]


def antenna_correction(
    integration: np.ndarray,
    gains: AntennaGains | None,
    antenna1: np.ndarray,
    antenna2: np.ndarray,
    correlations: Sequence[str],
) -> np.ndarray:
    """Return g_i conj(g_j) of each correlation and row, ``(n_corr, n_row)``; NaN if missing."""
    if gains is None:
        return np.ones((len(correlations), len(integration)), complex)
    factor = correction(gains, integration, antenna1, antenna2, correlations)
    return np.where(integration >= 0, factor, np.nan)


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
