r"""The power spectrum of a light curve: what its window makes of it is simulated, and taken out.

At the frequencies k / T, with T the time covered and h a Hann taper over it, the periodogram of a
series y about its weighted mean is, one-sided and in 1/Hz, ::

    p(f) = 2 D |sum_j h_j y_j exp(-2 pi i f t_j)|^2 / sum_j h_j^2       D, length of a bin

averaged over bins of log f. Curves simulated from the power law that fits best
(`minispiral.science.power_law`), through the same window and with errors of the same covariance,
have the mean <p> with errors and <p_n> from errors alone. The estimate of the power is ::

    P = P_model (p - <p_n>) / (<p> - <p_n>)

so that leakage, gaps and aliasing are taken out as far as the model is like the source. Its error
is the spread of p / <p> over the simulations. How well the law describes the curve is told by the
sum over bins of (ln p - <ln p>)^2 / var(ln p): the share of simulations, each compared in the same
way, with a larger one is `p_value` (Uttley et al. 2002, MNRAS 332, 231).
"""

from dataclasses import dataclass

import numpy as np

from minispiral.science.power_law import (
    AMPLITUDES,
    ONE_SIGMA,
    REFERENCE,
    PowerLaw,
    Window,
    draw,
)
from minispiral.science.series import Series

SIMULATIONS = 400
BINS_PER_DECADE = 8


@dataclass(frozen=True)
class Spectrum:
    """Power in bins of frequency, ``(m,)`` each: Hz and 1/Hz.

    `frequency`, its bin from `lowest` to `highest` with so many `number` of frequencies; `power`
    and its 68 % interval `low` to `high`; the `model` and the level of the errors, `noise`.
    """

    frequency: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    number: np.ndarray
    power: np.ndarray
    low: np.ndarray
    high: np.ndarray
    model: np.ndarray
    noise: np.ndarray
    p_value: float


class Periodogram:
    """Periodograms of curves of one window, averaged over bins of frequency."""

    def __init__(self, series: Series) -> None:
        """Take the window of a series."""
        bins = int(series.place[-1] - series.place[0]) + 1
        number = np.arange(1, bins // 2 + 1)
        self._frequencies = number / series.covered
        edges = np.unique(
            np.rint(10 ** (np.arange(0, np.log10(number[-1]) + 1, 1 / BINS_PER_DECADE))).astype(int)
        )
        self._label = np.searchsorted(edges, number, side="right") - 1
        _, self._label, self.number = np.unique(
            self._label, return_inverse=True, return_counts=True
        )
        place = series.place - series.place[0] + 0.5
        self._taper = np.sin(np.pi * place / bins) ** 2
        phase = np.outer(place * series.interval, self._frequencies)
        self._waves = np.exp(-2j * np.pi * phase) * self._taper[:, None]
        self._scale = 2 * series.interval / np.sum(self._taper**2)
        self.frequency = np.exp(self._average(np.log(self._frequencies)))
        half = 0.5 / series.covered
        first = np.searchsorted(self._label, np.arange(len(self.number)))
        self.lowest = self._frequencies[first] - half
        self.highest = self._frequencies[first + self.number - 1] + half

    def of(self, values: np.ndarray) -> np.ndarray:
        """Averaged periodogram of each curve, ``(m, n_bin)`` from ``(m, n)``."""
        values = np.atleast_2d(values)
        mean = values @ self._taper / self._taper.sum()
        return self._average(self._scale * np.abs((values - mean[:, None]) @ self._waves) ** 2)

    def _average(self, values: np.ndarray) -> np.ndarray:
        first = np.searchsorted(self._label, np.arange(len(self.number)))
        return np.add.reduceat(values, first, axis=-1) / self.number


def spectrum(
    window: Window, law: PowerLaw, random: np.random.Generator, simulations: int = SIMULATIONS
) -> Spectrum:
    """Estimate the power spectrum of the window's series; `law` is what fits it, detected or not.

    Without a detection the power is not known, and `high` is where 95 % of what chance leaves lies.
    """
    series = window.series
    periodogram = Periodogram(series)
    seen = periodogram.of(series.value)[0]
    slope, place = law.best
    zero = np.zeros(simulations)
    noise = periodogram.of(window.simulate(zero.astype(int), zero, random))
    level = noise.mean(axis=0)
    nothing = np.full(len(seen), np.nan)
    frequencies = (periodogram.frequency, periodogram.lowest, periodogram.highest)
    if not law.detected:
        high = np.quantile(noise, 0.95, axis=0)
        p_value = _p_value(seen, noise)
        values = (nothing, nothing, high, nothing, level)
        return Spectrum(*frequencies, periodogram.number, *values, p_value)
    amplitude = AMPLITUDES[place]
    same = np.full(simulations, amplitude)
    drawn = periodogram.of(window.simulate(np.full(simulations, slope), same, random))
    expected = drawn.mean(axis=0)
    model = amplitude * (periodogram.frequency / REFERENCE) ** -window.slopes[slope]
    response = model / np.maximum(expected - level, 1e-3 * expected)
    spread = np.quantile(drawn / expected, ONE_SIGMA, axis=0)
    low, high = ((seen / spread[k] - level) * response for k in (2, 0))
    # the law is not known exactly: what it may be is in what the simulations are compared with
    slopes, amplitudes = draw(law.posterior, simulations, random)
    p_value = _p_value(seen, periodogram.of(window.simulate(slopes, amplitudes, random)))
    power = np.maximum((seen - level) * response, 0)
    values = (power, np.maximum(low, 0), np.maximum(high, 0), model, level)
    return Spectrum(*frequencies, periodogram.number, *values, p_value)


def _p_value(seen: np.ndarray, drawn: np.ndarray) -> float:
    """Share of drawn periodograms that are further from their mean than the one that was seen."""
    logs = np.log(drawn)
    mean, spread = logs.mean(axis=0), logs.std(axis=0)
    distance = np.sum(((logs - mean) / spread) ** 2, axis=1)
    own = float(np.sum(((np.log(seen) - mean) / spread) ** 2))
    return float((1 + np.sum(distance >= own)) / (1 + len(drawn)))
