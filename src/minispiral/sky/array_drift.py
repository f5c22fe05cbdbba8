r"""What drifts of a light curve because antennas err each on their own, by halves of the array.

Single antennas have wrong gains, wrong pointing, and see a model that is not quite right. The
effect of these errors on the light curve is no noise, and hardly shows in chi-square. But the
effect on one half of the antennas differs from that on the other half. Let d(t) be the difference
of ln(F_core / F_ext) between the baselines within either half, pointing included, less its mean;
its noise is independent from bin to bin. For blocks of `BLOCK` and over different bins i, j of each
block, the variance of the drift is::

    V = sum_blocks sum_(i != j) w_i w_j d_i d_j / sum_blocks sum_(i != j) w_i w_j

and a quarter of that for all antennas, because the mean of all has half the variance of either
half. V is the mean over all ways to make halves of `GROUPS` groups of antennas (a jackknife; Efron
1982, SIAM). Like every jackknife it is too large rather than too small in the mean (Efron & Stein
1981, Ann. Stat. 9, 586), because halves lack the baselines between them. For simulated arrays of 12
to 44 antennas with amplitude errors it is 1.1 to 2.2 times the true variance. It counts where it
exceeds `SIGNIFICANT` times the value that d with random signs gives. All spws see the same
antennas. So where the mean of their V exceeds chance, it counts for the spws whose own V does not.

Longer blocks show how long it lasts: for a process of covariance (Matern 3/2) ::

    k(t, t') = V (1 + sqrt(3) |t - t'| / tau) exp(-sqrt(3) |t - t'| / tau)

V of `BLOCKS` falls with the length of the block as the mean of k over pairs of bins does, less its
mean over the track. tau is the one of `TIMESCALES` that agrees best, one for all spws.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from minispiral.gains.curve import Drift
from minispiral.gains.process import smooth_kernel
from minispiral.sky.array_pointing import SpwSums, all_groups

GROUPS = 8  # of antennas, less where there are few
FEWEST_ANTENNAS = 8
BLOCK = 300.0  # s
BLOCKS = (150.0, BLOCK, 600.0, 1200.0, 2400.0)  # s
PLACE = BLOCKS.index(BLOCK)
TIMESCALES = tuple(150.0 * 2.0 ** (step / 2) for step in range(11))  # s
SIGNIFICANT = 2.0
TRIALS = 40  # of random signs


@dataclass(frozen=True)
class _Differences:
    """Of one spw: its bins' `time`, and by halves of the array d and w, ``(n_half, n_bin)``."""

    time: np.ndarray
    d: np.ndarray
    weight: np.ndarray


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


Ratios = Callable[[tuple[int, ...]], list[tuple[np.ndarray, np.ndarray]]]


def drift(spws: Sequence[SpwSums], ratios: Ratios, absorbed: bool = False) -> list[Drift]:
    """Find what drifts of ln(F_core / F_ext), by spw; not known where antennas are too few.

    Parameters
    ----------
    ratios : returns ln(F_core / F_ext) of some groups and its variance, by spw
    absorbed : whether the data have been fitted by what each antenna errs by
    """
    if len(all_groups(spws[0])) < 4:
        return [Drift(np.nan, BLOCK)] * len(spws)
    measured = [_drifts_of(found) for found in _differences(spws, ratios)]
    known = [entry for entry in measured if entry is not None]
    common, timescale = _common_variance(known, absorbed), _timescale(known)
    return [
        Drift(np.nan if entry is None else entry.variance or common, timescale)
        for entry in measured
    ]


def _differences(spws: Sequence[SpwSums], ratios: Ratios) -> list[_Differences]:
    every = all_groups(spws[0])
    found: list[list[tuple[np.ndarray, np.ndarray]]] = [[] for _ in spws]
    halves = [half for half in combinations(every, len(every) // 2) if 0 in half]
    for half in halves:
        one, two = ratios(half), ratios(tuple(group for group in every if group not in half))
        for spw, (a, a_variance), (b, b_variance), of_spw in zip(
            spws, one, two, found, strict=True
        ):
            weight = spw.used / (a_variance + b_variance)
            known = np.isfinite(weight) & np.isfinite(a - b) & (weight > 0)
            weight, d = np.where(known, weight, 0.0), np.where(known, a - b, 0.0)
            if known.sum() > 1:
                d = np.where(known, d - np.average(d, weights=weight), 0.0)
                of_spw.append((d, weight))
    return [
        _Differences(spw.sums.time, *(np.array(values) for values in zip(*of_spw, strict=True)))
        if of_spw
        else _Differences(spw.sums.time, *np.zeros((2, 0, len(spw.sums.time))))
        for spw, of_spw in zip(spws, found, strict=True)
    ]


@dataclass(frozen=True)
class _Measured:
    """Of one spw: the `variance` that counts, V of `BLOCKS` and its error, and `differences`."""

    variance: float
    by_block: np.ndarray
    error: np.ndarray
    differences: _Differences


def _drifts_of(found: _Differences) -> _Measured | None:
    if not len(found.d):
        return None
    rng = np.random.default_rng(0)
    signs = rng.choice([-1.0, 1.0], (TRIALS, len(found.time)))
    every = np.concatenate([np.ones((1, len(found.time))), signs])
    by_block, *by_chance = np.array([_mean_drifts(found, block, every) for block in BLOCKS]).T
    error = np.std(by_chance, axis=0)
    counts = by_block[PLACE] > SIGNIFICANT * error[PLACE]
    return _Measured(float(by_block[PLACE]) if counts else 0.0, by_block, error, found)


def _common_variance(measured: Sequence[_Measured], absorbed: bool) -> float:
    """Mean variance of all spws; 0 where it does not count.

    Where a fit has `absorbed` some of it, which it has not taken out of the light curve as well,
    the largest that the differences of halves allow, by one standard deviation.
    """
    if not measured:
        return 0.0
    mean = float(np.mean([entry.by_block[PLACE] for entry in measured]))
    error = float(np.sqrt(np.sum([entry.error[PLACE] ** 2 for entry in measured]))) / len(measured)
    if absorbed:
        return max(mean, 0.0) + error
    return mean if mean > SIGNIFICANT * error else 0.0


def _mean_drifts(found: _Differences, block: float, signs: np.ndarray) -> np.ndarray:
    """V of all antennas, mean over the ways to make halves, for each row of signs of d."""
    in_block = _blocks(found.time, block)

    def of_pairs(values: np.ndarray) -> float:
        return float(np.sum(np.bincount(in_block, values) ** 2) - np.sum(values**2))

    total = np.zeros(len(signs))
    for d, weight in zip(found.d, found.weight, strict=True):
        norm = of_pairs(weight)
        if norm > 0:
            total += np.array([of_pairs(sign * weight * d) for sign in signs]) / norm
    return total / len(found.d) / 4


def _blocks(time: np.ndarray, block: float) -> np.ndarray:
    return ((time - time.min()) // block).astype(int)


def _timescale(measured: Sequence[_Measured]) -> float:
    """Timescale with which V falls best as it does, of spws in which something drifts."""
    drifting = [entry for entry in measured if entry.variance > 0]
    if not drifting:
        drifting = list(measured) if _common_variance(measured, False) > 0 else []
    if not drifting:
        return BLOCK
    misfits = [sum(_misfit(entry, timescale) for entry in drifting) for timescale in TIMESCALES]
    return TIMESCALES[int(np.argmin(misfits))]


def _misfit(entry: _Measured, timescale: float) -> float:
    """Chi-square of V of all blocks, the variance being the one that fits best."""
    known = entry.error > 0
    expected = _expected(entry.differences, timescale)[known] / entry.error[known]
    value = entry.by_block[known] / entry.error[known]
    norm = expected @ expected
    variance = expected @ value / norm if norm > 0 else 0.0
    return float(np.sum((value - variance * expected) ** 2))


def _expected(found: _Differences, timescale: float) -> np.ndarray:
    """V of `BLOCKS` for a process of variance 1, the mean over the track taken out.

    With k its covariance, s the bins' shares in the mean, m = k s and c = s m, that of bins i and j
    is k_ij - m_i - m_j + c. Sums over k are products with it, in blocks.
    """
    weight = found.weight.mean(axis=0)
    n = len(weight)
    place, kernel = (found.time - found.time.min()) / timescale, smooth_kernel(1.0)
    share = weight / weight.sum()
    mean = kernel.dot(place, np.zeros(n), share[:, None])[:, 0]
    common = share @ mean
    variance = kernel.get_value(np.zeros(1))[0] - 2 * mean + common
    own = np.sum(weight**2 * variance)
    values = []
    for block in BLOCKS:
        _, label = np.unique(_blocks(found.time, block), return_inverse=True)
        in_block = np.zeros((n, label.max() + 1))
        in_block[np.arange(n), label] = weight
        total = in_block.sum(axis=0)
        covariance = np.sum(in_block * kernel.dot(place, np.zeros(n), in_block))
        covariance += common * np.sum(total**2) - 2 * np.sum((mean @ in_block) * total) - own
        norm = np.sum(total**2) - np.sum(weight**2)
        values.append(covariance / norm if norm > 0 else 0.0)
    return np.array(values)
