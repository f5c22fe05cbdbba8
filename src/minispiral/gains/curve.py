r"""The scale of a light curve: ln F_ext of each integration, its error, and noise factors.

And the words that say how these were found, which tables repeat.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Fit = Mapping[str, np.ndarray]  # columns of NormalSums.solve of minispiral.fit, time and scan

# quantities of a fit whose errors have a noise factor each
QUANTITIES = ("I_extended", "I_compact", "Q", "U", "V")

# how a gain varies: in three ways as a process, or differently in every integration
SMOOTH, SCAN, LEVELS = "smooth", "scan", "levels"
STEPS, INTEGRATION = "steps", "integration"
# beginning of the reason why a gain is described for each integration, where these are few
ONLY = "only"
# other names of evidences: of the spws of a group, and of a group that was not made
SEPARATE, TOGETHER = "separate", "together"
# the source of a noise factor
NEIGHBOURS, WEIGHTS, CHI2 = "neighbours", "weights", "chi2"


@dataclass(frozen=True)
class GainCurve:
    """ln F_ext of each integration, which is to scale it, and its variance: ``(n,)`` each.

    `weight` is the share of the integration's own fitted value in `log_extended`: 1 for its own.
    `independent` is the part of the variance that no other integration shares. `noise` are factors
    on the errors of the fit's quantities.
    """

    log_extended: np.ndarray
    variance: np.ndarray
    weight: np.ndarray
    independent: np.ndarray
    noise: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 1.0))


@dataclass(frozen=True)
class Noise:
    """A `factor` on a fit's errors, and its source.

    `white` is the part of the factor without misfit, which is different in every integration.
    """

    factor: float
    source: str
    white: float


@dataclass(frozen=True)
class FitNoise:
    """Noise of a fit's quantities by name, and the `drift` of its misfit."""

    of: dict[str, Noise]
    drift: float = 0.0

    @property
    def factors(self) -> dict[str, float]:
        """The factors alone."""
        return {name: noise.factor for name, noise in self.of.items()}


@dataclass(frozen=True)
class Drift:
    """What drifts of ln(F_core / F_ext): its `variance`, NaN if not known, and `timescale`, s."""

    variance: float
    timescale: float


@dataclass(frozen=True)
class GainDescription:
    """How one spw's gain was found.

    `kind`, and `reason` where it is ``integration``; `noise` of the fit's quantities; `group`, the
    places of the spws that share the gain, its own included; of the process amplitude, timescale
    (s), smoothness, number of segments, and `segment` of each integration; and the log `evidence`
    of each kind that was tried, of the spws of a group separately, and of a description together
    with others that was tried in vain, less that of the one kept; `learnt_err`, the error of each
    ln F_ext from which the process was learnt, NaN of others; `drift`, of ln(F_core / F_ext), and
    whether it was `measured`, or is the part of the fits' misfit that drifts.
    """

    curve: GainCurve
    kind: str
    reason: str
    noise: FitNoise
    group: tuple[int, ...]
    amplitude: float = np.nan
    timescale: float = np.nan
    smoothness: float = np.nan
    segments: int = 0
    segment: np.ndarray | None = None
    evidence: Mapping[str, float] = field(default_factory=dict)
    learnt_err: np.ndarray | None = None
    drift: Drift = Drift(0.0, np.inf)
    measured: bool = False


def own_gains(fit: Fit, noise: Mapping[str, float] | None = None) -> GainCurve:
    """Each integration's own ln F_ext; NaN without a positive F_ext."""
    noise = noise or dict.fromkeys(QUANTITIES, 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        positive = fit["I_extended"] > 0
        value = np.where(positive, np.log(np.where(positive, fit["I_extended"], 1.0)), np.nan)
        error = noise["I_extended"] * fit["I_extended_err"] / fit["I_extended"]
    variance = np.where(positive, error**2, np.nan)
    return GainCurve(value, variance, np.ones(len(value)), variance, noise)


def flux_variance(fit: Fit, curve: GainCurve) -> np.ndarray:
    """Variance of the scaled flux I = g F_core, but for the factor g^2: ``(n,)``, Jy^2.

    With g = R / exp(L), L being the curve's ln F_ext::

        (f_c s_core)^2 + (F_core s_L)^2 - 2 h f_c f_e (F_core / F_ext) cov

    with h the curve's weight, cov the covariance of the fitted fluxes, and f the noise factors.
    """
    core = curve.noise["I_compact"]
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = core * curve.noise["I_extended"] * fit["covariance"]
        return (
            (core * fit["I_compact_err"]) ** 2
            + fit["I_compact"] ** 2 * curve.variance
            - 2 * curve.weight * fit["I_compact"] / fit["I_extended"] * covariance
        )
