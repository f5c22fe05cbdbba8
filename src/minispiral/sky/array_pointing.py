"""The array's mean pointing, for all spws of a track together.

The pointing of each antenna is wrong by about an arcsecond, for minutes. The minispiral lies far
out in the primary beam, so these errors modulate it against the core. The effect of the array's
mean offset is linear, with two terms: d m / d offset to the east and to the north. Least squares
for intervals of `INTERVAL` give offsets with errors. A Gaussian process
(`minispiral.gains.process`), whose amplitude and timescale the offsets choose, makes a curve of
them. The curve is used if its evidence against no offset, by the Bayesian information criterion, is
above `EVIDENCE`, and if no offset exceeds `LARGEST` of the primary beam: a larger offset is a
misfit of another kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from minispiral.fit.normal_equations import SINGULAR
from minispiral.gains.process import PARAMETERS, Process, Series, fit_process
from minispiral.sky.group_sums import Fit, GroupSums
from minispiral.visibilities.pointing import EVIDENCE, Pointing

INTERVAL = 100.0  # s, of one offset
LARGEST = 0.1  # of the primary beam's full width at half maximum, where first order still holds
FEWEST_INTERVALS = 8
NONE = Pointing(np.zeros(0), np.zeros((0, 2)), np.zeros((0, 2)), 0.0)


@dataclass(frozen=True)
class SpwSums:
    """Sums of one spw, the bins to learn from ``(n_bin,) bool``, and their reduced chi-square."""

    sums: GroupSums
    used: np.ndarray
    chi2: float


def array_pointing(spws: Sequence[SpwSums]) -> tuple[Pointing, list[Process]]:
    """Find the array's pointing, and its two processes; none where the data show none."""
    fits = [spw.sums.within(all_groups(spw)) for spw in spws]
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


def all_groups(spw: SpwSums) -> tuple[int, ...]:
    """All groups of antennas that have sums."""
    return tuple(range(next(iter(spw.sums.products.values())).shape[1]))


def ratios(
    spws: Sequence[SpwSums], groups: tuple[int, ...], processes: Sequence[Process]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """ln(F_core / F_ext) and its variance of each spw, from baselines within some groups.

    With the pointing of these antennas, where there are `processes` of it.
    """
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
    """Offsets to the east and the north, of all spws together; None where the data show nothing."""
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
    known = (number > 0) & (determinant > SINGULAR * matrix[:, 0, 0] * matrix[:, 1, 1])
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
