r"""The array's mean pointing, for all spws of a track together, and what drifts in spite of it.

Each antenna's pointing errs by about an arcsecond, for minutes, and the minispiral, far out in the
primary beam, is modulated against the core. The array's mean is linear: two terms, d m / d offset
to the east and to the north. Least squares for intervals of `INTERVAL` give offsets with errors; a
Gaussian process (`minispiral.gains.process`) whose amplitude and timescale the offsets choose makes
of them a curve. It is kept where its evidence, by the Bayesian information criterion, against no
offset is above `EVIDENCE`, and no offset beyond `LARGEST` of the primary beam: what asks for more
is a misfit of another kind.

What drifts. Antennas err each on their own: their gains, where they look, what they see of a model
that is not quite right. What that makes of the light curve is no noise and hardly shows in
chi-square; but one half of the antennas has another share in it than the other. With d(t) the
difference of ln(F_core / F_ext) of the baselines within either half, pointing included, less its
mean, whose noise is independent from bin to bin, the variance of what drifts is, for blocks of
`BLOCK` and over different bins i, j of each ::

    V = sum_blocks sum_(i != j) w_i w_j d_i d_j / sum_blocks sum_(i != j) w_i w_j

and a quarter of that for all antennas, whose mean has half the variance of that of either half. V
is the mean over all ways to make halves of `GROUPS` groups of antennas (a jackknife; Efron 1982,
SIAM). As every jackknife it is too large rather than too small in the mean (Efron & Stein 1981,
Ann. Stat. 9, 586): halves lack the baselines between them. Made-up arrays of 12 to 44 antennas with
amplitude errors have 1.1 to 2.2 times the true variance. It counts where it is beyond
`SIGNIFICANT` times what d with random signs gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from minispiral.gains.process import PARAMETERS, Process, Series, fit_process
from minispiral.sky.group_sums import Fit, GroupSums
from minispiral.visibilities.pointing import EVIDENCE, Pointing

INTERVAL = 100.0  # s, of one offset
LARGEST = 0.1  # of the primary beam's full width at half maximum, where first order still holds
FEWEST_INTERVALS = 8
GROUPS = 8  # of antennas, less where there are few
FEWEST_ANTENNAS = 8
BLOCK = 300.0  # s
SIGNIFICANT = 2.0
TRIALS = 40  # of random signs
NONE = Pointing(np.zeros(0), np.zeros((0, 2)), np.zeros((0, 2)), 0.0)


@dataclass(frozen=True)
class SpwSums:
    """Sums of one spw, the bins to learn from ``(n_bin,) bool``, and their reduced chi-square."""

    sums: GroupSums
    used: np.ndarray
    chi2: float


def groups_of(antennas: int) -> np.ndarray:
    """Group of each antenna: ``(n_antenna,)``, one group where antennas are too few for halves."""
    if antennas < FEWEST_ANTENNAS:
        return np.zeros(antennas, int)
    return np.arange(antennas) % (2 * min(GROUPS // 2, antennas // 4))


def groups_of_used(antennas: int, used: np.ndarray) -> np.ndarray:
    """Group of each antenna, where only those `used`, places in 0 ... antennas - 1, have data.

    `groups_of` these, in order; the others, which have no baselines, are in group 0:
    ``(n_antenna,)``.
    """
    places = np.unique(used)
    group = np.zeros(antennas, int)
    group[places] = groups_of(len(places))
    return group


def array_pointing(spws: Sequence[SpwSums]) -> tuple[Pointing, list[Process]]:
    """Find the array's pointing, and its two processes; none where the data cannot tell."""
    fits = [spw.sums.within(_all_groups(spw)) for spw in spws]
    series = _offsets(spws, fits)
    if series is None or len(series[0]) < FEWEST_INTERVALS:
        return NONE, []
    processes = [fit_process(axis, noise=1.0) for axis in series]
    evidence = sum(_evidence(process) for process in processes)
    time = series[0].time
    known = [process.predict(time, np.zeros(len(time), int)) for process in processes]
    offset = np.stack([axis.mean for axis in known], axis=-1)
    error = np.sqrt(np.stack([axis.variance for axis in known], axis=-1))
    return Pointing(time, offset, error, float(evidence)), processes


def is_believed(pointing: Pointing, beam_arcsec: float) -> bool:
    """Whether the data ask for the pointing, and it is one that antennas may have."""
    largest = float(np.abs(pointing.offset).max(initial=0.0))
    return pointing.evidence > EVIDENCE and largest <= LARGEST * beam_arcsec


def drift(spws: Sequence[SpwSums], processes: Sequence[Process]) -> list[float]:
    """Variance of ln(F_core / F_ext) that drifts, by spw; NaN where antennas are too few.

    `processes` are those of the pointing, none where it is not used.
    """
    every = _all_groups(spws[0])
    if len(every) < 4:
        return [np.nan] * len(spws)
    halves = [half for half in combinations(every, len(every) // 2) if 0 in half]
    differences: list[list[tuple[np.ndarray, np.ndarray]]] = [[] for _ in spws]
    for half in halves:
        other = tuple(group for group in every if group not in half)
        one, two = (_ratios(spws, part, processes) for part in (half, other))
        for spw, (a, a_variance), (b, b_variance), found in zip(
            spws, one, two, differences, strict=True
        ):
            weight = spw.used / (a_variance + b_variance)
            known = np.isfinite(weight) & np.isfinite(a - b) & (weight > 0)
            weight, d = np.where(known, weight, 0.0), np.where(known, a - b, 0.0)
            if known.sum() > 1:
                found.append((np.where(known, d - np.average(d, weights=weight), 0.0), weight))
    return [_drift_of(spw, found) for spw, found in zip(spws, differences, strict=True)]


def _all_groups(spw: SpwSums) -> tuple[int, ...]:
    return tuple(range(next(iter(spw.sums.products.values())).shape[1]))


def _ratios(
    spws: Sequence[SpwSums], groups: tuple[int, ...], processes: Sequence[Process]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """ln(F_core / F_ext) and its variance of each spw, from baselines within some groups."""
    fits = [spw.sums.within(groups) for spw in spws]
    if processes:
        series = _offsets(spws, fits)
        if series is not None:
            # the same process, of what these antennas see
            own = [replace(p, data=axis) for p, axis in zip(processes, series, strict=True)]
            fits = [
                fit.pointed(_curve(own, spw.sums.time)) for spw, fit in zip(spws, fits, strict=True)
            ]
    return [fit.ratio() for fit in fits]


def _curve(processes: Sequence[Process], time: np.ndarray) -> np.ndarray:
    segment = np.zeros(len(time), int)
    return np.stack([process.predict(time, segment).mean for process in processes], axis=-1)


def _offsets(spws: Sequence[SpwSums], fits: Sequence[Fit]) -> list[Series] | None:
    """Offsets to the east and the north, of all spws together; None where nothing tells."""
    start = min(spw.sums.time.min(initial=np.inf) for spw in spws)
    labels = [((spw.sums.time - start) // INTERVAL).astype(int) for spw in spws]
    n = max(label.max(initial=-1) for label in labels) + 1
    matrix, right = np.zeros((n, 2, 2)), np.zeros((n, 2))
    time, number = np.zeros(n), np.zeros(n)
    for spw, fit, label in zip(spws, fits, labels, strict=True):
        own_matrix, own_right = fit.pointing_equations()
        used = spw.used
        np.add.at(matrix, label[used], own_matrix[used] / spw.chi2)
        np.add.at(right, label[used], own_right[used] / spw.chi2)
        np.add.at(time, label[used], spw.sums.time[used])
        np.add.at(number, label[used], 1.0)
    determinant = matrix[:, 0, 0] * matrix[:, 1, 1] - matrix[:, 0, 1] ** 2
    known = (number > 0) & (determinant > 1e-9 * matrix[:, 0, 0] * matrix[:, 1, 1])
    known &= np.isfinite(determinant)
    if not known.any():
        return None
    inverse = np.linalg.inv(matrix[known])
    offset = np.einsum("nij,nj->ni", inverse, right[known])
    return [
        Series.unbroken(
            time[known] / number[known], offset[:, axis], np.sqrt(inverse[:, axis, axis])
        )
        for axis in range(2)
    ]


def _evidence(process: Process) -> float:
    """Logarithm of the evidence of a process against no offset at all."""
    data = process.data
    nothing = -np.sum((data.value / data.error) ** 2 + np.log(2 * np.pi * data.error**2)) / 2
    penalty = (PARAMETERS - 1) / 2 * np.log(len(data))  # its noise is known
    return float(process.log_likelihood - nothing - penalty)


def _drift_of(spw: SpwSums, differences: Sequence[tuple[np.ndarray, np.ndarray]]) -> float:
    if not differences:
        return np.nan
    time = spw.sums.time
    block = ((time - time.min()) // BLOCK).astype(int)
    rng = np.random.default_rng(0)
    value = _mean_drift(differences, block, np.ones(len(time)))
    by_chance = [
        _mean_drift(differences, block, rng.choice([-1.0, 1.0], len(time))) for _ in range(TRIALS)
    ]
    return value if value > SIGNIFICANT * float(np.std(by_chance)) else 0.0


def _mean_drift(
    differences: Sequence[tuple[np.ndarray, np.ndarray]], block: np.ndarray, sign: np.ndarray
) -> float:
    """V of all antennas, mean over the ways to make halves."""
    values = []
    for d, weight in differences:
        signed = sign * weight * d
        total = np.sum(np.bincount(block, signed) ** 2) - np.sum(signed**2)
        norm = np.sum(np.bincount(block, weight) ** 2) - np.sum(weight**2)
        values.append(total / norm if norm > 0 else 0.0)
    return float(np.mean(values)) / 4
