r"""Antenna gains from a model of every visibility: self-calibration against the full model.

For each hand (XX, YY or RR, LL) on its own and each solution interval, with model M of each row::

    minimise  sum_ij w_ij |V_ij - g_i conj(g_j) M_ij|^2

by alternating linear solutions (StEFCal, Salvini & Wijnholds 2014, A&A 571, A97)::

    g_i <- sum_j X_ij g_j / sum_j D_ij |g_j|^2,   X = sum w V conj(M),  D = sum w |M|^2

where every second step is averaged with the one before, and for phases alone only the direction of
the numerator counts. X and D, summed over the rows of the interval (and spws, where they are
combined), are all that is kept of the data, so rows stream through in blocks.

A gain common to all antennas of an interval and hand is not an antenna's: the mean phase, and the
mean log amplitude, are held at zero, so that the common gain stays in F_ext.
"""

from dataclasses import dataclass, replace

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.visibilities.antenna_gains import AntennaGains

STEPS = 200  # at most
TOLERANCE = 1e-7  # of the gains, between steps
GROUPS = 512  # intervals solved at a time: 40 antennas and these take 13 MB an array


@dataclass(frozen=True)
class Round:
    """How one round is solved: ``calmode`` p or ap, interval, what is combined, smallest S/N."""

    calmode: str = "p"
    solint: str = "int"
    combine: str = ""
    minsnr: float = 3.0
    refant: str | None = None

    @property
    def amplitude(self) -> bool:
        """Whether amplitudes are solved for as well as phases."""
        return "a" in self.calmode

    @property
    def combines(self) -> set[str]:
        """What is combined: spw, scan."""
        return {part.strip() for part in self.combine.split(",") if part.strip()}


def interval_of(times: np.ndarray, scans: np.ndarray, recipe: Round) -> np.ndarray:
    """Solution interval of each integration, ``(n,) int`` from 0 on.

    ``solint`` is int (each integration), inf (each scan), or a time such as 100s or 2min, in which
    case each scan is divided into the whole number of equal intervals nearest to that length. With
    ``combine: scan`` the intervals are those of the track.

    Raises
    ------
    MinispiralError
        If solint is ill-formed.
    """
    if recipe.solint == "int":
        return np.arange(len(times))
    blocks = np.zeros(len(times), int) if "scan" in recipe.combines else scans
    length = np.inf if recipe.solint == "inf" else seconds(recipe.solint)
    labels = np.zeros((len(times), 2), int)
    for block in np.unique(blocks):
        rows = blocks == block
        elapsed = times[rows] - times[rows][0]
        count = max(1, round(np.ptp(elapsed) / length)) if np.ptp(elapsed) > 0 else 1
        width = np.ptp(elapsed) / count or 1.0
        labels[rows, 0] = block
        labels[rows, 1] = np.minimum(elapsed // width, count - 1)
    return np.unique(labels, axis=0, return_inverse=True)[1].ravel()


def seconds(text: str) -> float:
    """Return the seconds in a text such as 100s or 2min; a bare number is in seconds.

    Raises
    ------
    MinispiralError
        If it is no positive time.
    """
    for unit, factor in (("min", 60.0), ("s", 1.0), ("", 1.0)):
        if text.endswith(unit):
            try:
                value = float(text.removesuffix(unit)) * factor
            except ValueError:
                break
            if value > 0:
                return value
            break
    raise MinispiralError(f"{text!r} is no solution interval: use int, inf, or a time such as 100s")


class GainSums:
    """X and D of the equations for `n` intervals of one spw (or several): `add` rows, `solve`."""

    def __init__(self, n: int, antennas: int) -> None:
        """Start from nothing."""
        self.antennas = antennas
        # (hand, interval, antenna i, antenna j)
        self.x = np.zeros((2, n, antennas, antennas), complex)
        self.d = np.zeros((2, n, antennas, antennas))

    def add(
        self,
        interval: np.ndarray,
        antenna1: np.ndarray,
        antenna2: np.ndarray,
        data: np.ndarray,
        model: np.ndarray,
        weight: np.ndarray,
    ) -> None:
        """Add a block of rows.

        Parameters
        ----------
        interval, antenna1, antenna2 : (n_row,) int
        data, model : (2, n_row) complex, Jy
            Of the two parallel hands.
        weight : (2, n_row), zero where the datum is not to be used
        """
        if not len(interval):
            return
        # rows are nearly in order of time, so a block of them fills few intervals
        first, last = int(interval.min()), int(interval.max()) + 1
        shape = (last - first, self.antennas, self.antennas)
        place = np.ravel_multi_index((interval - first, antenna1, antenna2), shape)
        for hand in range(2):
            cross = weight[hand] * data[hand] * np.conj(model[hand])
            real, imaginary, power = (
                np.bincount(place, values, int(np.prod(shape))).reshape(shape)
                for values in (cross.real, cross.imag, weight[hand] * np.abs(model[hand]) ** 2)
            )
            self.x[hand, first:last] += real + 1j * imaginary
            self.d[hand, first:last] += power

    def solve(self, recipe: Round) -> np.ndarray:
        """Solve every interval: gains ``(n, n_antenna, 2)``, NaN where S/N is below ``minsnr``."""
        n = self.x.shape[1]
        gain = np.empty((n, self.antennas, 2), complex)
        for hand in range(2):
            for start in range(0, n, GROUPS):
                block = slice(start, start + GROUPS)
                gain[block, :, hand] = _solve(self.x[hand, block], self.d[hand, block], recipe)
        return gain


def _solve(x: np.ndarray, d: np.ndarray, recipe: Round) -> np.ndarray:
    """Gains of some intervals of one hand, ``(n, n_antenna)``."""
    x = x + np.conj(x.swapaxes(1, 2))  # both orders of each baseline
    d = d + d.swapaxes(1, 2)
    observed = d.sum(axis=2) > 0
    gain = observed.astype(complex)
    for step in range(STEPS):
        numerator = np.matmul(x, gain[..., None])[..., 0]
        if recipe.amplitude:
            power = np.matmul(d, (np.abs(gain) ** 2)[..., None])[..., 0]
            new = np.divide(numerator, power, out=np.zeros_like(gain), where=power > 0)
        else:
            size = np.abs(numerator)
            new = np.divide(numerator, size, out=np.zeros_like(gain), where=size > 0)
        new = new * np.exp(-1j * np.angle(np.sum(new * np.conj(gain), axis=1, keepdims=True)))
        if step % 2:
            new = (new + gain) / 2
            if not recipe.amplitude:
                new = np.divide(new, np.abs(new), out=np.zeros_like(new), where=new != 0)
        change = np.max(np.abs(new - gain), initial=0.0)
        gain = new
        if change < TOLERANCE and step % 2:
            break
    precision = np.matmul(d, (np.abs(gain) ** 2)[..., None])[..., 0]
    snr = np.abs(gain) * np.sqrt(precision)
    return _without_common(np.where(observed & (snr >= recipe.minsnr), gain, np.nan))


def _without_common(gain: np.ndarray) -> np.ndarray:
    """Take the mean log amplitude and the mean phase of all antennas out of each interval."""
    solved = np.isfinite(gain)
    count = np.maximum(solved.sum(axis=1, keepdims=True), 1)
    size = np.where(solved, np.abs(gain), 1.0)
    amplitude = np.exp(np.log(size).sum(axis=1, keepdims=True) / count)
    # phases are near a common one, whose direction makes their mean well defined
    unit = np.where(solved, gain, 0) / size
    common = unit.sum(axis=1, keepdims=True)
    common = common / np.where(np.abs(common) > 0, np.abs(common), 1)
    stray = np.angle(np.where(solved, unit * np.conj(common), 1))
    mean = stray.sum(axis=1, keepdims=True) / count
    return gain / amplitude * np.conj(common) * np.exp(-1j * mean)


def refer_to(gain: np.ndarray, antenna: int) -> np.ndarray:
    """Turn all phases so that one antenna's, the mean of its hands, is zero.

    Both hands turn together: a phase between them would make V of U.
    """
    reference = gain[:, antenna]  # (n, hand)
    solved = np.isfinite(reference)
    unit = np.where(solved, reference / np.where(solved, np.abs(reference), 1), 0).sum(axis=1)
    turn = np.where(np.abs(unit) > 0, unit / np.where(unit == 0, 1, np.abs(unit)), 1)
    return gain * np.conj(turn)[:, None, None]


def combine(
    before: AntennaGains, solved: np.ndarray, interval: np.ndarray, recipe: Round, share: int
) -> AntennaGains:
    """Multiply the gains so far by those of a round.

    Parameters
    ----------
    before : gains that the round's data were corrected with
    solved : (n_interval, n_antenna, 2), from `GainSums.solve`
    interval : (n,) int
        Of each integration.
    share : number of spws that the solutions are shared by

    Returns
    -------
    AntennaGains
        A parameter spent again on a round of the same kind is not counted again.
    """
    antennas = np.isfinite(solved).sum(axis=1).mean(axis=-1)  # of a hand
    spent = (np.maximum(antennas - 1, 0) / np.bincount(interval) / share)[interval]
    amplitudes = spent if recipe.amplitude else np.zeros_like(spent)
    return replace(
        before,
        gain=before.gain * solved[interval],
        phases=np.maximum(before.phases, spent),
        amplitudes=np.maximum(before.amplitudes, amplitudes),
    )
