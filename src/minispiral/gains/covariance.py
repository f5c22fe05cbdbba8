r"""How the errors of a light curve are related: the covariance of any weighted sums of it.

A light curve is I_i = F_i R / exp(L_i), where F is the fitted flux of the core and L the curve of
ln F_ext. To first order the relative error of I_i is that of F_i less that of L_i. With d_ij = 1
where i = j, and 0 elsewhere ::

    C_ij = d_ij (s_i^2 + u_i^2) + P_ij - (h_ij c_j + h_ji c_i) + D_ij + a_i a_j

s^2     variance of ln F_core; c, its covariance with the integration's own ln F_ext
P       covariance of the process L, given all data from which it was learnt, of all spws of its
        group; h_ij, by how much L_i rises with the value of integration j of the same spw
        (`minispiral.gains.process.Process.of_sums`)
u^2     variance of L that no other integration shares: all of it where each has its own gain
        (h is d then)
D_ij    what drifts, a smooth process of variance sigma^2 and timescale tau
        (`minispiral.gains.process.smooth_kernel`)
a       error of the absorption that was divided out, one for all

The noise of Q, U, V is independent; they share only L, D and a. What is common to all integrations
belongs to the flux scale. Spws of a group share P, but sums here are of one spw.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.gains.curve import INTEGRATION
from minispiral.gains.process import Process, Series, smooth_kernel
from minispiral.io.tables import columns
from minispiral.measures.units import SECONDS_PER_DAY

BLOCK = 128  # sums at once, to bound the memory


@dataclass(frozen=True)
class SpwErrors:
    """Errors of one spw's light curve, ``(n,)`` each, relative, in order of `time` (s).

    `segment` and `learnt` (whether the process was learnt from it); `independent`, `core` and
    `core_covariance`, the variances u^2, s^2 and the covariance c; `absorption`, a; the variance
    `drift` and its `drift_timescale` (s); the `process`, None where each has its own gain; and
    `place`, that of each integration that was learnt from in the process's data.
    """

    time: np.ndarray
    segment: np.ndarray
    learnt: np.ndarray
    independent: np.ndarray
    core: np.ndarray
    core_covariance: np.ndarray
    absorption: np.ndarray
    drift: float
    drift_timescale: float
    process: Process | None
    place: np.ndarray

    @property
    def has_own_gain(self) -> np.ndarray:
        """Whether each integration is scaled by its own gain, ``(n,) bool``."""
        return ~self.learnt & (self.independent > 0)

    def at(self, rows: np.ndarray) -> "SpwErrors":
        """The chosen integrations, ``(n,) bool``; the process stays as it is."""
        names = ("time", "segment", "learnt", "independent", "core", "core_covariance")
        chosen = {name: getattr(self, name)[rows] for name in (*names, "absorption")}
        return replace(self, **chosen, place=self.place[rows[self.learnt]])

    def variance(self, weights: np.ndarray, core: bool = True) -> np.ndarray:
        """Variance of weighted sums, ``(m,)``: as `covariance`, of many sums."""
        parts = [
            np.diag(self.covariance(weights[start : start + BLOCK], core))
            for start in range(0, len(weights), BLOCK)
        ]
        return np.maximum(np.concatenate([np.zeros(0), *parts]), 0.0)

    def covariance(self, weights: np.ndarray, core: bool = True) -> np.ndarray:
        """Covariance of weighted sums of relative errors: ``(m, m)`` for weights ``(m, n)``.

        `core`, whether errors of F_core are part of it, or those of the gain alone.
        """
        independent = self.independent + (self.core if core else 0.0)
        total = (weights * independent) @ weights.T
        absorbed = weights @ self.absorption
        total += np.outer(absorbed, absorbed)
        if self.drift > 0:
            place = (self.time - self.time[0]) / self.drift_timescale
            drifting = smooth_kernel(np.sqrt(self.drift))
            total += weights @ drifting.dot(place, np.zeros(len(place)), weights.T)
        own = np.where(self.has_own_gain, self.core_covariance, 0.0)
        if self.process is not None:
            with_process = np.where(self.has_own_gain, 0.0, weights)
            sums = self.process.of_sums(self.time, self.segment, with_process)
            total += sums.covariance
            if core:
                with_core = weights[:, self.learnt] * self.core_covariance[self.learnt]
                shared = sums.response[:, self.place] @ with_core.T
                total -= shared + shared.T
        if core:
            total -= 2 * (weights * own) @ weights.T
        return total


def errors_of_spw(table: Table, spw: int) -> SpwErrors:
    """Errors of one spw's light curve, from a track's covariance table."""
    entry = table.meta["spws"][spw]
    of_spw = np.asarray(table["spw"]) == spw
    rows = columns(table[of_spw])
    learnt = np.isfinite(rows["learnt_err"])
    process, place = None, np.zeros(0, int)
    if entry["description"] != INTEGRATION:
        process, in_data = _process(table, entry)
        place = in_data[of_spw][learnt]
    return SpwErrors(
        time=rows["mjd"] * SECONDS_PER_DAY,
        segment=rows["segment"],
        learnt=learnt,
        independent=rows["independent_err"] ** 2,
        core=rows["core_err"] ** 2,
        core_covariance=rows["core_covariance"],
        absorption=rows["absorption_err"],
        drift=entry["drift_err"] ** 2,
        drift_timescale=entry["drift_timescale_s"],
        process=process,
        place=place,
    )


def _process(table: Table, entry: Mapping[str, Any]) -> tuple[Process, np.ndarray]:
    """Process of a group of spws, and the place of each row of the table in its data."""
    rows = columns(table)
    used = np.flatnonzero(np.isin(rows["spw"], entry["spws"]) & np.isfinite(rows["learnt_err"]))
    used = used[np.argsort(rows["mjd"][used], kind="stable")]
    place = np.full(len(table), -1)
    place[used] = np.arange(len(used))
    data = Series(
        rows["mjd"][used] * SECONDS_PER_DAY,
        np.zeros(len(used)),  # errors do not hang on what was measured
        rows["learnt_err"][used],
        rows["segment"][used],
    )
    scales = (entry["amplitude"], entry["timescale_s"], 1.0, data, entry["smoothness"])
    return Process(*scales), place


def bin_weights(time: np.ndarray, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights of bins, ``(m, n)``, that make the means over them; and the bin of each integration.

    Parameters
    ----------
    time : (n,), MJD in s
    """
    if not len(time):
        return np.zeros((0, 0)), np.zeros(0, int)
    day = time[0] // SECONDS_PER_DAY * SECONDS_PER_DAY
    _, label = np.unique((time - day) // seconds, return_inverse=True)
    weights = np.zeros((label.max() + 1, len(time)))
    weights[label, np.arange(len(time))] = 1 / np.bincount(label)[label]
    return weights, label


def about_the_scale(weights: np.ndarray) -> np.ndarray:
    """Weights of relative errors ``(m, n)``, less each sum's share in what all have in common."""
    return weights - weights.sum(axis=1, keepdims=True) / max(weights.shape[1], 1)
