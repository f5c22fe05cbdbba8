r"""The power law of a light curve's power spectrum, by the likelihood of what the window shows.

The flux over its mean is a Gaussian process of the one-sided power spectral density, 1/Hz, ::

    P(f) = A (f / f_1)^-b        for f >= 1 / (16 T),  f_1 = 1 / hour

with T the time that the series covers, averaged over bins of a length D (a factor sinc^2(f D)). Its
covariance at the times that there are, plus that of the errors (`minispiral.science.series`), is C.
With a mean of which nothing is known, the marginal likelihood is ::

    ln L(b, A) = -1/2 [ln |C| + ln (1 C^-1 1) + y C^-1 y - (1 C^-1 y)^2 / (1 C^-1 1)]

Gaps, the length of the track and errors that neighbours share are all in C: no leakage has to be
corrected for. In the basis in which both covariances are diagonal, ``K v = l N v``, an amplitude
costs a sum over l, so that the likelihood is had on a grid of slopes and amplitudes, and thousands
of simulated curves of the same window can be fitted as the one that was measured (Uttley et al.
2002, MNRAS 332, 231, compare periodograms of such simulations; the likelihood uses all that these
do). Priors are flat in b and in ln A.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cholesky, eigh, solve_triangular

from minispiral.science.series import Series

HOUR = 3600.0
REFERENCE = 1 / HOUR  # f_1, Hz
SLOPES = np.round(np.arange(-1.0, 5.01, 0.05), 2)
AMPLITUDES = np.exp(np.arange(-30.0, 12.0, 0.2))  # A, 1/Hz
LONGEST = 16  # 1 / (the lowest frequency), in units of the time covered
HIGHEST = 4  # the highest frequency, in units of 1 / bin
ONE_SIGMA = (0.158655, 0.5, 0.841345)
NAN = float("nan")
DETECTED = 9.2  # twice the gain in ln L over noise alone, that chance exceeds in 1 of 100 cases


def covariance(
    slope: float, number: int, interval: float, width: float | None = None
) -> np.ndarray:
    """Covariance of bins at lags of 0 to number - 1 intervals, ``(number,)``, for A = 1/Hz.

    `width` of the bins, s, where it is not the interval.
    """
    width = width or interval
    period = LONGEST * number  # of the lowest frequency, in bins
    frequency = np.arange(1, HIGHEST * period + 1) / (period * interval)
    power = (frequency / REFERENCE) ** -slope * np.sinc(frequency * width) ** 2
    # frequencies beyond the bins' own add to those that they look like at the bins
    folded = np.bincount(np.arange(1, len(power) + 1) % period, power, period)
    return np.fft.fft(folded).real[:number] / (period * interval)


@dataclass(frozen=True)
class Basis:
    """Of one slope: eigenvalues ``(n,)``, and what takes values there, ``(n, n)``."""

    eigenvalues: np.ndarray
    transform: np.ndarray
    ones: np.ndarray


@dataclass(frozen=True)
class Fits:
    """Posterior over slopes and amplitudes of m series, ``(m, n_slope, n_amplitude)``, ln L."""

    log_likelihood: np.ndarray
    noise_only: np.ndarray

    @cached_property
    def best(self) -> np.ndarray:
        """Places of the most likely slope and amplitude, ``(m, 2)``."""
        m, _, amplitudes = self.log_likelihood.shape
        flat = self.log_likelihood.reshape(m, -1).argmax(axis=1)
        return np.stack(np.divmod(flat, amplitudes), axis=1)

    @property
    def detection(self) -> np.ndarray:
        """Twice the gain in ln L of any power law over noise alone, ``(m,)``."""
        return 2 * (self.log_likelihood.max(axis=(1, 2)) - self.noise_only)


class Window:
    """A series' window and errors, with the basis of each slope: made once, for many values."""

    def __init__(self, series: Series, slopes: np.ndarray = SLOPES) -> None:
        """Take the window and the errors of a series; its values do not matter."""
        self.series, self.slopes = series, slopes
        factor = cholesky(series.noise_covariance(), lower=True)
        place = series.place - series.place[0]
        lag = np.abs(place[:, None] - place)
        self._factor = factor
        self.bases = [
            self._basis(covariance(b, place[-1] + 1, series.interval)[lag]) for b in slopes
        ]

    def _basis(self, kernel: np.ndarray) -> Basis:
        half = solve_triangular(self._factor, kernel, lower=True)
        whitened = solve_triangular(self._factor, half.T, lower=True)
        values, vectors = eigh((whitened + whitened.T) / 2)
        transform = solve_triangular(self._factor.T, vectors, lower=False).T
        return Basis(np.maximum(values, 0), transform, transform.sum(axis=1))

    @cached_property
    def _log_noise(self) -> float:
        return float(2 * np.sum(np.log(np.diag(self._factor))))

    def fit(self, values: np.ndarray) -> Fits:
        """Fit curves of this window, ``(m, n)``; complex ones are two that share slope and A."""
        values = np.atleast_2d(values)
        parts = 2 if np.iscomplexobj(values) else 1
        result = np.empty((len(values), len(self.slopes), len(AMPLITUDES)))
        for k, basis in enumerate(self.bases):
            inverse = 1 / (1 + basis.eigenvalues[:, None] * AMPLITUDES)
            result[:, k] = self._log_likelihood(values, basis, inverse, parts)
        alone = np.ones((len(self.series), 1))
        noise = self._log_likelihood(values, self.bases[0], alone, parts)[:, 0]
        return Fits(result, noise)

    def _log_likelihood(
        self, values: np.ndarray, basis: Basis, inverse: np.ndarray, parts: int
    ) -> np.ndarray:
        """Ln L of curves ``(m, n)`` for each column of ``1 / (1 + A l)``, ``(n, k)``: (m, k)."""
        there = values @ basis.transform.T
        weight = basis.ones**2 @ inverse
        squares = np.abs(there) ** 2 @ inverse
        mean = (there * basis.ones) @ inverse
        chi2 = squares - np.abs(mean) ** 2 / weight
        determinant = self._log_noise - np.sum(np.log(inverse), axis=0) + np.log(weight)
        return -(chi2 + parts * determinant) / 2

    def simulate(
        self,
        slopes: np.ndarray,
        amplitudes: np.ndarray,
        random: np.random.Generator,
        parts: int = 1,
    ) -> np.ndarray:
        """Draw curves of this window with errors, ``(m, n)``, mean 0; complex of two `parts`.

        Parameters
        ----------
        slopes : (m,) int, places in the window's slopes
        amplitudes : (m,), A, 1/Hz
        """
        n = len(self.series)
        drawn = np.empty((len(slopes), n), complex if parts == 2 else float)
        for k in np.unique(slopes):
            rows = np.flatnonzero(slopes == k)
            basis = self.bases[k]
            normal = random.normal(size=(parts, len(rows), n))
            white = normal[0] + 1j * normal[1] if parts == 2 else normal[0]
            scaled = white * np.sqrt(1 + amplitudes[rows, None] * basis.eigenvalues)
            # the transform T has T N T^t = 1, so that T^-1 is N T^t
            drawn[rows] = scaled @ (basis.transform @ self._factor) @ self._factor.T
        return drawn


@dataclass(frozen=True)
class PowerLaw:
    """A power law as found: `slope` and its 68 % credible interval; `amplitude` (1/Hz), the same.

    `detected`, whether the curve varies by more than its errors: if not, there is no slope, and
    `amplitude` is NaN but for its upper end, a limit of 95 %. `best` are places in the grids.
    """

    slope: float
    slope_low: float
    slope_high: float
    amplitude: float
    amplitude_low: float
    amplitude_high: float
    detected: bool
    best: tuple[int, int]
    posterior: np.ndarray


def power_law(log_likelihood: np.ndarray, noise_only: float, slopes: np.ndarray) -> PowerLaw:
    """What a likelihood says, ``(n_slope, n_amplitude)``: of a track, or the sum of several."""
    posterior = np.exp(log_likelihood - log_likelihood.max())
    posterior /= posterior.sum()
    place = np.unravel_index(int(posterior.argmax()), posterior.shape)
    best = (int(place[0]), int(place[1]))
    logs = np.log(AMPLITUDES)
    if 2 * (log_likelihood.max() - noise_only) < DETECTED:
        limit = float(np.exp(quantiles(logs, posterior.sum(axis=0), (0.95,))[0]))
        return PowerLaw(NAN, NAN, NAN, NAN, NAN, limit, False, best, posterior)
    low, middle, high = quantiles(slopes, posterior.sum(axis=1), ONE_SIGMA)
    faint, typical, strong = np.exp(quantiles(logs, posterior.sum(axis=0), ONE_SIGMA))
    slope = float(middle), float(low), float(high)
    amplitude = float(typical), float(faint), float(strong)
    return PowerLaw(*slope, *amplitude, True, best, posterior)


def quantiles(grid: np.ndarray, mass: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Quantiles of a distribution whose `mass` lies in even cells about the points of a grid."""
    step = np.diff(grid).mean()
    edges = np.append(grid - step / 2, grid[-1] + step / 2)
    below = np.concatenate([[0.0], np.cumsum(mass) / np.sum(mass)])
    return np.interp(levels, below, edges)


def draw(posterior: np.ndarray, number: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Draw slopes (places in their grid) and amplitudes from a posterior."""
    flat = random.choice(posterior.size, number, p=posterior.ravel())
    slopes, places = np.unravel_index(flat, posterior.shape)
    return slopes, AMPLITUDES[places]
