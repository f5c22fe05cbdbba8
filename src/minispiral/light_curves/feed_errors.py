r"""What of the polarisation comes of the feeds, not of the sky: floors of V and EVPA.

Calibration leaves errors in the feeds' frame, which turns by the parallactic angle psi; the light
curves are in the sky's. With P = (Q + iU) / I, v = V / I, and z = e^(2i psi), spw s has at time t,
of linear feeds and to first order (`minispiral.simulation.feeds`)::

    P_s(t) = r_s p(t) + c_s z(t)        c = (ratio of the hands - 1) + i Re(d_X + d_Y)
    v_s(t) = v(t) + k_s + Re[h_s P_s(t) / z(t)]       k = Im(d_X - d_Y)

with p what the sky does, alike in all spws but for the constants r (Faraday rotation). What turns
with z is separated from the sky's in two ways.

Between spws. Of the n_s spws, the part of c that is orthogonal to r, (1 - r r^H / n_s) c, is free
of p: it is the mean of (1 - r r^H / n_s) P / z. And r is the direction of P, z taken out: the
first eigenvector. The errors are those of a jackknife by `BLOCKS` of time.

In time. The part of c along r, a = r^H c / n_s, differs from p by its turning alone. The sky's
polarisation wanders by itself, its angle by far more than its modulus. So it is mostly the modulus
that shows it, if it is larger where the EVPA is at one angle to the feeds::

    |y(t)| = m + Re[a z y* / |y|] + Re[b y* / |y|] + w(t)        y = r^H P / sqrt(n_s)

with b what stands still in the sky, and w a damped random walk whose correlation time the data
choose, by generalised least squares; or y(t) = a z + b + w(t), if that has the smaller error. The
sky's polarisation may also come and go with a period, as no such walk does: the error is that of
least squares or of a jackknife by `PERIODS` of time, whichever is larger. On simulated tracks of
five hours a is known to 0.15 % of I, of an hour and a half to 0.3 %.

V. k does not turn, so that in one spw nothing separates it from the sky's V. D-terms are different
in each spw, and the sky's V is not: sum (mean v_s - mean)^2 is of k. And leakage has no preferred
phase, so that Im c has the variance of k: its sum (Im c_s - mean)^2 counts as well. A V that itself
depends on frequency is taken for leakage. h, a phase between the hands, is a regression. Of
circular feeds, both parts of c come of D-terms, and V of the ratio of the hands, which is alike in
all spws: nothing in the light curves shows it.

The floor of V / I is sqrt(variance of k + mean square of Re(h P / z)), that of EVPA is the rms of
Im(c z / P) / 2 in rad, over all spws and times. The variance of what was measured is taken off
each. Both are errors of single integrations and of means alike.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

TURN = 30.0  # deg, the least that feeds have to turn by (Hales 2017, AJ 154, 54)
BLOCKS = 8  # of time, of the jackknife
PERIODS = 5  # the same, for the comparison in time
FEWEST = 3 * BLOCKS  # means that a floor needs
SEEN = 3.0  # P over its noise, from which on it has an EVPA
#: Correlation times of the sky's polarisation that are tried, s.
TIMESCALES = np.array([1.0, *np.geomspace(300.0, 5 * 3600.0, 6)])


@dataclass(frozen=True)
class Floors:
    """Floors of V / I and of EVPA (deg) with errors; NaN where `remark` says why."""

    v: float = np.nan
    v_err: float = np.nan
    evpa: float = np.nan
    evpa_err: float = np.nan
    turn: float = np.nan
    """The angle by which the feeds turn, deg."""
    remark: str = ""


@dataclass(frozen=True)
class Polarization:
    """P and v of n_s spws at n times, ``(n_s, n)`` each, their errors (of Re and Im of P each)."""

    linear: np.ndarray
    linear_err: np.ndarray
    circular: np.ndarray
    circular_err: np.ndarray

    def at(self, rows: np.ndarray) -> "Polarization":
        """Some of the times."""
        return Polarization(
            self.linear[:, rows],
            self.linear_err[:, rows],
            self.circular[:, rows],
            self.circular_err[:, rows],
        )


def floors(times: np.ndarray, seen: Polarization, psi: np.ndarray, linear: bool) -> Floors:
    """Measure the floors.

    Parameters
    ----------
    times : (n,), s
    seen : at these times
    psi : (n,), rad
        Parallactic angle, without jumps.
    linear
        Whether the feeds are; circular ones else.
    """
    turn = float(np.degrees(np.ptp(psi))) if len(psi) else 0.0
    if turn < TURN:
        remark = f"the feeds turn by {turn:.0f} deg, and {TURN:g} deg are needed"
        return Floors(turn=turn, remark=remark)
    if len(times) < FEWEST:
        return Floors(turn=turn, remark="too few times at which all spws have Q, U and V")
    turning = _turning(times, seen, np.exp(2j * psi))
    evpa, evpa_err = map(float, np.degrees(_floor_of_evpa(seen, turning)))
    if not linear:
        remark = "V of circular feeds depends on the ratio of the hands, which no data show"
    elif len(seen.linear) < 2:
        remark = "leakage into V shows in the difference of spws, and there is only one spw"
    else:
        v, v_err = _floor_of_v(seen, turning)
        return Floors(v, v_err, evpa, evpa_err, turn)
    return Floors(evpa=evpa, evpa_err=evpa_err, turn=turn, remark=remark)


@dataclass(frozen=True)
class _Turning:
    """z; c of each spw, ``(n_s,)``; and the errors of its parts that are across r and along it."""

    z: np.ndarray
    r: np.ndarray
    c: np.ndarray
    across_err: np.ndarray
    along_err: float


def _turning(times: np.ndarray, seen: Polarization, z: np.ndarray) -> _Turning:
    """What turns with the feeds, from between spws and in time."""
    r = _direction(seen.linear, z)
    along, along_err = _in_time(times, seen, z, r)
    across, across_err = _jackknife(
        lambda rows: _between_spws(seen.linear[:, rows], z[rows]), len(z)
    )
    r = np.sqrt(len(r)) * r
    return _Turning(z, r, across + along * r, across_err, along_err)


def _between_spws(linear: np.ndarray, z: np.ndarray) -> np.ndarray:
    """The part of c that is orthogonal to r: ``(n_s,)`` complex."""
    turning, r = linear @ np.conj(z) / len(z), _direction(linear, z)
    return turning - r * (np.conj(r) @ turning)


def _direction(linear: np.ndarray, z: np.ndarray) -> np.ndarray:
    """R / sqrt(n_s), ``(n_s,)`` complex of length 1: the direction of P without what turns."""
    still = linear - (linear @ np.conj(z) / len(z))[:, np.newaxis] * z
    return np.asarray(np.linalg.eigh(still @ np.conj(still).T)[1][:, -1])


def _in_time(
    times: np.ndarray, seen: Polarization, z: np.ndarray, r: np.ndarray
) -> tuple[complex, float]:
    """The part of c along r, and the error of its real and imaginary part each.

    Of y(t) = r^H P(t) / sqrt(n_s), by its modulus, or by itself, which has the smaller error.
    """
    y = np.conj(r) @ seen.linear / np.sqrt(len(r))
    found = [(estimate, estimate(times, y, z)) for estimate in (_by_modulus, _by_itself)]
    estimate, (along, formal) = min(found, key=lambda pair: pair[1][1])
    _, scatter = _jackknife(
        lambda rows: np.array(estimate(times[rows], y[rows], z[rows])[0]), len(z), PERIODS
    )
    return along, max(formal, float(scatter))


def _by_modulus(times: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[complex, float]:
    """A and the larger of the errors of its two parts, by |y|."""
    along = np.conj(y) / np.maximum(np.abs(y), 1e-30)
    parts = [part for w in (z * along, along) for part in (w.real, -w.imag)]
    found, variance = _wandering(times, np.abs(y), np.stack([*parts, np.ones(len(z))], axis=1))
    return complex(found[0], found[1]), float(np.sqrt(max(variance[:2])))


def _by_itself(times: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[complex, float]:
    """A and the error of its parts, by y."""
    found, variance = _wandering(times, y, np.stack([z, np.ones(len(z))], axis=1))
    return complex(found[0]), float(np.sqrt(variance[0]))


def _wandering(
    times: np.ndarray, y: np.ndarray, design: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients, and variances of their parts, of what goes with a damped random walk.

    By generalised least squares of y = X b + w, the covariance of w being exp(-|dt| / T); averaged
    over `TIMESCALES` T by the restricted likelihood. Complex `y` have complex coefficients.
    """
    found = [_least_squares(*_whitened(times, y, design, scale)) for scale in TIMESCALES]
    values, variances, likelihoods = (np.array(column) for column in zip(*found, strict=True))
    weight = np.exp(likelihoods - likelihoods.max())
    weight /= weight.sum()
    value = weight @ values
    parts = 2 if np.iscomplexobj(y) else 1
    return value, weight @ (variances + np.abs(values - value) ** 2 / parts)


def _whitened(
    times: np.ndarray, y: np.ndarray, design: np.ndarray, timescale: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Data and design of independent errors, and half the log determinant of the covariance."""
    decay = np.exp(-np.diff(times) / timescale)
    kick = np.sqrt(1 - decay**2)

    def steps(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values[:1], ((values[1:].T - decay * values[:-1].T) / kick).T])

    return steps(y), steps(design), float(np.sum(np.log(kick)))


def _least_squares(
    y: np.ndarray, design: np.ndarray, determinant: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, the variances of their parts, and the restricted log likelihood."""
    parts = 2 if np.iscomplexobj(y) else 1
    normal = np.conj(design).T @ design
    inverse = np.linalg.pinv(normal, hermitian=True)
    solved = inverse @ (np.conj(design).T @ y)
    freedom = len(y) - design.shape[1]
    scale = float(np.sum(np.abs(y - design @ solved) ** 2)) / (parts * freedom)
    likelihood = -parts * (
        determinant + np.linalg.slogdet(normal)[1] / 2 + freedom / 2 * np.log(max(scale, 1e-300))
    )
    # a parameter that the data do not determine at all has no small variance
    told = np.abs(np.diag(inverse @ normal) - 1) < 1e-6
    return solved, np.where(told, scale * np.diag(inverse).real, np.inf), float(likelihood)


def _floor_of_evpa(seen: Polarization, turning: _Turning) -> tuple[float, float]:
    """Floor of EVPA and its error, rad: what c does to it at these times."""
    known = np.abs(seen.linear) > SEEN * seen.linear_err
    if not known.any():
        return np.nan, np.nan
    effect = turning.c[:, np.newaxis] * turning.z / np.where(known, seen.linear, 1)
    variance = turning.across_err**2 + turning.along_err**2
    size, noise = (
        np.mean(values[known]) / 4
        for values in (effect.imag**2, variance[:, np.newaxis] / np.abs(seen.linear) ** 2)
    )
    # what is along r is known worse, and is one number
    return _root(size - noise, np.sqrt(2 * noise) * np.sqrt(size + noise))


def _floor_of_v(seen: Polarization, turning: _Turning) -> tuple[float, float]:
    """Floor of v and its error."""
    z = turning.z

    def regression(rows: np.ndarray) -> np.ndarray:
        """Coefficients of 1, Q and U in the feeds' frame: k less its mean, Re h, -Im h."""
        solved = []
        for linear, circular in zip(seen.linear[:, rows], seen.circular[:, rows], strict=True):
            turned = linear / z[rows]
            design = np.stack([np.ones(len(turned)), turned.real, turned.imag], axis=1)
            solved.append(np.linalg.lstsq(design, circular, rcond=None)[0])
        coefficients = np.array(solved)
        coefficients[:, 0] -= coefficients[:, 0].mean()
        return coefficients

    found, error = _jackknife(regression, len(z))
    turned = seen.linear / z
    products = [np.mean(turned.real**2), np.mean(turned.imag**2)]
    of_phase = np.mean((found[:, 1:] ** 2 - error[:, 1:] ** 2) @ products)
    n = len(turning.c)
    spread_of_r = np.var(turning.r.real) + np.var(turning.r.imag)
    squares = np.array([np.var(found[:, 0]), np.var(turning.c.imag)]) * n / (n - 1)
    noise = np.array(
        [
            np.sum(error[:, 0] ** 2),
            np.sum(turning.across_err**2) + n * spread_of_r * turning.along_err**2,
        ]
    ) / (n - 1)
    of_k, of_k_err = _excess(squares, noise, n - 1)
    of_phase_err = np.sqrt(2 * np.mean((error[:, 1:] ** 2 @ products) ** 2) / n)
    return _root(float(of_k + of_phase), float(np.hypot(of_k_err, of_phase_err)))


def _excess(squares: np.ndarray, noise: np.ndarray, freedom: int) -> tuple[float, float]:
    """Variance beyond noise, and its error, of several samples that have it in common.

    Each with the weight of its mean square, (variance + noise)^2 2 / `freedom` being the variance
    of that; the variance is put in as found so far.
    """
    variance = max(float(squares[0] - noise[0]), 0.0)
    for _ in range(3):
        spread = variance + noise
        weight = spread**-2 / np.sum(spread**-2)
        variance = max(float(weight @ (squares - noise)), 0.0)
    return variance, float(np.sqrt(2 / freedom * np.sum((weight * (variance + noise)) ** 2)))


def _jackknife(
    estimate: Callable[[np.ndarray], np.ndarray], n: int, blocks: int = BLOCKS
) -> tuple[np.ndarray, np.ndarray]:
    """What is estimated of n times, and its error (of each part of complex numbers).

    By leaving out each of some `blocks` in turn, so that what neighbours in time have in common
    counts.
    """
    everything = np.arange(n)
    parted = np.array_split(everything, blocks)
    left_out = np.array([estimate(np.setdiff1d(everything, block)) for block in parted])
    squares = np.abs(left_out - left_out.mean(axis=0)) ** 2
    parts = 2 if np.iscomplexobj(left_out) else 1
    error = np.sqrt((blocks - 1) / blocks * squares.sum(axis=0) / parts)
    return estimate(everything), error


def _root(square: float, error: float) -> tuple[float, float]:
    """Square root of what is not below 0, and its error, which is finite where that is 0."""
    root = np.sqrt(max(square, 0.0))
    return float(root), float(error / (2 * root) if square > error else np.sqrt(error))
