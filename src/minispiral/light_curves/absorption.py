r"""Absorption of the core in one spw: what is left of it in the light curve, and out of it.

The core's flux is a power law of frequency, so at each integration the other spws predict it::

    ln I_k = a + alpha ln(nu_k / nu)    for all other spws k, by weighted least squares
    ratio  = I / exp(a)

The ratio is modelled by a polynomial in elevation, of the lowest order that predicts left-out
stretches of the track as well as the best does: a constant for a foreground line in front of the
core alone, such as that at 227 GHz (memo, appendix A), more where something follows the airmass.
The dependence on elevation is this project's choice, not the memo's. Divided out, it puts the spw
on the others' power law; it takes an error of the spw's flux scale out as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import legendre

from minispiral.errors import MinispiralError
from minispiral.light_curves.lines import fit_lines

MAX_ORDER = 3
FOLDS = 5  # stretches for the cross-validation where there are fewer scans
SCALED = ("I", "Q", "U", "V", "P")  # what absorption diminishes; EVPA and gain it leaves alone


@dataclass(frozen=True)
class ElevationLaw:
    """A polynomial in elevation, in Legendre's basis over `domain` (deg).

    `coefficients` ``(order + 1,)`` with their `covariance`; `chi2`, reduced; `scores`, for each
    order tried the mean squared deviation of left-out data, in units of their error.
    """

    domain: tuple[float, float]
    coefficients: np.ndarray
    covariance: np.ndarray
    chi2: float
    scores: tuple[float, ...]

    @property
    def order(self) -> int:
        """Order of the polynomial."""
        return len(self.coefficients) - 1

    def __call__(self, elevation: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ratio at each elevation (deg), and its error; beyond the domain, those at its edge."""
        elevation = np.clip(elevation, *self.domain)
        basis = _basis(elevation, self.domain, self.order)
        variance = np.einsum("ij,jk,ik->i", basis, self.covariance, basis)
        return basis @ self.coefficients, np.sqrt(variance)


def predict(
    frequency: float, frequencies: np.ndarray, flux: np.ndarray, error: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Flux at `frequency` of the power law through the others, and its error: ``(n,)`` each.

    Parameters
    ----------
    frequencies : (n_spw,), Hz
    flux, error : (n_spw, n), Jy
        An infinite error leaves a value out; NaN where fewer than two are left.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        relative = np.where(np.isfinite(error), error / flux, np.inf)
        logarithm = np.where(np.isfinite(error), np.log(flux), 0.0)
        line = fit_lines(np.log(frequencies / frequency), logarithm, relative)
    predicted = np.exp(line.offset)
    return predicted, predicted * line.offset_err


def fit_elevation_law(
    elevation: np.ndarray, ratio: np.ndarray, error: np.ndarray, scans: np.ndarray
) -> ElevationLaw:
    """Fit the polynomial, its order chosen by cross-validation over scans or stretches.

    Of all orders up to `MAX_ORDER` the lowest whose score is above the best's by less than the
    standard error of their difference, from fold to fold (after Hastie, Tibshirani & Friedman 2009,
    section 7.10). The covariance is scaled by the reduced chi-square, since errors that the spws
    have in common cancel in the ratio; and up to that which the folds' sums show (Liang & Zeger
    1986, Biometrika 73, 13), since what a fit leaves over is alike within a scan.

    Parameters
    ----------
    elevation : (n,), deg
    ratio, error : (n,)
    scans : (n,) int

    Raises
    ------
    MinispiralError
        If there are too few integrations.
    """
    if len(ratio) <= MAX_ORDER + 1:
        raise MinispiralError(
            f"{len(ratio)} integrations are too few to measure the absorption: leave the spw out "
            "of scale.correct_spws, or look at its flags"
        )
    low, high = float(elevation.min()), float(elevation.max())
    domain = (low, high) if high > low else (low - 1, high + 1)
    fold = _folds(scans)
    folds = np.unique(fold)
    # (order, fold): mean squared deviation of what is left out
    deviation = np.array(
        [
            [_left_out(elevation, ratio, error, fold == k, domain, order) for k in folds]
            for order in range(MAX_ORDER + 1)
        ]
    )
    size = np.array([np.sum(fold == k) for k in folds])
    scores = np.average(deviation, axis=1, weights=size)
    worse = deviation - deviation[np.argmin(scores)]
    spread = np.sqrt(np.average((worse - np.average(worse, 1, size)[:, None]) ** 2, 1, size))
    order = int(np.argmax(np.average(worse, 1, size) <= spread / np.sqrt(len(folds))))
    coefficients, covariance = _fit(elevation, ratio, error, domain, order)
    residual = (ratio - _basis(elevation, domain, order) @ coefficients) / error
    chi2 = float(np.sum(residual**2) / (len(ratio) - order - 1))
    correlated = _correlation_factor(
        _basis(elevation, domain, order) / error[:, None], residual, covariance * chi2, fold
    )
    covariance = covariance * chi2 * correlated
    return ElevationLaw(domain, coefficients, covariance, chi2, tuple(scores))


def _correlation_factor(
    design: np.ndarray, residual: np.ndarray, covariance: np.ndarray, fold: np.ndarray
) -> float:
    """Factor, at least 1, by which correlation within folds raises the mean variance of the fit.

    `design` ``(n, order + 1)`` and `residual` ``(n,)`` are in units of the data's errors.
    """
    folds, parameters = np.unique(fold), design.shape[1]
    if len(folds) <= parameters:
        return 1.0
    scores = np.array([design[fold == k].T @ residual[fold == k] for k in folds])
    inverse = np.linalg.inv(design.T @ design)
    robust = inverse @ (scores.T @ scores) @ inverse * len(folds) / (len(folds) - parameters)
    formal, seen = (np.einsum("ij,jk,ik->", design, c, design) for c in (covariance, robust))
    return max(1.0, float(seen / formal))


def correct(
    curves: Mapping[str, np.ndarray], ratio: np.ndarray, error: np.ndarray
) -> dict[str, np.ndarray]:
    """Divide the ratio out of a light curve: what changes of it, with errors that contain its.

    Parameters
    ----------
    curves : columns of `minispiral.light_curves.scaling.scale`
    ratio, error : (n,)
    """
    corrected = {"P_debiased": curves["P_debiased"] / ratio}
    for name in SCALED:
        corrected[name] = curves[name] / ratio
        corrected[f"{name}_err"] = np.hypot(
            curves[f"{name}_err"] / ratio, corrected[name] * error / ratio
        )
    return corrected


def _basis(elevation: np.ndarray, domain: tuple[float, float], order: int) -> np.ndarray:
    low, high = domain
    return legendre.legvander((2 * elevation - low - high) / (high - low), order)


def _fit(
    elevation: np.ndarray,
    ratio: np.ndarray,
    error: np.ndarray,
    domain: tuple[float, float],
    order: int,
) -> tuple[np.ndarray, np.ndarray]:
    basis = _basis(elevation, domain, order) / error[:, None]
    covariance = np.linalg.pinv(basis.T @ basis)
    return covariance @ basis.T @ (ratio / error), covariance


def _left_out(
    elevation: np.ndarray,
    ratio: np.ndarray,
    error: np.ndarray,
    left_out: np.ndarray,
    domain: tuple[float, float],
    order: int,
) -> float:
    """Mean squared deviation, in errors, of the left-out data from a fit to the others."""
    coefficients, _ = _fit(elevation[~left_out], ratio[~left_out], error[~left_out], domain, order)
    predicted = _basis(elevation[left_out], domain, order) @ coefficients
    return float(np.mean(((ratio[left_out] - predicted) / error[left_out]) ** 2))


def _folds(scans: np.ndarray) -> np.ndarray:
    """Fold of each integration: its scan, or where scans are few, one of `FOLDS` stretches."""
    if len(np.unique(scans)) >= FOLDS:
        return scans
    return np.arange(len(scans)) * FOLDS // len(scans)
