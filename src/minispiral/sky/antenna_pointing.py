r"""Where each antenna points to, for all spws of a track together.

A baseline sees the minispiral through the beams of both its antennas. To first order their offsets
d_i and d_j add half of each of the pointing's terms g (`SkyModel.pointing_visibilities`)::

    V_ij = F (m_ij + (d_i + d_j) / 2 . g_ij) + C p_ij

These equations are linear in d. The fluxes F and C of each bin are eliminated, and the sums are
those of intervals of `INTERVAL`. The offsets of an antenna are a random process, the same for all
antennas and both axes (Ornstein & Uhlenbeck) ::

    <d(t) d(t')> = sigma^2 exp(-|t - t'| / tau)

Its inverse covariance couples neighbours in time alone: the equations of a track are a band, and
the effort grows with the track's length. sigma and tau are those for which the data are likeliest
(marginal likelihood; Rasmussen & Williams 2006, chapter 5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_solve_banded, cholesky_banded
from scipy.optimize import minimize

from minispiral.fit.normal_equations import SINGULAR
from minispiral.sky.averages import Averages
from minispiral.sky.track import SpwFluxes, point_visibilities_of
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.sky_model import SkyModel

INTERVAL = 100.0  # s, of one offset
AXES = 2  # offsets to the east and the north
FIRST_GUESS = (0.5, 900.0)  # sigma, arcsec, and tau, s
STEP = 0.7  # of the first guess's logarithms
LONGEST = 20.0  # tau, in lengths of the track: beyond, it is a constant
SHARES = 64  # right sides that are solved for together


class PointingEquations:
    """Normal equations of all antennas' offsets, summed over spws, with the fluxes eliminated.

    `matrix` and `right` of the intervals, ``(n, unknown, unknown)`` and ``(n, unknown)``; by spw
    the `sensitivity` ``(n, unknown)``: what an arcsecond of an offset in the model changes of
    ln(F_core / F_ext).

    Parameters
    ----------
    antennas : names of those with data, ascending
    start, end : of the track, s
    """

    def __init__(self, antennas: Sequence[str], start: float, end: float) -> None:
        self.antennas, self.start = np.asarray(antennas, str), start
        intervals, unknowns = int((end - start) // INTERVAL) + 1, AXES * len(antennas)
        self.matrix = np.zeros((intervals, unknowns, unknowns))
        self.right = np.zeros((intervals, unknowns))
        self.time, self.number = np.zeros((2, intervals))
        self.sensitivity: list[np.ndarray] = []

    def add(self, data: Averages, fluxes: SpwFluxes, sky: SkyModel, threads: int = 1) -> None:
        """Add one spw, with the fluxes of its bins for antennas that point where they should."""
        used, antennas = fluxes.used, len(self.antennas)
        if not used.any():
            self.sensitivity.append(np.zeros_like(self.right))
            return
        interval = ((data.time - self.start) // INTERVAL).astype(int)
        place = np.searchsorted(self.antennas, data.antennas).clip(max=antennas - 1)
        extended, compact = (np.where(used, f, 0.0) for f in (fluxes.extended, fluxes.core))
        of_fluxes = np.zeros((data.number, 2, 2))
        shared = np.zeros((data.number, antennas, AXES, 2))
        for rows in data.blocks():
            point = point_visibilities_of(rows, sky.core_offset)
            minispiral = sky.minispiral_visibilities(rows.uv, rows.frequency, threads)
            terms = np.stack([minispiral, np.ones(len(rows.bin)) if point is None else point])
            residual = rows.values - extended[rows.bin] * terms[0] - compact[rows.bin] * terms[1]
            slopes = sky.pointing_visibilities(rows.uv, rows.frequency, threads)
            slopes = slopes * extended[rows.bin] / 2
            weight = np.where(used[rows.bin], rows.weight, 0.0) / fluxes.usual_chi2
            ends = place[rows.antenna1], place[rows.antenna2]
            for (one, other), product in _products(terms, terms, weight):
                of_fluxes[:, one, other] += np.bincount(rows.bin, product, data.number)
            for (axis, other), product in _products(slopes, terms, weight):
                for end in ends:
                    _add(shared[:, :, axis, other], (rows.bin, end), product)
            self._add_offsets(interval[rows.bin], ends, slopes, residual, weight)
        fluxes_of_bins = np.stack([extended, compact], axis=-1)
        self._eliminate(of_fluxes, shared.reshape(data.number, -1, 2), interval, fluxes_of_bins)
        self.time += np.bincount(interval[used], data.time[used], len(self.time))
        self.number += np.bincount(interval[used], minlength=len(self.time))

    def _add_offsets(
        self,
        interval: np.ndarray,
        ends: tuple[np.ndarray, np.ndarray],
        slopes: np.ndarray,
        residual: np.ndarray,
        weight: np.ndarray,
    ) -> None:
        """Add rows to the sums of the offsets of both their antennas."""
        antennas = len(self.antennas)
        for (axis, _), product in _products(slopes, residual[None], weight):
            for end in ends:
                _add(self.right[:, axis::AXES], (interval, end), product)
        for (axis, other), product in _products(slopes, slopes, weight):
            sums = np.zeros((len(self.right) * antennas, antennas))
            for one in ends:
                for two in ends:
                    _add(sums, (interval * antennas + one, two), product)
            self.matrix[:, axis::AXES, other::AXES] += sums.reshape(-1, antennas, antennas)

    def _eliminate(
        self, of_fluxes: np.ndarray, shared: np.ndarray, interval: np.ndarray, fluxes: np.ndarray
    ) -> None:
        """Take off what the fluxes of the bins, which are free, explain of the offsets' terms.

        An offset d in the model changes the fluxes by -f^-1 s^T d, with f `of_fluxes`, s `shared`.
        """
        determinant = np.linalg.det(of_fluxes)
        known = determinant > SINGULAR * of_fluxes[:, 0, 0] * of_fluxes[:, 1, 1]
        known &= (fluxes > 0).all(axis=1)
        shared, interval, fluxes = shared[known], interval[known], fluxes[known]
        explained = shared @ np.linalg.inv(of_fluxes[known])
        ratio = explained[..., 0] / fluxes[:, :1] - explained[..., 1] / fluxes[:, 1:]
        sensitivity = np.zeros_like(self.right)
        for label in np.unique(interval):
            chosen = interval == label
            # sum over bins of s f^-1 s^T, as one product of matrices
            left, right = (
                terms[chosen].transpose(1, 0, 2).reshape(terms.shape[1], -1)
                for terms in (explained, shared)
            )
            self.matrix[label] -= left @ right.T
            sensitivity[label] = ratio[chosen].mean(axis=0)
        self.sensitivity.append(sensitivity)


@dataclass(frozen=True)
class AntennaPointing:
    """The `pointing` of all antennas, and what its errors make of light curves.

    `variances` of ln(F_core / F_ext) over time, by spw, that the posterior of the offsets leaves,
    and their `timescale`, s.
    """

    pointing: Pointing
    variances: list[float]
    timescale: float


def antenna_pointing(equations: PointingEquations) -> AntennaPointing | None:
    """Solve for the offsets of all antennas; None where nothing tells of them.

    Returns
    -------
    Their offsets, the array's mean with its error, as evidence the logarithm of how much likelier
    the data are than without offsets, less what two parameters cost (Schwarz 1978); and what its
    errors make of light curves.
    """
    seen = equations.number > 0
    if seen.sum() < 2:
        return None
    time = equations.time[seen] / equations.number[seen]
    band = _Band(time, equations.matrix[seen], equations.right[seen])
    solution = _likeliest(band)
    offset = solution.offset.reshape(len(time), -1, AXES)
    penalty = np.log(offset.size)  # of two parameters
    found = Pointing(
        time,
        offset.mean(axis=1),
        solution.error_of_mean(),
        float(solution.log_likelihood - penalty),
        equations.antennas,
        offset,
    )
    variances = [solution.variance_of(spw[seen]) for spw in equations.sensitivity]
    return AntennaPointing(found, variances, solution.timescale)


def _likeliest(band: "_Band") -> "_Solution":
    """The solution for which the data are likeliest."""
    first = np.log(FIRST_GUESS)
    longest = np.log(LONGEST * np.ptp(band.time))

    def solution(logs: np.ndarray) -> _Solution:
        return band.solve(float(np.exp(logs[0])), float(np.exp(min(logs[1], longest))))

    def misfit(logs: np.ndarray) -> float:
        return -solution(logs).log_likelihood

    simplex = first + STEP * np.vstack([np.zeros(len(first)), np.eye(len(first))])
    options: Any = {"initial_simplex": simplex, "xatol": 0.05, "fatol": 0.1}
    return solution(minimize(misfit, first, method="Nelder-Mead", options=options).x)


@dataclass(frozen=True)
class _Band:
    """Normal equations of the intervals with data: `time` ``(n,)``, `matrix` and `right`."""

    time: np.ndarray
    matrix: np.ndarray
    right: np.ndarray

    def solve(self, sigma: float, tau: float) -> "_Solution":
        """Solve them with the process of the offsets as their prior."""
        n, unknowns = self.right.shape
        correlation = np.exp(-np.diff(self.time) / tau)
        step = 1 / (1 - correlation**2)
        own = np.ones(n)  # diagonal of the inverse covariance, for sigma of 1
        own[1:] = step
        own[:-1] += correlation**2 * step
        band = np.zeros((unknowns + 1, n * unknowns))
        for place in range(n):
            columns = slice(place * unknowns, (place + 1) * unknowns)
            block = self.matrix[place] + own[place] / sigma**2 * np.eye(unknowns)
            for below in range(unknowns):
                band[below, columns][: unknowns - below] = np.diagonal(block, -below)
            if place < n - 1:
                band[unknowns, columns] = -correlation[place] * step[place] / sigma**2
        factor = cholesky_banded(band, lower=True)
        offset = cho_solve_banded((factor, True), self.right.ravel())
        log_prior = unknowns * (2 * n * np.log(sigma) - np.log(step).sum())
        log_likelihood = self.right.ravel() @ offset / 2
        log_likelihood -= np.log(factor[0]).sum() + log_prior / 2
        return _Solution(offset, float(log_likelihood), factor, n, unknowns, tau)


@dataclass(frozen=True)
class _Solution:
    """Offsets, their `log_likelihood` against none, and the equations' Cholesky factor, a band."""

    offset: np.ndarray
    log_likelihood: float
    factor: np.ndarray
    intervals: int
    unknowns: int
    timescale: float

    def error_of_mean(self) -> np.ndarray:
        """Error of the mean over all antennas of each interval and axis: ``(n, 2)``."""
        axes = np.zeros((2, self.intervals, self.unknowns))
        for axis in range(2):
            axes[axis, :, axis::AXES] = AXES / self.unknowns
        return np.sqrt(np.stack([np.diagonal(self._covariance(share)) for share in axes], axis=-1))

    def variance_of(self, sensitivity: np.ndarray) -> float:
        """Variance over time of what the offsets' errors add, `sensitivity` ``(n, unknown)``."""
        covariance = self._covariance(sensitivity)
        return float(np.mean(np.diagonal(covariance)) - np.mean(covariance))

    def _covariance(self, sensitivity: np.ndarray) -> np.ndarray:
        """Covariance of the sums of sensitivity and offsets of all intervals: ``(n, n)``."""
        n, covariance = self.intervals, np.zeros((self.intervals, self.intervals))
        for start in range(0, n, SHARES):
            wanted = np.arange(start, min(start + SHARES, n))
            share = np.zeros((n, self.unknowns, len(wanted)))
            share[wanted, :, np.arange(len(wanted))] = sensitivity[wanted]
            solved = cho_solve_banded((self.factor, True), share.reshape(-1, len(wanted)))
            covariance[:, wanted] = np.einsum(
                "ti,tiw->tw", sensitivity, solved.reshape(share.shape)
            )
        return covariance


def _products(
    one: np.ndarray, other: np.ndarray, weight: np.ndarray
) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """Yield w Re(a conj(b)) of each pair of terms, ``(n_term, n_row)`` both, with their places."""
    for a, first in enumerate(one):
        for b, second in enumerate(other):
            product = first.real * second.real + first.imag * second.imag
            yield (a, b), weight * product


def _add(sums: np.ndarray, place: tuple[np.ndarray, np.ndarray], values: np.ndarray) -> None:
    """Add values to sums of two dimensions, which may be a view, at their places."""
    flat = place[0] * sums.shape[1] + place[1]
    sums += np.bincount(flat, values, sums.size).reshape(sums.shape)
