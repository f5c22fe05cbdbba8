r"""Antenna gains that best make a model of what is observed: their equations, and the solution.

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

import numpy as np

STEPS = 200  # at most
TOLERANCE = 1e-7  # of the gains, between steps
MINSNR = 3.0  # of a gain, below which it is not believed, where nobody asks for another
GROUPS = 512  # intervals solved at a time: 40 antennas and these take 13 MB an array


class GainSums:
    """X and D of the equations for `n` intervals of one spw (or several): `add` rows, `solve`."""

    def __init__(self, n: int, antennas: int, hands: int = 2) -> None:
        """Start from nothing; `hands` is 1 where gains are of Stokes I."""
        self.antennas = antennas
        # (hand, interval, antenna i, antenna j)
        self.x = np.zeros((hands, n, antennas, antennas), complex)
        self.d = np.zeros((hands, n, antennas, antennas))

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
        data, model : (n_hand, n_row) complex, Jy
            Of the two parallel hands, or of Stokes I.
        weight : (n_hand, n_row), zero where the datum is not to be used
        """
        if not len(interval):
            return
        # rows are nearly in order of time, so a block of them fills few intervals
        first, last = int(interval.min()), int(interval.max()) + 1
        shape = (last - first, self.antennas, self.antennas)
        place = np.ravel_multi_index((interval - first, antenna1, antenna2), shape)
        for hand in range(len(self.x)):
            cross = weight[hand] * data[hand] * np.conj(model[hand])
            real, imaginary, power = (
                np.bincount(place, values, int(np.prod(shape))).reshape(shape)
                for values in (cross.real, cross.imag, weight[hand] * np.abs(model[hand]) ** 2)
            )
            self.x[hand, first:last] += real + 1j * imaginary
            self.d[hand, first:last] += power

    def solve(self, amplitude: bool, minsnr: float) -> np.ndarray:
        """Solve every interval, for phases, or for amplitudes too: ``(n, n_antenna, n_hand)``.

        A gain whose signal-to-noise ratio is below `minsnr` is NaN.
        """
        n = self.x.shape[1]
        gain = np.empty((n, self.antennas, len(self.x)), complex)
        for hand in range(len(self.x)):
            for start in range(0, n, GROUPS):
                block = slice(start, start + GROUPS)
                x, d = self.x[hand, block], self.d[hand, block]
                gain[block, :, hand] = solve_gains(x, d, amplitude, minsnr)
        return gain


def solve_gains(x: np.ndarray, d: np.ndarray, amplitude: bool, minsnr: float) -> np.ndarray:
    """Solve some intervals of one hand: gains ``(n, n_antenna)``, NaN where S/N is too low.

    Parameters
    ----------
    x, d : ``(n, n_antenna, n_antenna)``, X and D of the equations, of each baseline once
    amplitude : whether amplitudes are solved for as well as phases
    minsnr : least signal-to-noise ratio
    """
    x = x + np.conj(x.swapaxes(1, 2))  # both orders of each baseline
    d = d + d.swapaxes(1, 2)
    observed = d.sum(axis=2) > 0
    gain = observed.astype(complex)
    for step in range(STEPS):
        numerator = np.matmul(x, gain[..., None])[..., 0]
        if amplitude:
            power = np.matmul(d, (np.abs(gain) ** 2)[..., None])[..., 0]
            new = np.divide(numerator, power, out=np.zeros_like(gain), where=power > 0)
        else:
            size = np.abs(numerator)
            new = np.divide(numerator, size, out=np.zeros_like(gain), where=size > 0)
        new = new * np.exp(-1j * np.angle(np.sum(new * np.conj(gain), axis=1, keepdims=True)))
        if step % 2:
            new = (new + gain) / 2
            if not amplitude:
                new = np.divide(new, np.abs(new), out=np.zeros_like(new), where=new != 0)
        change = np.max(np.abs(new - gain), initial=0.0)
        gain = new
        if change < TOLERANCE and step % 2:
            break
    precision = np.matmul(d, (np.abs(gain) ** 2)[..., None])[..., 0]
    snr = np.abs(gain) * np.sqrt(precision)
    return _without_common(np.where(observed & (snr >= minsnr), gain, np.nan))


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
