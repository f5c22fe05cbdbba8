r"""Noise of fitted fluxes, by what they show between neighbouring integrations.

The fit scales its errors s by the reduced chi-square, so that systematic misfit counts as noise.
How large the noise itself is, a series of values tells: a Gaussian process takes up what varies
smoothly, and the noise factor f is what is left, in quoted errors (`minispiral.gaussian_process`).
Series are chosen so that the data's gain does not matter: F_core / F_ext, and Q, U, V over F_core;
F_core itself between the steps of the gain.

Misfit. What is left of s^2, (1 - f^2) s^2, is misfit that is alike in neighbouring integrations.
If it is always the same it is part of the flux scale; as far as it drifts, it is an error of the
light curve. Misfits that drift make chi-square drift: if N antennas have errors of their own, which
come and go, by sqrt(2/N). The drift d of the misfit is therefore taken as the variance of the
smooth part of ln chi-square over 2/N, 1 at most, and errors are f_eff s with
f_eff^2 = f^2 + d (1 - f^2), as far as f is below 1 by more than twice its own error.

Self-calibration on a point can take the noise out of F_core, and Q with its noise out of linear
feeds' data. Noise of less than half of what the weights say is therefore not believed, and that of
the weights is quoted.
"""

from dataclasses import dataclass

import numpy as np

from minispiral.gain_curve import QUANTITIES
from minispiral.gain_groups import FEWEST, Spw, segments_at
from minispiral.gaussian_process import Series, fit_process, noise_of

NEIGHBOURS, WEIGHTS, CHI2 = "neighbours", "weights", "chi2"
BELIEVED = 0.5  # least noise to be believed, in units of the weights'


@dataclass(frozen=True)
class Noise:
    """A factor on a fit's errors, and what it was taken from."""

    factor: float
    source: str


@dataclass(frozen=True)
class FitNoise:
    """Noise of a fit's quantities by name, and the `drift` of its misfit."""

    of: dict[str, Noise]
    drift: float = 0.0

    @property
    def factors(self) -> dict[str, float]:
        """The factors alone."""
        return {name: noise.factor for name, noise in self.of.items()}


def quoted_noise() -> FitNoise:
    """The fit's errors as they are."""
    return FitNoise(dict.fromkeys(QUANTITIES, Noise(1.0, CHI2)))


def own_noise(spw: Spw) -> FitNoise:
    """Noise for a light curve scaled by own gains: that of F_core / F_ext for both."""
    fit, rows = spw.fit, spw.rows
    covariance = fit["covariance"][rows] / (fit["I_extended"] * fit["I_compact"])[rows]
    variance = spw.core_err**2 + spw.extended_err**2 - 2 * covariance
    ratio = Series(spw.time, spw.log_core - spw.log_extended, np.sqrt(variance), _one_segment(spw))
    drift = misfit_drift(spw)
    noise = Noise(_with_misfit(noise_of(ratio), drift, len(spw.time)), NEIGHBOURS)
    return FitNoise(
        {"I_extended": noise, "I_compact": noise, **_polarized_noise(spw, drift)}, drift
    )


def smooth_noise(spw: Spw, own: FitNoise, extended: float, edges: np.ndarray) -> FitNoise:
    """Noise for a light curve whose gain is a process: its noise factor is that of F_ext.

    Parameters
    ----------
    own : from `own_noise`
    edges : times between the process's segments, s
    """
    core = Series(spw.time, spw.log_core, spw.core_err, segments_at(edges, spw.time))
    factor = _with_misfit(extended, own.drift, len(spw.time))
    noise = {
        "I_extended": Noise(factor, NEIGHBOURS),
        "I_compact": _believed(noise_of(core), spw, own.drift),
    }
    return FitNoise({**own.of, **noise}, own.drift)


def misfit_drift(spw: Spw) -> float:
    """Share of the misfit that drifts, 0 to 1."""
    n = spw.fit["n_vis"][spw.rows].astype(float)
    chi2 = spw.fit["chi2"][spw.rows]
    known = chi2 > 0
    if known.sum() < FEWEST:
        return 0.0
    # of 2 n real numbers
    series = Series(spw.time, np.log(np.where(known, chi2, 1.0)), n**-0.5, _one_segment(spw))
    smooth = fit_process(series.at(known)).at_data
    antennas = (1 + np.sqrt(1 + 8 * np.median(n))) / 2
    return float(min(1.0, np.var(smooth) * antennas / 2))


def hidden_misfit(factor: float, n: int) -> float:
    """1 - f^2, for a noise factor f of n values, which is known to 1 / sqrt(2 n)."""
    return 1 - min(1.0, factor * (1 + 2 / np.sqrt(2 * n))) ** 2


def _with_misfit(factor: float, drift: float, n: int) -> float:
    return float(np.sqrt(factor**2 + drift * hidden_misfit(factor, n)))


def _polarized_noise(spw: Spw, drift: float) -> dict[str, Noise]:
    """Noise of Q, U, V; the fit's where there are too few values."""
    core, noise = spw.fit["I_compact"][spw.rows], {}
    for name in "QUV":
        value, error = (spw.fit[n][spw.rows] / core for n in (name, f"{name}_err"))
        known = np.isfinite(value) & (error > 0)
        noise[name] = Noise(1.0, CHI2)
        if known.sum() >= FEWEST:
            series = Series(spw.time, value, error, _one_segment(spw)).at(known)
            noise[name] = _believed(noise_of(series), spw, drift)
    return noise


def _believed(factor: float, spw: Spw, drift: float) -> Noise:
    # weights that are too small make chi-square less than 1, and say nothing of the noise
    by_weights = max(float(np.median(spw.fit["chi2"][spw.rows])), 1.0) ** -0.5
    source = WEIGHTS if factor < BELIEVED * by_weights else NEIGHBOURS
    believed = by_weights if source == WEIGHTS else factor
    return Noise(_with_misfit(believed, drift, len(spw.time)), source)


def _one_segment(spw: Spw) -> np.ndarray:
    return np.zeros(len(spw.time), int)
