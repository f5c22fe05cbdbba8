r"""Between spws: lags, and how the spectrum and the rotation measure go with flux and time.

What spws share, above all the source's flux and what drifts in all of them, drops out of a
difference. With y_k = ln I_k, x the common curve of all spws, and e noise, ::

    y_2(t) - y_1(t) = a + k x(t) - l x'(t) + e(t)

l is the lag of spw 2 behind spw 1, positive if it is later, and k by how much more it varies. For x
the expectation of the mean over spws is taken, given its power law and the errors
(`minispiral.science.power_law`): with it the noise of x makes k and l no smaller. e is white noise
of both, and a damped random walk of whatever amplitude and timescale the residuals ask for:
antennas that err otherwise in one spw than another make it, and it is in the errors (generalised
least squares). In the same way the spectral index, of a line through ln I against ln nu, ::

    alpha(t) = alpha_0 + kappa (I(t) / <I> - 1) + e(t)

and the rotation measure, through EVPA against lambda^2, of which a slope in time is fitted, and
the deviation of e is how much it varies. Offsets that each spw has for the whole track, of its flux
scale or its feeds, move alpha_0 or the mean RM, and none of the rest.
"""

from dataclasses import dataclass

import celerite2
import numpy as np
from celerite2 import terms
from celerite2.driver import LinAlgError
from scipy.optimize import minimize

from minispiral.science.power_law import AMPLITUDES, PowerLaw, Window, covariance

PRIOR_WIDTH = 2.0  # of the logarithms of the residual process's scales, about what residuals show
FINE = 8
SHORTEST = 2.0  # its timescale, in bins


@dataclass(frozen=True)
class Regression:
    """Coefficients ``(p,)`` of a regression, their `errors`, and the residuals' process.

    `deviation` of it and `deviation_high`, below which it lies with a probability of 95 %.
    """

    coefficients: np.ndarray
    errors: np.ndarray
    deviation: float
    deviation_high: float


@dataclass(frozen=True)
class Generalised:
    """Generalised least squares: `coefficients` ``(p,)``, their `covariance`, and how likely.

    `log_likelihood` of the values with these coefficients, and `log_determinant` of the normal
    matrix, half of which is what the average over the coefficients takes off.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    log_determinant: float


def generalised(
    time: np.ndarray,
    value: np.ndarray,
    error: np.ndarray,
    columns: np.ndarray,
    deviation: float,
    timescale: float,
) -> Generalised:
    """Fit columns ``(n, p)`` to values with white noise and a damped random walk that is known.

    Raises
    ------
    celerite2.driver.LinAlgError
        If the covariance is not positive definite to rounding.
    """
    solver = celerite2.GaussianProcess(terms.RealTerm(a=deviation**2, c=1 / timescale))
    solver.compute(time, diag=error**2)
    whitened = solver.apply_inverse(columns)
    normal = columns.T @ whitened
    covariance = np.linalg.inv(normal)
    fitted = covariance @ whitened.T @ value
    likelihood = float(solver.log_likelihood(value - columns @ fitted))
    return Generalised(fitted, covariance, likelihood, float(np.linalg.slogdet(normal)[1]))


def residual_scatter(value: np.ndarray, error: np.ndarray, columns: np.ndarray) -> float:
    """Scatter that columns fitted with the errors as weights leave: above 0."""
    rough = np.linalg.lstsq(columns / error[:, None], value / error, rcond=None)[0]
    residual = value - columns @ rough
    return float(np.sqrt(max(np.average(residual**2, weights=error**-2), 1e-30)))


def regress(
    time: np.ndarray, value: np.ndarray, error: np.ndarray, columns: np.ndarray
) -> Regression:
    """Fit columns ``(n, p)`` to values whose residuals are white noise and a damped random walk.

    Parameters
    ----------
    time : (n,), s, ascending
    value, error : (n,), with the white noise
    """
    step, covered = float(np.median(np.diff(time))), float(np.ptp(time))
    scatter = residual_scatter(value, error, columns)
    centre = np.log([scatter, np.sqrt(SHORTEST * step * covered)])

    def solved(scales: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Loss, coefficients and their covariance for a deviation and timescale (logarithms)."""
        found = generalised(time, value, error, columns, *np.exp(scales))
        prior = np.sum(((scales - centre) / PRIOR_WIDTH) ** 2) / 2
        loss = prior - found.log_likelihood + found.log_determinant / 2
        return loss, found.coefficients, found.covariance

    def loss(scales: np.ndarray) -> float:
        try:
            return float(solved(scales)[0])
        except LinAlgError:  # not positive definite to rounding
            return np.inf

    times = np.log([SHORTEST * step, 10 * covered])
    bounds = [(centre[0] - 12, centre[0] + 2), (float(times[0]), float(times[1]))]
    starts = [centre, centre - [4.0, 0.0]]
    results = [minimize(loss, start, method="Nelder-Mead", bounds=bounds) for start in starts]
    best = min(results, key=lambda result: result.fun)
    _, fitted, normal = solved(best.x)
    # the deviation's posterior at the best timescale
    grid = np.linspace(centre[0] - 8, centre[0] + 2, 60)
    losses = np.array([loss(np.array([s, best.x[1]])) for s in grid])
    mass = np.cumsum(np.exp(losses.min() - losses))
    high = float(np.exp(np.interp(0.95, mass / mass[-1], grid)))
    errors = np.sqrt(np.diag(normal))
    return Regression(fitted, errors, float(np.exp(best.x[0])), high)


@dataclass(frozen=True)
class Common:
    """The curve that all spws share: expected `value` and `slope` (1/s) in each bin, ``(n,)``."""

    value: np.ndarray
    slope: np.ndarray


def common_curve(window: Window, law: PowerLaw) -> Common:
    """What the mean over spws is expected to be, given its power law and its errors.

    The slope is that of the expectation between 1 / `FINE` of a bin earlier and later: red noise is
    rough, and changes by more in short times than a line through bins would.
    """
    series = window.series
    slope, amplitude = window.slopes[law.best[0]], AMPLITUDES[law.best[1]]
    place = FINE * (series.place - series.place[0])
    step = series.interval / FINE
    kernel = amplitude * covariance(slope, int(place[-1]) + 2, step, series.interval)
    lag = np.abs(place[:, None] - place)
    total = kernel[lag] + series.noise_covariance()
    ones = np.ones(len(place))
    inverse = np.linalg.solve(total, np.stack([series.value, ones], axis=1))
    mean = inverse[:, 0].sum() / inverse[:, 1].sum()
    weighted = inverse[:, 0] - mean * inverse[:, 1]
    later, earlier = (kernel[np.abs(place[:, None] + s - place)] @ weighted for s in (1, -1))
    return Common(mean + kernel[lag] @ weighted, (later - earlier) / (2 * step))


@dataclass(frozen=True)
class Lag:
    """Lag of a second spw behind a first, s; by how much more it varies; each with its error."""

    lag: float
    lag_err: float
    excess: float
    excess_err: float


def lag_between(
    time: np.ndarray,
    first: tuple[np.ndarray, np.ndarray],
    second: tuple[np.ndarray, np.ndarray],
    common: Common,
) -> Lag:
    """Lag of the second of two curves behind the first.

    Parameters
    ----------
    first, second : values over their mean and white errors ``(n,)``, NaN where there are none
    common : the curve that both share
    """
    logs = [np.log(value) for value, _ in (first, second)]
    error = np.hypot(first[1] / first[0], second[1] / second[0])
    difference = logs[1] - logs[0]
    known = np.isfinite(difference + error)
    relative = common.slope / common.value
    columns = np.stack([np.ones(len(time)), np.log(common.value), -relative], axis=1)
    found = regress(time[known], difference[known], error[known], columns[known])
    return Lag(
        float(found.coefficients[2]),
        float(found.errors[2]),
        float(found.coefficients[1]),
        float(found.errors[1]),
    )
