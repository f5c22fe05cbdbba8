r"""Antenna gains of single scans: where an antenna that broke for an integration spoilt its scan.

QA2 of phased data solves for amplitudes scan by scan. An antenna that fails in one integration
makes the solutions of its scan wrong, and with them the other integrations. These then fit far
worse than their neighbours in time (`minispiral.light_curves.neighbours`), although nothing is
wrong with them. For such a scan, gains are solved for over those of its integrations that fit
alike, in turns with the fluxes. The gains are used if the fit then is as good as that of the
neighbours. The broken integration itself stays far off.
"""

from dataclasses import dataclass, replace

import numpy as np

from minispiral.sky.averages import Averages
from minispiral.sky.track import (
    SpwData,
    SpwFluxes,
    fit_fluxes,
    flagged_by_hand,
    like_neighbours,
    point_visibilities_of,
)
from minispiral.visibilities.gain_equations import MINSNR, GainSums
from minispiral.visibilities.transform import Offset

ALIKE = 2.0  # integrations of a scan fit alike whose chi-squares are within this factor
TURNS = 6  # of fluxes and gains, from the fluxes of the neighbours
NEAR = 15  # good integrations, nearest in time, whose fluxes a scan has first


@dataclass(frozen=True)
class ScanGains:
    """Gains of single scans, by integration, 1 elsewhere: ``(n, n_antenna)``.

    `spent` ``(n,)``: real parameters of each kind, phase and amplitude, that an integration has
    spent on them; `scans` ``(n,) bool``, the integrations of the scans that have gains.
    """

    gain: np.ndarray
    spent: np.ndarray
    scans: np.ndarray


def scan_gains(data: SpwData, minispiral: np.ndarray, scans: np.ndarray, core: Offset) -> ScanGains:
    """Solve for gains of the scans that fit far worse than their neighbours.

    Parameters
    ----------
    data : samples of one spw, corrected by the antenna gains so far, in order of their
        integrations, and the flags that the user has given: flagged ones are not learned from
    minispiral : (n_row,) complex, of 1 Jy
    scans : (n,), of each integration
    core : its place, arcsec east and north
    """
    samples = data.averages
    n = samples.number
    fluxes = fit_fluxes(data, minispiral, 1.0, core)
    known = np.isfinite(fluxes.chi2) & (fluxes.chi2 > 0)
    known &= ~flagged_by_hand(data, fluxes.extended, fluxes.core)
    good = like_neighbours(fluxes.chi2, known)
    far = known & ~good
    result = ScanGains(np.ones((n, len(samples.antennas)), complex), np.zeros(n), np.zeros(n, bool))
    if not good.any():
        return result
    for scan in np.unique(scans[far]):
        members = np.flatnonzero((scans == scan) & known)
        chi2 = fluxes.chi2[members]
        alike = members[chi2 <= ALIKE * np.median(chi2)]
        if not far[alike].all():
            continue  # some of the scan are fine as they are
        near = np.flatnonzero(good)
        near = near[np.argsort(np.abs(fluxes.time[near] - np.mean(fluxes.time[alike])))][:NEAR]
        gain, after = _solve(samples, minispiral, core, alike, _means(fluxes, near))
        chi2_after, mended = fluxes.chi2.copy(), good.copy()
        chi2_after[alike], mended[alike] = after, True
        if not like_neighbours(chi2_after, mended)[alike].all():
            continue
        whole = scans == scan
        result.gain[whole] = gain
        result.spent[whole] = _spent(gain, alike)
        result.scans[whole] = True
    return result


def _means(fluxes: SpwFluxes, near: np.ndarray) -> tuple[float, float]:
    return float(np.median(fluxes.extended[near])), float(np.median(fluxes.core[near]))


def _solve(
    samples: Averages,
    minispiral: np.ndarray,
    core: Offset,
    integrations: np.ndarray,
    start: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Gains common to some integrations, ``(n_antenna,)``, and their chi-squares with them.

    The degrees of freedom that the gains spend are counted: infinite where they leave none.
    """
    chosen = np.isin(samples.bin, integrations)
    rows = samples.rows(chosen)
    place = np.searchsorted(integrations, rows.bin)
    rows = replace(
        rows,
        bin=place,
        times=samples.times[integrations],
        bins=np.arange(len(integrations)),
    )
    model = minispiral[chosen]
    point = point_visibilities_of(rows, core)
    extended, compact = (np.full(len(integrations), flux) for flux in start)
    gain = np.ones(len(samples.antennas), complex)
    chi2 = np.full(len(integrations), np.nan)
    for _ in range(TURNS):
        expected = extended[place] * model + compact[place] * (1.0 if point is None else point)
        sums = GainSums(1, len(samples.antennas), hands=1)
        sums.add(
            np.zeros(len(place), int),
            rows.antenna1,
            rows.antenna2,
            rows.values[None],
            expected[None],
            rows.weight[None],
        )
        solved = sums.solve(True, MINSNR)[0, :, 0]
        gain = np.where(np.isfinite(solved), solved, 1.0)
        corrected = rows.divided(np.broadcast_to(gain, (len(integrations), len(gain))))
        fluxes = fit_fluxes(SpwData(corrected), model, 1.0, core)
        extended, compact, chi2 = fluxes.extended, fluxes.core, fluxes.chi2
    freedom = 2.0 * np.bincount(place, rows.weight > 0, len(integrations)) - 2
    left = freedom - 2 * _spent(gain, integrations)
    return gain, np.divide(chi2 * freedom, left, out=np.full(len(left), np.inf), where=left > 0)


def _spent(gain: np.ndarray, integrations: np.ndarray) -> float:
    """Real parameters of each kind that an integration has spent on gains that all share."""
    return float(max(np.sum(gain != 1) - 1, 0) / len(integrations))
