r"""Noise of fitted fluxes, by what they show between neighbouring integrations.

The fit scales its errors by the reduced chi-square, so that systematic misfit counts as noise. How
large the noise itself is, a series of values tells: a Gaussian process takes up what varies
smoothly, and the noise factor is what is left, in quoted errors (`minispiral.gaussian_process`).
Series are chosen so that the data's gain does not matter: F_core / F_ext, and Q, U, V over F_core;
F_core itself between the steps of the gain.

Self-calibration on a point can take the noise out of F_core, and Q with its noise out of linear
feeds' data. Noise of less than half of what the weights say is therefore not believed, and that of
the weights is quoted.
"""

from dataclasses import dataclass

import numpy as np

from minispiral.gain_curve import QUANTITIES
from minispiral.gain_groups import FEWEST, Spw, segments_at
from minispiral.gaussian_process import Series, noise_of

NEIGHBOURS, WEIGHTS, CHI2 = "neighbours", "weights", "chi2"
BELIEVED = 0.5  # least noise to be believed, in units of the weights'


@dataclass(frozen=True)
class Noise:
    """A factor on a fit's errors, and what it was taken from."""

    factor: float
    source: str


FitNoise = dict[str, Noise]  # by quantity


def quoted_noise() -> FitNoise:
    """The fit's errors as they are."""
    return dict.fromkeys(QUANTITIES, Noise(1.0, CHI2))


def own_noise(spw: Spw) -> FitNoise:
    """Noise for a light curve scaled by own gains: that of F_core / F_ext for both."""
    fit, rows = spw.fit, spw.rows
    covariance = fit["covariance"][rows] / (fit["I_extended"] * fit["I_compact"])[rows]
    variance = spw.core_err**2 + spw.extended_err**2 - 2 * covariance
    ratio = Series(spw.time, spw.log_core - spw.log_extended, np.sqrt(variance), _one_segment(spw))
    noise = Noise(noise_of(ratio), NEIGHBOURS)
    return {"I_extended": noise, "I_compact": noise, **_polarized_noise(spw)}


def smooth_noise(spw: Spw, extended: float, edges: np.ndarray) -> FitNoise:
    """Noise for a light curve whose gain is a process: its noise factor is that of F_ext.

    Parameters
    ----------
    edges : times between the process's segments, s
    """
    core = Series(spw.time, spw.log_core, spw.core_err, segments_at(edges, spw.time))
    return {
        "I_extended": Noise(extended, NEIGHBOURS),
        "I_compact": _believed(noise_of(core), spw),
        **_polarized_noise(spw),
    }


def _polarized_noise(spw: Spw) -> FitNoise:
    """Noise of Q, U, V; the fit's where there are too few values."""
    core, noise = spw.fit["I_compact"][spw.rows], {}
    for name in "QUV":
        value, error = (spw.fit[n][spw.rows] / core for n in (name, f"{name}_err"))
        known = np.isfinite(value) & (error > 0)
        noise[name] = Noise(1.0, CHI2)
        if known.sum() >= FEWEST:
            series = Series(spw.time, value, error, _one_segment(spw)).at(known)
            noise[name] = _believed(noise_of(series), spw)
    return noise


def _believed(factor: float, spw: Spw) -> Noise:
    # weights that are too small make chi-square less than 1, and say nothing of the noise
    by_weights = max(float(np.median(spw.fit["chi2"][spw.rows])), 1.0) ** -0.5
    if factor < BELIEVED * by_weights:
        return Noise(by_weights, WEIGHTS)
    return Noise(factor, NEIGHBOURS)


def _one_segment(spw: Spw) -> np.ndarray:
    return np.zeros(len(spw.time), int)
