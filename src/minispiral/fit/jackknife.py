r"""Errors of a light curve that neighbouring integrations share: by what halves of the array say.

Antennas err each on their own: their gains, where they look, what they see of a model that is not
quite right. What that makes of the light curve is no noise, drifts over minutes, and hardly shows
in chi-square; but one half of the antennas has another share in it than the other. With d(t) the
difference of ln(F_core / F_ext) of the baselines within either half, less its mean, whose noise is
independent from integration to integration, the variance of what drifts is, for blocks of `BLOCK`
and over different integrations i, j of each ::

    V = sum_blocks sum_(i != j) w_i w_j d_i d_j / sum_blocks sum_(i != j) w_i w_j

and a quarter of that for all antennas, whose mean has half the variance of that of either half. V
is the mean over all ways to make halves of `GROUPS` groups of antennas (a jackknife; Efron 1982,
SIAM). It counts where it is beyond `SIGNIFICANT` times what d with random signs gives.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from minispiral.fit.normal_equations import NormalSums
from minispiral.light_curves.neighbours import excess
from minispiral.visibilities.stokes import StokesPair

GROUPS = 8  # of antennas, less where there are few
FEWEST = 2  # antennas of a group
BLOCK = 600.0  # s
SIGNIFICANT = 2.0
FAR = 6.0  # robust standard deviations of ln chi-square beyond which an integration is left out
TRIALS = 40  # of random signs


class Jackknife:
    """Sums of the fit of each integration for every pair of groups of antennas: `add` rows."""

    def __init__(self, n: int, antennas: int) -> None:
        """Start from nothing, for `n` integrations."""
        self.n = n
        self.groups = 2 * min(GROUPS // 2, antennas // (2 * FEWEST))
        self.group = np.arange(antennas) % max(self.groups, 1)
        self.sums = NormalSums(n * self.groups**2)

    def add(
        self,
        integration: np.ndarray,
        antenna1: np.ndarray,
        antenna2: np.ndarray,
        stokes: StokesPair,
        model: np.ndarray,
        core: np.ndarray | None,
    ) -> None:
        """Add a block of rows; see `minispiral.fit.normal_equations.NormalSums.add`."""
        if self.groups < 4:
            return
        first, second = self.group[antenna1], self.group[antenna2]
        low, high = np.minimum(first, second), np.maximum(first, second)
        place = (integration * self.groups + low) * self.groups + high
        self.sums.add(place, [stokes], model, core)

    def drift(self, time: np.ndarray, chi2: np.ndarray) -> float:
        """Variance of ln(F_core / F_ext) that drifts; NaN where there are too few antennas.

        Parameters
        ----------
        time, chi2 : (n,), of all integrations, from the fit of all antennas
        """
        usable = np.isfinite(chi2) & (chi2 > 0)
        usable &= excess(np.log(np.where(usable, chi2, 1.0)), usable) <= FAR
        differences = [d for d in self._differences(usable) if d is not None]
        if not differences:
            return np.nan
        block = ((time - time.min()) // BLOCK).astype(int)
        rng = np.random.default_rng(0)
        value = _mean_drift(differences, block, np.ones(self.n))
        by_chance = [
            _mean_drift(differences, block, rng.choice([-1.0, 1.0], self.n)) for _ in range(TRIALS)
        ]
        return value if value > SIGNIFICANT * float(np.std(by_chance)) else 0.0

    def _differences(self, usable: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray] | None]:
        """Yield d, zero mean, and its weight for each way to make halves."""
        groups = range(self.groups)
        for half in combinations(groups, self.groups // 2):
            if 0 not in half or self.groups < 4:
                continue  # each way once
            other = tuple(group for group in groups if group not in half)
            (one, one_variance), (two, two_variance) = (self._ratio(part) for part in (half, other))
            d, variance = one - two, one_variance + two_variance
            known = usable & np.isfinite(d) & np.isfinite(variance) & (variance > 0)
            if known.sum() < 2:
                yield None
                continue
            weight = np.where(known, 1 / np.where(known, variance, 1.0), 0.0)
            d = np.where(known, d, 0.0)
            yield np.where(known, d - np.average(d, weights=weight), 0.0), weight

    def _ratio(self, half: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        """ln(F_core / F_ext) from baselines within a half, and its variance: ``(n,)`` each."""
        whole = NormalSums(self.n)
        shape = self.n, self.groups, self.groups
        for name, sums in self.sums.sums.items():
            whole.sums[name] = sums.reshape(shape)[:, half][:, :, half].sum(axis=(1, 2))
        fit = whole.solve()
        extended, compact = fit["I_extended"], fit["I_compact"]
        with np.errstate(invalid="ignore", divide="ignore"):
            good = (extended > 0) & (compact > 0)
            ratio = np.where(good, np.log(compact / extended), np.nan)
            variance = (fit["I_extended_err"] / extended) ** 2
            variance += (fit["I_compact_err"] / compact) ** 2
            variance -= 2 * fit["covariance"] / (extended * compact)
        return ratio, variance


def _mean_drift(
    differences: list[tuple[np.ndarray, np.ndarray]], block: np.ndarray, sign: np.ndarray
) -> float:
    """V of all antennas, mean over the ways to make halves."""
    values = []
    for d, weight in differences:
        signed = sign * weight * d
        total = np.sum(np.bincount(block, signed) ** 2) - np.sum(signed**2)
        norm = np.sum(np.bincount(block, weight) ** 2) - np.sum(weight**2)
        values.append(total / norm if norm > 0 else 0.0)
    return float(np.mean(values)) / 4
