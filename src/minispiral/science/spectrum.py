r"""The power spectrum of a light curve: what its window makes of it is simulated, and taken out.

With C the covariance of the series by the power law that fits best, that of its errors included
(`minispiral.science.power_law`), and that of a mean of which nothing is known, the periodogram at
the frequencies k / T, T being the time covered, is that of the series weighted by its inverse ::

    p(f) = |sum_j (C^-1 y)_j exp(-2 pi i f t_j)|^2

(Tegmark 1997, Phys. Rev. D 55, 5895: the quadratic estimator of most information). In C^-1 y red
noise is white, so that little of the power of one frequency leaks to another through gaps. It is
averaged over bins of log f. Curves simulated from that power law, through the same window and with
errors of the same covariance, have the mean <p> with errors and <p_n> from errors alone. The
estimate of the power is ::

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
    """Weighted periodograms of curves of one window, averaged over bins of frequency."""

    def __init__(self, window: Window, slope: int, amplitude: float) -> None:
        """Take a window, and the power law that curves are weighted by: slope's place, and A."""
        series = window.series
        bins = int(series.place[-1] - series.place[0]) + 1
        number = np.arange(1, bins // 2 + 1)
        frequencies = number / series.covered
        edges = np.rint(10 ** np.arange(0, np.log10(number[-1]) + 1, 1 / BINS_PER_DECADE))
        label = np.searchsorted(np.unique(edges), number, side="right")
        _, first, self.number = np.unique(label, return_index=True, return_counts=True)
        self._first = first
        basis = window.bases[slope]
        inverse = basis.transform.T @ (
            basis.transform / (1 + amplitude * basis.eigenvalues[:, None])
        )
        of_mean = inverse.sum(axis=1)
        inverse -= np.outer(of_mean, of_mean) / of_mean.sum()
        phase = np.outer(series.time - series.time[0], frequencies)
        self._waves = inverse @ np.exp(-2j * np.pi * phase)
        self.frequency = np.exp(self._average(np.log(frequencies)))
        half = 0.5 / series.covered
        self.lowest = frequencies[first] - half
        self.highest = frequencies[first + self.number - 1] + half

    def of(self, values: np.ndarray) -> np.ndarray:
        """Averaged periodogram of each curve, ``(m, n_bin)`` from ``(m, n)``."""
        return self._average(np.abs(np.atleast_2d(values) @ self._waves) ** 2)

    def _average(self, values: np.ndarray) -> np.ndarray:
        return np.add.reduceat(values, self._first, axis=-1) / self.number


def spectrum(
    window: Window, law: PowerLaw, random: np.random.Generator, simulations: int = SIMULATIONS
) -> Spectrum:
    """Estimate the power spectrum of the window's series; `law` is what fits it, detected or not.

    Without a detection no power is known, and the level of the errors alone is returned.
    """
    series = window.series
    slope, place = law.best
    amplitude = float(AMPLITUDES[place]) if law.detected else 0.0
    periodogram = Periodogram(window, slope, amplitude)
    seen = periodogram.of(series.value)[0]
    zero = np.zeros(simulations)
    noise = periodogram.of(window.simulate(zero.astype(int), zero, random))
    level = noise.mean(axis=0)
    nothing = np.full(len(seen), np.nan)
    frequencies = (periodogram.frequency, periodogram.lowest, periodogram.highest)
    if not law.detected:
        p_value = _p_value(seen, noise)
        values = (nothing, nothing, nothing, nothing, _level(series, periodogram.frequency))
        return Spectrum(*frequencies, periodogram.number, *values, p_value)
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
    values = (
        power,
        np.maximum(low, 0),
        np.maximum(high, 0),
        model,
        _level(series, periodogram.frequency),
    )
    return Spectrum(*frequencies, periodogram.number, *values, p_value)


def _level(series: Series, frequency: np.ndarray) -> np.ndarray:
    """One-sided power spectral density of the errors: white noise and what drifts, 1/Hz."""
    white = 2 * series.interval * float(np.mean(series.white**2))
    # of the smooth process (Rasmussen & Williams 2006, eq. 4.15, in one dimension)
    rate = np.sqrt(3) / series.drift_timescale
    drift = 8 * series.drift**2 * rate**3 / (rate**2 + (2 * np.pi * frequency) ** 2) ** 2
    return white + drift


def _p_value(seen: np.ndarray, drawn: np.ndarray) -> float:
    """Share of drawn periodograms that are further from their mean than the one that was seen."""
    logs = np.log(drawn)
    mean, spread = logs.mean(axis=0), logs.std(axis=0)
    distance = np.sum(((logs - mean) / spread) ** 2, axis=1)
    own = float(np.sum(((np.log(seen) - mean) / spread) ** 2))
    return float((1 + np.sum(distance >= own)) / (1 + len(drawn)))
