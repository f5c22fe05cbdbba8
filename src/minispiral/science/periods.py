r"""Periods in a light curve: a sinusoid in red noise, and how often chance makes as strong a one.

The periodogram is the gain in -2 ln L of adding a sinusoid of frequency f, of any phase, to the
power law that fits the curve best (`minispiral.science.power_law`), C being its covariance with
that of the errors and that of a mean of which nothing is known. With x = (cos 2 pi f t,
sin 2 pi f t), ::

    z(f) = b G^-1 b,    G = x C^-1 x^t,   b = x C^-1 y

or, of a complex curve y = Q + i U (`minispiral.science.loops`) and x = exp(+-2 pi i f t),
z(f) = |x* C^-1 y|^2 / (x* C^-1 x), where the sign is the sense in which it turns.

What chance makes of the greatest z is simulated: curves of laws drawn from the posterior, through
the same window, each fitted with a law of its own as the curve was (Vaughan 2010, MNRAS 402, 307).
The false-alarm probability is the share of these whose greatest z over all frequencies is as large.
Frequencies are from `FEWEST_CYCLES` over the track to a quarter of what bins resolve.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from minispiral.science.power_law import AMPLITUDES, PowerLaw, Window, draw

FEWEST_CYCLES = 2.0
OVERSAMPLED = 2.0  # frequencies, in units of 1 / the time covered
SHORTEST = 8.0  # period, in bins
SIMULATIONS = 400
BATCH = 64  # curves at once, to bound the memory


@dataclass(frozen=True)
class Period:
    """The strongest period: its length and error (s), amplitude and error, and how sure it is.

    `gain` is z, `false_alarm` the probability that chance makes as large a one at any of the
    frequencies; `sense` is +1 or -1 of a complex curve, that turns so, else 0, and `opposite` the
    gain of turning the other way as fast: as large where a curve swings back and forth.
    """

    period: float
    period_err: float
    amplitude: float
    amplitude_err: float
    gain: float
    false_alarm: float
    sense: int = 0
    opposite: float = float("nan")


class Search:
    """Looks for sinusoids in curves of one window."""

    def __init__(self, window: Window, rotating: bool = False) -> None:
        """Take a window; `rotating`, whether curves are complex, and turn one way or the other."""
        self.window, self.rotating = window, rotating
        series = window.series
        lowest = FEWEST_CYCLES / series.covered
        highest = 1 / (SHORTEST * series.interval)
        step = 1 / (OVERSAMPLED * series.covered)
        self.frequency = np.arange(lowest, max(highest, lowest + step / 2), step)
        phase = 2 * np.pi * np.outer(self.frequency, series.time - series.time[0])
        self._waves = np.exp(1j * phase)

    def gains(self, values: np.ndarray, best: np.ndarray) -> np.ndarray:
        """Z of each curve, ``(m, n_frequency)``, the largest of both senses where curves rotate.

        Parameters
        ----------
        values : (m, n)
        best : (m, 2), places of the slope and amplitude that fit each best
        """
        return self._terms(values, best)[0]

    def strongest(self, value: np.ndarray, best: tuple[int, int]) -> Period:
        """The strongest period of one curve, without a false-alarm probability."""
        gain, sense, amplitude, error, opposite = (
            term[0] for term in self._terms(value[None], np.array([best]))
        )
        k = int(np.argmax(gain))
        # as of a parabola through the peak: z falls by 1 at one standard deviation
        around = gain[max(k - 1, 0) : k + 2]
        step = self.frequency[1] - self.frequency[0] if len(self.frequency) > 1 else np.nan
        frequency, frequency_err = self.frequency[k], np.nan
        if len(around) == 3 and around[0] - 2 * around[1] + around[2] < 0:
            curvature = 2 * around[1] - around[0] - around[2]
            frequency += step * (around[2] - around[0]) / (2 * curvature)
            frequency_err = step * np.sqrt(2 / curvature)
        return Period(
            float(1 / frequency),
            float(frequency_err / frequency**2),
            float(amplitude[k]),
            float(error[k]),
            float(gain[k]),
            np.nan,
            int(sense[k]),
            float(opposite[k]),
        )

    def _terms(self, values: np.ndarray, best: np.ndarray) -> tuple[np.ndarray, ...]:
        shape = (len(values), len(self.frequency))
        terms = tuple(np.empty(shape) for _ in range(5))
        rows_of = defaultdict(list)
        for row, place in enumerate(best):
            rows_of[int(place[0])].append(row)
        for slope, rows in rows_of.items():
            basis = self.window.bases[slope]
            waves = self._waves @ basis.transform.T
            for start in range(0, len(rows), BATCH):
                part = np.array(rows[start : start + BATCH])
                inverse = 1 / (1 + AMPLITUDES[best[part, 1], None] * basis.eigenvalues)
                there = values[part] @ basis.transform.T
                found = (_turning if self.rotating else _swinging)(
                    waves, there, inverse, basis.ones
                )
                for term, value in zip(terms, found, strict=True):
                    term[part] = value
        return terms


def _swinging(
    waves: np.ndarray, there: np.ndarray, inverse: np.ndarray, ones: np.ndarray
) -> tuple[np.ndarray, ...]:
    """z, sense (0), amplitude, its error and z again of a sinusoid in real curves, ``(m, k)``."""
    cos, sin = waves.real, waves.imag
    weight = inverse @ ones**2
    mean = (inverse * there) @ ones / weight
    cos_mean, sin_mean = ((inverse * ones) @ part.T for part in (cos, sin))
    b_cos, b_sin = (
        (inverse * there) @ part.T - of_mean * mean[:, None]
        for part, of_mean in ((cos, cos_mean), (sin, sin_mean))
    )
    g_cc = inverse @ (cos**2).T - cos_mean**2 / weight[:, None]
    g_ss = inverse @ (sin**2).T - sin_mean**2 / weight[:, None]
    g_cs = inverse @ (cos * sin).T - cos_mean * sin_mean / weight[:, None]
    determinant = g_cc * g_ss - g_cs**2
    first = (g_ss * b_cos - g_cs * b_sin) / determinant
    second = (g_cc * b_sin - g_cs * b_cos) / determinant
    gain = first * b_cos + second * b_sin
    error = np.sqrt((g_cc + g_ss) / (2 * determinant))
    return gain, np.zeros_like(gain), np.hypot(first, second), error, gain


def _turning(
    waves: np.ndarray, there: np.ndarray, inverse: np.ndarray, ones: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The same of exp(+-2 pi i f t) in complex curves, of the sense of larger z; z of the other."""
    weight = inverse @ ones**2
    mean = (inverse * there) @ ones / weight
    of_mean = (inverse * ones) @ waves.T
    g = inverse @ (np.abs(waves) ** 2).T - np.abs(of_mean) ** 2 / weight[:, None]
    gains, amplitudes = [], []
    for sign in (1, -1):
        wave, in_mean = (waves, of_mean) if sign == 1 else (waves.conj(), of_mean.conj())
        b = (inverse * there) @ wave.conj().T - in_mean.conj() * mean[:, None]
        gains.append(np.abs(b) ** 2 / g)
        amplitudes.append(np.abs(b) / g)
    forward = gains[0] >= gains[1]
    gain, amplitude = (np.where(forward, *pair) for pair in (gains, amplitudes))
    return gain, np.where(forward, 1, -1), amplitude, 1 / np.sqrt(g), np.minimum(*gains)


def find_period(
    search: Search,
    value: np.ndarray,
    law: PowerLaw,
    random: np.random.Generator,
    simulations: int = SIMULATIONS,
) -> Period | None:
    """The strongest period of a curve, with its false-alarm probability; None if nothing varies.

    Parameters
    ----------
    value : (n,), of the search's window
    law : what fits it best
    """
    if not law.detected or not len(search.frequency):
        return None
    period = search.strongest(value, law.best)
    greatest = chance(search, law, random, simulations)
    alarm = (1 + np.sum(greatest >= period.gain)) / (1 + simulations)
    return Period(**{**vars(period), "false_alarm": float(alarm)})


def chance(
    search: Search, law: PowerLaw, random: np.random.Generator, simulations: int
) -> np.ndarray:
    """The greatest z that red noise alone makes, ``(simulations,)``."""
    slopes, amplitudes = draw(law.posterior, simulations, random)
    parts = 2 if search.rotating else 1
    drawn = search.window.simulate(slopes, amplitudes, random, parts)
    greatest = []
    for start in range(0, simulations, BATCH):
        part = drawn[start : start + BATCH]
        greatest.append(search.gains(part, search.window.fit(part).best).max(axis=1))
    return np.concatenate(greatest)
