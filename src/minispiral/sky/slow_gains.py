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

In place of these gains, the data may be divided by what QA2's solutions on a point have left in
them (`minispiral.sky.point_gains`), phases or amplitudes as well, if that has the least criterion:
it is predicted from the model and has no parameter. QA2's gains have taken the antennas' own errors
with them, so nothing slow is left then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from minispiral.sky.averages import Averages
from minispiral.sky.point_gains import KINDS, PointTurn, first_turn, next_turn, point_gains
from minispiral.visibilities.gain_equations import MINSNR, GainSums, solve_gains

INTERVALS = (np.inf, 3600.0, 1200.0, 300.0, 60.0)  # s, the first one the track
STRIDE = 1.5
MARGIN = 10.0  # of the criterion, by which gains that QA2 has left have to be better than none
MEANS = 100  # steps at most to a mean of zero; each leaves the share of antennas that are away
ZERO = 1e-12  # of a mean
UNDECIDED, NONE = np.nan, 0.0  # an interval's length where there is no gain


@dataclass(frozen=True)
class SlowGains:
    """Gains of one spw, and the misfit E of its baselines without and with them.

    `antennas`, their names; `interval`, s, infinite for the whole track, `NONE` where the data ask
    for no gains, `UNDECIDED` before there is a sky; `time` ``(m,)``, s, the middle of each
    interval, and `gain` ``(m, n_antenna)`` complex, NaN where there is no datum or S/N is too low;
    `tried` ``(k,)``, the intervals (s) that were compared, and `score` ``(k,)``, the sum over all
    spws of the criterion less that without gains, below 0 where the data ask for gains.
    ``(n_antenna, n_antenna)`` each, with every baseline once: `number` of data, `before`, E at the
    first solution without gains, and `after`, E with them. `point`, the kind of gains that QA2 has
    left in the data, 0 for none, and in place of those, at `point_time` ``(n_bin,)``, s, what
    `minispiral.sky.point_gains.PointTurn` says of them: `point_gain`, `predicted`, `residual`.
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
    point: int
    point_time: np.ndarray
    point_gain: np.ndarray
    predicted: np.ndarray
    residual: np.ndarray

    @property
    def is_slow(self) -> bool:
        """Whether there are gains of intervals."""
        return self.interval > 0

    @property
    def solved(self) -> bool:
        """Whether there are gains of any kind."""
        return self.is_slow or bool(self.point)

    @property
    def point_turn(self) -> PointTurn:
        """What QA2 has left in the data, in this turn."""
        return PointTurn(self.point_gain, self.predicted, self.residual)

    @property
    def settled(self) -> bool:
        """Whether what QA2 has left no longer changes, if there is any."""
        return not self.point or self.point_turn.settled

    @property
    def unwanted(self) -> bool:
        """Whether the data have asked for no gains."""
        return self.interval == NONE and not self.point

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
        if self.point:
            return np.exp(_lines(time, self.point_time, _logs(self.point_gain)))
        if self.is_slow:
            return np.exp(_lines(time, self.time, _logs(self.gain)))
        return np.ones((len(time), len(self.antennas)), complex)


def no_gains(antennas: np.ndarray, interval: float = UNDECIDED) -> SlowGains:
    """Return no gains, undecided or (`NONE`) not wanted by the data."""
    n = len(antennas)
    empty, no_gain, no_turn = np.zeros(0), np.zeros((0, n), complex), np.zeros((0, 0, n), complex)
    number, before, after = np.zeros((3, n, n))
    tried = empty, empty
    point = no_gain, no_turn, no_turn
    return SlowGains(
        antennas, interval, empty, no_gain, *tried, number, before, after, 0, empty, *point
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


@dataclass(frozen=True)
class Data:
    """A spw's `averages` as they are, and a turn's model of them.

    `model` ``(n_row,)``, Jy, not finite where there is none; `used` ``(n_bin,)``, bins that count.
    """

    averages: Averages
    model: np.ndarray
    used: np.ndarray

    def misfit(self, gain: np.ndarray | None = None) -> Misfit:
        """Misfit of the data, divided by gains ``(n_bin, n_antenna)`` if given and known."""
        averages = self.averages
        if gain is not None:
            averages = averages.divided(np.where(np.isfinite(gain), gain, 1.0))
        return Misfit(averages, self.model, self.used)


def solve_slow_gains(
    spws: Sequence[Data], before: Sequence[SlowGains], always: bool = False
) -> list[SlowGains]:
    """Solve for the gains of a track in a turn.

    Parameters
    ----------
    spws : its data, and the turn's model
    before : gains of the turn before
    always : whether gains are wanted even if the data do not ask for them
    """
    plain = [spw.misfit() for spw in spws]
    without = _criterion(plain, [None] * len(spws), NONE)
    point, decided = _best_point(spws, before), before[0].point > 0
    span = max((float(np.ptp(spw.time)) for spw in plain if len(spw.time)), default=0.0)
    lengths = [] if decided else [n for n in INTERVALS if np.isinf(n) or n < span]
    slow = {length: [spw.solve(length) for spw in plain] for length in lengths}
    criteria = {n: _criterion(plain, [gain for gain, _ in slow[n]], n) for n in lengths}
    if decided or point.criterion + MARGIN < min(without, *criteria.values()):
        criteria, slow = {NONE: point.criterion}, {}
    # nothing asks for gains where no criterion is finite
    scores = {n: c - without if np.isfinite(c - without) else np.inf for n, c in criteria.items()}
    best = min(scores, key=lambda length: scores[length])
    results = []
    for place, (spw, old) in enumerate(zip(plain, before, strict=True)):
        new = no_gains(spw.antennas, NONE)
        if always or scores[best] < 0:
            new = _gains_of(spw, best, slow[best][place], old) if slow else point.gains_of(place)
        first = old.before if old.before.any() else spw.by_baseline(None, NONE)
        tried, score = np.array(list(scores)), np.array(list(scores.values()))
        results.append(replace(new, tried=tried, score=score, number=spw.number, before=first))
    return results


@dataclass(frozen=True)
class _Point:
    """Gains of a `kind` that QA2 may have left: `turns` of the spws, and the `misfits` without.

    The misfits are of what is predicted: gains that go beyond it are not those of this model.
    """

    kind: int
    turns: Sequence[PointTurn]
    misfits: Sequence[Misfit]

    @cached_property
    def criterion(self) -> float:
        """The criterion of all spws."""
        return _criterion(self.misfits, [None] * len(self.misfits), NONE)

    def gains_of(self, place: int) -> SlowGains:
        """The gains of a spw, by its place."""
        turn, misfit = self.turns[place], self.misfits[place]
        return replace(
            no_gains(misfit.antennas, NONE),
            after=misfit.by_baseline(None, NONE),
            point=self.kind,
            point_time=misfit.time,
            point_gain=turn.gain,
            predicted=turn.predicted,
            residual=turn.residual,
        )


def _best_point(spws: Sequence[Data], before: Sequence[SlowGains]) -> _Point:
    """What QA2 has left: the kind with the least criterion, or the one of the turn before."""
    found = []
    for kind in (before[0].point,) if before[0].point else KINDS:
        turns = []
        for spw, old in zip(spws, before, strict=True):
            predicted = np.log(point_gains(spw.averages, spw.model, spw.used, kind))
            turns.append(
                next_turn(predicted, old.point_turn) if old.point else first_turn(predicted)
            )
        misfits = [
            spw.misfit(np.exp(turn.predicted[-1])) for spw, turn in zip(spws, turns, strict=True)
        ]
        found.append(_Point(kind, turns, misfits))
    return min(found, key=lambda point: point.criterion)


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
