r"""Whether the fits found the minispiral, on which gains, light curves and errors stand.

A fit gives a minispiral with any IM1. If IM1 is noise, or what calibration left at the place of the
core, then F_ext is noise too, and so is the gain R / F_ext. Three numbers show this. Each is the
median over integrations, with N visibilities, 2 N - 2 degrees of freedom and reduced chi-square X::

    share           F_ext / F_core
    signal to noise S = F_ext / s, with s scaled by chi-square as the fit does
    misfit          sqrt[(X - 1) (2 N - 2) / (X S^2)], 0 where X < 1

X S^2 is the amount by which chi-square falls when IM1 joins the fit, and (X - 1) (2 N - 2) is the
rest beyond noise. So the misfit is the amplitude that neither IM1 nor the core explains, over the
amplitude of IM1.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from minispiral.gains.curve import Fit
from minispiral.light_curves.flagging import NO_FIT, UNFLAGGED
from minispiral.measures.units import six_digits

MIN_SHARE = 0.02  # of the core's flux: calibration leaves as much on a point source
MIN_SIGNAL_TO_NOISE = 5.0  # of an integration: ln F_ext of noisier ones is biased, by 1/(2 S^2)
MAX_MISFIT = 1.0  # what is left is then more than what IM1 explains
WEAK_SHARE = 0.1  # up to this, a misfit speaks against IM1; beyond, antennas are to blame first


@dataclass(frozen=True)
class Minispiral:
    """What the fits of a spw say of its minispiral: see the module; NaN without any fit."""

    share: float
    signal_to_noise: float
    misfit: float

    @property
    def doubtful(self) -> bool:
        """Whether gains measured against it mean nothing; not, where nothing is known."""
        return (
            self.share < MIN_SHARE
            or self.signal_to_noise < MIN_SIGNAL_TO_NOISE
            or (self.share < WEAK_SHARE and self.misfit > MAX_MISFIT)
        )

    def as_meta(self) -> dict[str, Any]:
        """The numbers and the verdict, for a table's ``meta``."""
        numbers = {name: six_digits(value) for name, value in asdict(self).items()}
        return {**numbers, "doubtful": self.doubtful}


def measure_minispiral(fit: Fit, reasons: np.ndarray) -> Minispiral:
    """Measure what the fits of a spw say of its minispiral.

    Parameters
    ----------
    fit : columns of `minispiral.fit.normal_equations.NormalSums.solve`
    reasons : (n,) str
        Why each integration is not used (`minispiral.light_curves.scaling.flag_reasons`). Those
        without a positive F_ext count too: leaving them out would favour noise.
    """
    used = np.isin(reasons, (UNFLAGGED, NO_FIT))
    used &= np.isfinite(fit["I_extended"]) & (fit["I_extended_err"] > 0)
    if not used.any():
        return Minispiral(np.nan, np.nan, np.nan)
    extended, error, core, chi2, n_vis = (
        np.asarray(fit[name], float)[used]
        for name in ("I_extended", "I_extended_err", "I_compact", "chi2", "n_vis")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.clip(chi2 - 1, 0, None) * (2 * n_vis - 2)
        misfit = np.sqrt(left / chi2) * error / np.abs(extended)
        return Minispiral(
            float(np.median(extended / core)),
            float(np.median(extended / error)),
            float(np.median(misfit)),
        )
