r"""A process seen through white noise: its scales by marginal likelihood, and its posterior.

Values y(t) = m + x(t) + n(t), with x a Gaussian process whose covariance is, with
d = |t - t'| / tau, that of a smooth or of a rough process (Matern 3/2 and 1/2, the latter a damped
random walk), whichever is likelier::

    k(t, t') = a^2 (1 + sqrt(3) d) exp(-sqrt(3) d)   or   a^2 exp(-d),   0 between segments

and n independent noise of standard deviation f s(t), where s are the quoted errors. Amplitude a,
timescale tau and noise factor f maximise the marginal likelihood, with the mean m at its
generalised least-squares value (Rasmussen & Williams 2006, sections 2.7 and 5.4). Segments, such as
scans, share a, tau, f and m, and are independent otherwise. celerite2 computes this (Foreman-Mackey
et al. 2017, AJ 154, 220): the likelihood, and the posterior at the times of the data, take a time
linear in the number of values, the variance of the posterior at other times a quadratic one. Where
the value has to be constant within each segment, tau is far longer than the data.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from celerite2 import terms
from scipy.optimize import minimize

from minispiral.gains.factored import Factored
from minispiral.measures.scatter import OUTLIER

# in timescales: far enough for no covariance at all to be left between segments
SEGMENT_DISTANCE = 1e3
# weak log-normal priors that keep the scales finite where the data say nothing of them:
# amplitude about the scatter, timescale about the square root of its bounds, noise about 1
PRIOR_WIDTHS = np.array([2.0, 2.0, 0.5])
CONSTANT = 1e6  # timescale of what is constant, in units of the time covered
LONGEST = 10.0  # timescale, in units of the time covered
SHORTEST = 5.0  # timescale, in steps: a shorter process looks like noise
SMOOTH, ROUGH = 1.5, 0.5  # orders of the Matern covariance
BLOCK = 512  # times predicted at once, to bound the memory
SAME_TIME = 4e-6  # s, by which times differ that are one: a double at MJD seconds has steps of 1e-6
SIMPLEX = 0.5  # size of the first simplex, in logarithms
STARTS = (0.02, 0.3)  # of the timescale, in units of the time covered
PARAMETERS = 4  # of a process: amplitude, timescale, noise factor, mean
MAX_ROUNDS = 10


@dataclass(frozen=True)
class Series:
    """Values in order of time, s: `value`, its `error`, and its `segment`, ascending."""

    time: np.ndarray
    value: np.ndarray
    error: np.ndarray
    segment: np.ndarray

    @classmethod
    def unbroken(cls, time: np.ndarray, value: np.ndarray, error: np.ndarray) -> "Series":
        """Values that are all of one segment."""
        return cls(time, value, error, np.zeros(len(time), int))

    def __len__(self) -> int:
        """Number of values."""
        return len(self.time)

    def at(self, rows: np.ndarray) -> "Series":
        """The chosen ones."""
        return Series(self.time[rows], self.value[rows], self.error[rows], self.segment[rows])


@dataclass(frozen=True)
class Posterior:
    """What the process is known to be at some times, ``(n,)`` each.

    `mean` and its `variance`; and `deviation`, the variance of the same less the average over the
    data, which leaves out an error that is common to all.
    """

    mean: np.ndarray
    variance: np.ndarray
    deviation: np.ndarray

    def at(self, rows: np.ndarray) -> "Posterior":
        """The chosen ones."""
        return Posterior(self.mean[rows], self.variance[rows], self.deviation[rows])


@dataclass(frozen=True)
class Sums:
    """What is known of m weighted sums of a process.

    `covariance` ``(m, m)`` of their errors, and `response` ``(m, n_data)``, by how much each rises
    with each value of the data.
    """

    covariance: np.ndarray
    response: np.ndarray


@dataclass(frozen=True)
class Process:
    """A process with its scales: `amplitude`, `timescale` (s), `noise` factor, and its data.

    `smoothness` is 3/2 or 1/2, the order of its Matern covariance.
    """

    amplitude: float
    timescale: float
    noise: float
    data: Series
    smoothness: float = 1.5

    @cached_property
    def log_likelihood(self) -> float:
        """Logarithm of the marginal likelihood of the data."""
        one, cross, squares = self._products
        misfit = squares - cross**2 / one
        norm = len(self.data) * np.log(2 * np.pi)
        return float(-(misfit + self._factored.log_determinant + norm) / 2)

    @property
    def evidence(self) -> float:
        """Logarithm of the evidence, by the Bayesian information criterion (Schwarz 1978)."""
        return self.log_likelihood - PARAMETERS / 2 * float(np.log(len(self.data)))

    @cached_property
    def mean(self) -> float:
        """Generalised least-squares mean of the data."""
        one, cross, _ = self._products
        return float(self.data.value.mean() + cross / one)

    @cached_property
    def _products(self) -> tuple[float, float, float]:
        """1 A^-1 1, 1 A^-1 y and y A^-1 y, with y the data less their plain mean."""
        value = self.data.value - self.data.value.mean()
        one, scaled = self._factored.forward([np.ones(len(value)), value]).T
        return float(one @ one), float(one @ scaled), float(scaled @ scaled)

    def predict(self, time: np.ndarray, segment: np.ndarray) -> Posterior:
        """The process, mean included, at any times of any segments.

        With A the covariance of the data, k that with x(t), h = A^-1 k and 1 a vector of ones, the
        mean is m + h (y - m), and the covariance of its errors at two times
        k(t, t') - h(t) k(t') + (1 - h(t) 1) (1 - h(t') 1) / (1 A^-1 1).
        """
        place = np.minimum(np.searchsorted(self.data.time, time - SAME_TIME), len(self.data) - 1)
        known = np.abs(self.data.time[place] - time) <= SAME_TIME
        known &= self.data.segment[place] == segment
        posterior = np.empty((3, len(time)))
        if known.any():
            posterior[:, known] = self._posterior_at_data[:, place[known]]
        others = np.flatnonzero(~known)
        places = self._place(time[others], segment[others])
        for start in range(0, len(others), BLOCK):
            part = slice(start, start + BLOCK)
            posterior[:, others[part]] = self._predict(places[part])
        return Posterior(*posterior)

    @cached_property
    def _posterior_at_data(self) -> np.ndarray:
        """Mean, variance and deviation at the data, as in `predict`: ``(3, n)``.

        There k = A e - N e with e a unit vector, so that h = e - N A^-1 e: all that is needed is
        A^-1 of some vectors, and its diagonal.
        """
        noise = (self.noise * self.data.error) ** 2
        average, h_average, total = self._averages
        inverse_of_one = self._factored.solve(np.ones(len(noise)))
        remainder, remainder_average = noise * inverse_of_one, 1 - h_average.sum()
        variance = noise - noise**2 * self._factored.inverse_diagonal() + remainder**2 / total
        with_average = noise * h_average + remainder * remainder_average / total
        of_average = average.mean() - average @ h_average + remainder_average**2 / total
        return np.stack(
            [
                self.at_data,
                np.maximum(variance, 0),
                np.maximum(variance - 2 * with_average + of_average, 0),
            ]
        )

    def _predict(self, places: np.ndarray) -> np.ndarray:
        k = self._covariance(places)
        h = self._factored.solve(k)
        remainder = 1 - h.sum(axis=0)
        average, h_average, total = self._averages
        remainder_average = 1 - h_average.sum()
        variance = self.amplitude**2 - np.einsum("ij,ij->j", k, h) + remainder**2 / total
        with_average = k.mean(axis=0) - average @ h + remainder * remainder_average / total
        of_average = average.mean() - average @ h_average + remainder_average**2 / total
        return np.stack(
            [
                self.mean + h.T @ (self.data.value - self.mean),
                np.maximum(variance, 0),
                np.maximum(variance - 2 * with_average + of_average, 0),
            ]
        )

    def of_sums(self, time: np.ndarray, segment: np.ndarray, weights: np.ndarray) -> Sums:
        """What is known of weighted sums of the process, mean included, at any times.

        As in `predict`, with K the covariance of x at these times, k that with the data, ``w`` the
        weights, H = w k A^-1 and r = w 1 - H 1: the covariance is w K w^T - H k^T w^T +
        r r^T / (1 A^-1 1), and the response H + r (1 A^-1) / (1 A^-1 1).

        Parameters
        ----------
        time, segment : (n,), each time's segment, both ascending
        weights : (m, n)
        """
        places, data_places = self._place(time, segment), self._data_places
        order = np.argsort(np.concatenate([data_places, places]), kind="stable")
        n_data, m = len(data_places), len(weights)
        ordered = np.concatenate([np.zeros((n_data, m)), weights.T])[order]
        every = np.concatenate([data_places, places])[order]
        product = np.empty_like(ordered)
        product[order] = self._kernel.dot(every, np.zeros(len(every)), ordered)
        with_data, prior = product[:n_data], weights @ product[n_data:]
        response = self._factored.solve(with_data)
        remainder = weights.sum(axis=1) - response.sum(axis=0)
        mean_response = self._factored.solve(np.ones(n_data))
        total = mean_response.sum()
        covariance = prior - with_data.T @ response + np.outer(remainder, remainder) / total
        return Sums(covariance, response.T + np.outer(remainder, mean_response / total))

    @cached_property
    def _averages(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Average of k over the data, and of h, ``(n,)`` each; and 1 A^-1 1."""
        places, ones = self._data_places, np.ones(len(self.data))
        average = self._kernel.dot(places, np.zeros(len(places)), ones) / len(places)
        return average, self._factored.solve(average), self._products[0]

    def _covariance(self, places: np.ndarray) -> np.ndarray:
        """Covariance of the process at the data's places with that at others, ``(n, m)``."""
        return self._kernel.get_value(self._data_places[:, None] - places)

    @property
    def at_data(self) -> np.ndarray:
        """The process, mean included, at the times of the data; quicker than `predict`."""
        noise = (self.noise * self.data.error) ** 2
        value: np.ndarray = self.data.value
        return value - noise * self._factored.solve(value - self.mean)

    def outliers(self) -> np.ndarray:
        """Whether each value is beyond `OUTLIER` of the process, ``(n,) bool``."""
        return np.abs(self.data.value - self.at_data) > OUTLIER * self.noise * self.data.error

    @property
    def _kernel(self) -> terms.Term:
        rough = self.smoothness == ROUGH
        return rough_kernel(self.amplitude) if rough else smooth_kernel(self.amplitude)

    @cached_property
    def _factored(self) -> Factored:
        noise = (self.noise * self.data.error) ** 2
        return Factored.of(self._kernel, self._data_places, noise)

    @cached_property
    def _data_places(self) -> np.ndarray:
        return self._place(self.data.time, self.data.segment)

    def _place(self, time: np.ndarray, segment: np.ndarray) -> np.ndarray:
        """Times in timescales, with segments far apart."""
        return (time - self.data.time[0]) / self.timescale + SEGMENT_DISTANCE * segment


def smooth_kernel(amplitude: float) -> terms.Term:
    """Kernel of a smooth process, of places in timescales: in others celerite2's is not that."""
    return terms.Matern32Term(sigma=amplitude, rho=1.0)


def rough_kernel(amplitude: float) -> terms.Term:
    """Kernel of a rough process, of places in timescales."""
    return terms.RealTerm(a=amplitude**2, c=1.0)


def fit_process(data: Series, noise: float | None = None, constant: bool = False) -> Process:
    """The process of the greatest marginal likelihood, with weak priors on its scales.

    Parameters
    ----------
    noise : the noise factor, where it is known
    constant : whether it is constant within each segment

    Raises
    ------
    ValueError
        If there are fewer than `PARAMETERS` values.
    """
    if len(data) < PARAMETERS:
        raise ValueError(f"{len(data)} values cannot determine {PARAMETERS} parameters")
    step = float(np.median(np.diff(data.time)))
    covered = max(float(np.ptp(data.time)), 10 * step)
    if constant:
        return _fit_constant(data, noise, CONSTANT * covered)
    scatter = max(float(np.std(data.value)), float(np.median(data.error)))
    bounds = np.log([SHORTEST * step, LONGEST * covered])
    centre = np.array([np.log(scatter), bounds.mean(), 0.0])
    free = 2 if noise is not None else 3

    def process(scales: np.ndarray, smoothness: float) -> Process:
        amplitude, timescale = np.exp(scales[:2])
        factor = float(np.exp(scales[2])) if noise is None else noise
        return Process(float(amplitude), float(timescale), factor, data, smoothness)

    def loss(scales: np.ndarray, smoothness: float) -> float:
        if not bounds[0] <= scales[1] <= bounds[1]:
            return np.inf
        prior = np.sum(((scales - centre[:free]) / PRIOR_WIDTHS[:free]) ** 2) / 2
        try:
            return prior - process(scales, smoothness).log_likelihood
        except np.linalg.LinAlgError:  # not positive definite to rounding
            return np.inf

    candidates = []
    for smoothness in (SMOOTH, ROUGH):
        for share in STARTS:
            timescale = np.clip(np.log(covered * share), *bounds)
            start = np.array([centre[0], timescale, 0.0])[:free]
            corners = np.vstack([start, start + SIMPLEX * np.eye(free)])
            result = minimize(
                loss,
                start,
                (smoothness,),
                method="Nelder-Mead",
                options={"initial_simplex": corners, "xatol": 1e-3, "fatol": 1e-3},
            )
            candidates.append((result.fun, process(result.x, smoothness)))
    return min(candidates, key=lambda candidate: candidate[0])[1]


def _fit_constant(data: Series, noise: float | None, timescale: float) -> Process:
    """A process that is constant within each segment: its amplitude, and its noise if not known."""
    scatter = max(float(np.std(data.value)), float(np.median(data.error)))
    centre = np.array([np.log(scatter), 0.0])
    free = 1 if noise is not None else 2
    widths = PRIOR_WIDTHS[[0, 2]][:free]

    def process(scales: np.ndarray) -> Process:
        factor = float(np.exp(scales[1])) if noise is None else noise
        return Process(float(np.exp(scales[0])), timescale, factor, data, ROUGH)

    def loss(scales: np.ndarray) -> float:
        prior = np.sum(((scales - centre[:free]) / widths) ** 2) / 2
        try:
            return float(prior - process(scales).log_likelihood)
        except np.linalg.LinAlgError:
            return np.inf

    start = centre[:free]
    corners = np.vstack([start, start + SIMPLEX * np.eye(free)])
    result = minimize(
        loss,
        start,
        method="Nelder-Mead",
        options={"initial_simplex": corners, "xatol": 1e-3, "fatol": 1e-3},
    )
    return process(result.x)


def fit_without_outliers(data: Series) -> tuple[Process, np.ndarray]:
    """Fit a process, and say which values are no outliers of it, ``(n,) bool``."""
    kept = np.ones(len(data), bool)
    process = fit_process(data)
    for _ in range(MAX_ROUNDS):
        outliers = process.outliers()
        if not outliers.any():
            break
        kept[np.flatnonzero(kept)[outliers]] = False
        process = fit_process(data.at(kept))
    return process, kept


def constant_evidence(data: Series, constant: float | None = None) -> float:
    """Logarithm of the evidence that the values are a constant and noise f s, as in `Process`.

    Parameters
    ----------
    constant : where it is known; a parameter otherwise
    """
    weight, parameters = data.error**-2, 1
    if constant is None:
        constant, parameters = np.sum(weight * data.value) / np.sum(weight), 2
    residual = data.value - constant
    n = len(data)
    variance = np.mean(weight * residual**2)
    likelihood = -n / 2 * np.log(2 * np.pi * variance) - n / 2 - np.sum(np.log(data.error))
    return float(likelihood - parameters / 2 * np.log(n))
