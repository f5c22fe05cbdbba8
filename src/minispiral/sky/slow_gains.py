r"""Antenna gains in the turns of fluxes and sky: whether the data ask for them, and how slow.

With the model M of a turn, F times the minispiral and the core, the gains of antennas i and j
minimise the misfit of each spw::

    E = sum w |V - g_i conj(g_j) M|^2

They are constant over intervals, which are as long as the data allow: each length of `INTERVALS` is
tried, and no gains. For all spws of the track that choice is used which has the least ::

    sum_spw [n ln E + k ln n]

with n real data and k real parameters. This is Schwarz's criterion (1978, Ann. Stat. 6, 461), for
which the scale of the weights does not matter. Fast gains would absorb the sky and the sky's
errors. A gain that all antennas of an interval share belongs to the fluxes, and does not change E.
An antenna has a gain at the middle of each interval with data; between two of these middles ln |g|
and the phase are straight lines, and before the first and after the last they are constant. The
mean of both over all antennas is zero. Antennas that are away for a while count in this mean, or
the gains of all others would jump when an antenna comes or goes. The gains of a turn exceed its
solution by `STRIDE`, which halves the number of turns, because gains and sky follow each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from minispiral.sky.averages import Averages
from minispiral.visibilities.gain_equations import MINSNR, GainSums, solve_gains

INTERVALS = (np.inf, 3600.0, 1200.0, 300.0, 60.0)  # s, the first one the track
STRIDE = 1.5
MEANS = 100  # steps at most to a mean of zero; each leaves the share of antennas that are away
ZERO = 1e-12  # of a mean
UNDECIDED, NONE = np.nan, 0.0  # an interval's length where there is no gain


@dataclass(frozen=True)
class SlowGains:
    """Gains of one spw, and the misfit E of its baselines without and with them.

    `antennas`, their names; `interval`, s, infinite for the whole track, `NONE` where the data ask
    for no gains, `UNDECIDED` before there is a sky; `time` ``(m,)``, s, the middle
    of each interval, and `gain` ``(m, n_antenna)`` complex, NaN where there is no datum or S/N is
    too low; `tried`
    ``(k,)``, the intervals (s) that were compared, and `score` ``(k,)``, the sum over all spws of
    the criterion less that without gains, below 0 where the data ask for gains. ``(n_antenna,
    n_antenna)`` each, with every baseline once: `number` of data, `before`, E at the first
    solution without gains, and `after`, E with them.
    """

    antennas: np.ndarray
    interval: float
    time: np.ndarray
    gain: np.ndarray
    tried: np.ndarray
    score: np.ndarray
    number: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @property
    def solved(self) -> bool:
        """Whether there are gains."""
        return self.interval > 0

    @property
    def parameters(self) -> float:
        """Real parameters: phases and amplitudes, but for those that all antennas share."""
        return parameters_of(np.isfinite(self.gain))

    def integrations(self, times: np.ndarray) -> np.ndarray:
        """Number of integrations that share each one's interval, ``(n,)``."""
        if np.isinf(self.interval):
            return np.full(len(times), len(times))
        nearest = np.searchsorted((self.time[1:] + self.time[:-1]) / 2, times)
        return np.bincount(nearest, minlength=len(self.time))[nearest]

    def at(self, time: np.ndarray) -> np.ndarray:
        """Gains at some times, s: ``(n, n_antenna)``, 1 for antennas that have none at all."""
        if not self.solved:
            return np.ones((len(time), len(self.antennas)), complex)
        return np.exp(_lines(time, self.time, _logs(self.gain)))


def no_gains(antennas: np.ndarray, interval: float = UNDECIDED) -> SlowGains:
    """Return no gains, undecided or (`NONE`) not wanted by the data."""
    n = len(antennas)
    empty = np.zeros(0)
    return SlowGains(
        antennas, interval, empty, np.zeros((0, n), complex), empty, empty, *np.zeros((3, n, n))
    )


class Misfit:
    """What the misfit of one spw needs, summed over the shortest intervals, by baseline."""

    def __init__(self, data: Averages, model: np.ndarray, used: np.ndarray) -> None:
        """Sum a spw's averages; `model` ``(n_row,)``, Jy; `used` ``(n_bin,)``, bins that count.

        `model` is not finite where there is none.
        """
        self.time, self.antennas = data.time, data.antennas
        start = float(self.time.min(initial=np.inf))
        shortest = ((self.time - start) // min(INTERVALS)).astype(int)
        self.blocks, block = np.unique(shortest, return_inverse=True)
        rows = used[data.bin] & np.isfinite(model)
        weight, model = np.where(rows, data.weight, 0.0), np.where(rows, model, 0.0)
        places = block[data.bin], data.antenna1, data.antenna2
        n = len(data.antennas)
        self.sums = GainSums(len(self.blocks), n, hands=1)
        self.sums.add(*places, data.values[None], model[None], weight[None])
        self.power, self.number = np.zeros((2, n, n))
        np.add.at(self.power, places[1:], weight * np.abs(data.values) ** 2)
        np.add.at(self.number, places[1:], 2.0 * (weight > 0))
        self.middle = np.bincount(block, self.time) / np.bincount(block)

    def intervals(self, length: float) -> np.ndarray:
        """Interval of each of the shortest ones, counted from 0."""
        if np.isinf(length):
            return np.zeros(len(self.blocks), int)
        label = (self.blocks * min(INTERVALS)) // length
        return np.unique(label, return_inverse=True)[1]

    def solve(self, length: float) -> tuple[np.ndarray, np.ndarray]:
        """Gains of intervals of some length, NaN where S/N is too low, and their middles, s."""
        label = self.intervals(length)
        n = int(label.max(initial=-1)) + 1
        x, d = (
            np.zeros((n, *values.shape[1:]), values.dtype)
            for values in (self.sums.x[0], self.sums.d[0])
        )
        np.add.at(x, label, self.sums.x[0])
        np.add.at(d, label, self.sums.d[0])
        middle = np.bincount(label, self.middle) / np.bincount(label)
        return solve_gains(x, d, True, MINSNR), middle

    def by_baseline(self, gain: np.ndarray | None, length: float) -> np.ndarray:
        """E of each baseline, with gains of intervals or without: ``(n_antenna, n_antenna)``.

        Gains are taken times the factor that makes E least of those that all antennas share.
        """
        x, d = self.sums.x[0], self.sums.d[0]
        if gain is None:
            return self.power - 2 * x.real.sum(axis=0) + d.sum(axis=0)
        gain = np.where(np.isfinite(gain), gain, 1.0)
        label = self.intervals(length)
        factor = (gain[:, :, None] * np.conj(gain[:, None, :]))[label]
        seen, power = np.real(np.conj(factor) * x), np.abs(factor) ** 2 * d
        numerator, denominator = (
            np.bincount(label, values.sum(axis=(1, 2)), len(gain)) for values in (seen, power)
        )
        common = np.divide(numerator, denominator, out=np.ones(len(gain)), where=denominator > 0)
        common = common[label][:, None, None]
        return self.power - (2 * common * seen - common**2 * power).sum(axis=0)

    def criterion(self, gain: np.ndarray | None, length: float) -> float:
        """Compute n ln E + k ln n; infinite where nothing is left of the data."""
        n = self.number.sum()
        misfit = self.by_baseline(gain, length).sum()
        if not (n > 0 and misfit > 0):
            return np.inf
        spent = 0.0 if gain is None else parameters_of(np.isfinite(gain))
        return float(n * np.log(misfit) + spent * np.log(n))


def parameters_of(solved: np.ndarray) -> float:
    """Real parameters of gains, where they are `solved` ``(n, n_antenna) bool``."""
    return float(2 * np.maximum(solved.sum(axis=1) - 1, 0).sum())


def solve_slow_gains(
    spws: Sequence[Misfit], before: Sequence[SlowGains], always: bool = False
) -> list[SlowGains]:
    """Solve for the gains of a track in a turn.

    Parameters
    ----------
    spws : the misfits of its data as they are, without gains, against the turn's model
    before : gains of the turn before
    always : whether gains are wanted even if the data do not ask for them
    """
    span = max((float(np.ptp(spw.time)) for spw in spws if len(spw.time)), default=0.0)
    tried = np.array([length for length in INTERVALS if np.isinf(length) or length < span])
    solutions = [[spw.solve(length) for spw in spws] for length in tried]
    without = _criterion(spws, [None] * len(spws), NONE)
    score = np.array(
        [
            _criterion(spws, [gain for gain, _ in of_spws], length) - without
            for length, of_spws in zip(tried, solutions, strict=True)
        ]
    )
    # nothing asks for gains where no criterion is finite
    score = np.where(np.isfinite(score), score, np.inf)
    best = int(np.argmin(score))
    wanted = always or score[best] < 0
    results = []
    for spw, old, solution in zip(spws, before, solutions[best], strict=True):
        new = no_gains(spw.antennas, NONE)
        if wanted:
            new = _gains_of(spw, float(tried[best]), solution, old)
        first = old.before if old.before.any() else spw.by_baseline(None, NONE)
        results.append(replace(new, tried=tried, score=score, number=spw.number, before=first))
    return results


def _criterion(spws: Sequence[Misfit], gains: Sequence[np.ndarray | None], length: float) -> float:
    """Sum of the criteria of the spws that have data."""
    pairs = zip(spws, gains, strict=True)
    return sum(spw.criterion(gain, length) for spw, gain in pairs if spw.number.any())


def _gains_of(
    spw: Misfit, length: float, solution: tuple[np.ndarray, np.ndarray], old: SlowGains
) -> SlowGains:
    """Gains that go beyond those of the turn before by the stride."""
    gain, middle = solution
    earlier = old.at(middle)
    step = gain / earlier
    stride = np.abs(step) ** STRIDE * np.exp(1j * STRIDE * np.angle(step))
    new = _without_mean(middle, earlier * stride)
    result = replace(no_gains(spw.antennas), interval=length, time=middle, gain=new)
    return replace(result, after=spw.by_baseline(gain, length))


def _without_mean(middle: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Gains of which ln g, in lines where there is none, has a mean of zero in each interval."""
    logs = _logs(gain)
    for _ in range(MEANS):
        mean = _lines(middle, middle, logs).mean(axis=1, keepdims=True)
        logs = logs - mean
        if np.abs(mean).max(initial=0.0) < ZERO:
            break
    return np.exp(logs, out=np.full_like(gain, np.nan), where=np.isfinite(logs))


def _logs(gain: np.ndarray) -> np.ndarray:
    """Compute ln g, ``(m, n_antenna)``, with phases that go the short way round; NaN for NaN."""
    logs = np.full(gain.shape, np.nan, complex)
    for values, result in zip(gain.T, logs.T, strict=True):
        known = np.isfinite(values)
        result[known] = np.log(np.abs(values[known])) + 1j * np.unwrap(np.angle(values[known]))
    return logs


def _lines(time: np.ndarray, middle: np.ndarray, logs: np.ndarray) -> np.ndarray:
    """Lines through the known ln g of each antenna, ``(n, n_antenna)``, 0 where none is known."""
    result = np.zeros((len(time), logs.shape[1]), complex)
    for values, line in zip(logs.T, result.T, strict=True):
        known = np.isfinite(values)
        if known.any():
            line[:] = np.interp(time, middle[known], values[known])
    return result
