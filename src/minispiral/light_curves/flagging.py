r"""Outliers: which integrations are not to be used, each with its reason.

The automatic flagger uses two quantities that do not depend on the flux scale: the ratio F_core /
F_ext, which is the light curve up to a factor, and the reduced chi-square of the fit, which shows
broken antennas even where the flux happens to be right. Each is compared with its value in the
neighbours in time (`minispiral.light_curves.neighbours`), because chi-square may follow the
airmass.
"""

from dataclasses import dataclass

import numpy as np

from minispiral.gains.curve import Fit
from minispiral.light_curves.neighbours import deviation, excess

# neighbours whose chi-square is beyond this factor of their surroundings' are no yardstick
MAX_CHI2 = 2.0

UNFLAGGED = "-"  # a word, as an empty cell of an ECSV table would mean a missing value
NO_FIT = "no fit"
DEVIATION = "deviation"
CHI2 = "chi2"
SCAN = "scan"
FLUX_RANGE = "flux_range"
POLARIZED = "max_polarized_flux"
TABLE = "table"
EXPLANATIONS = {
    NO_FIT: "the minispiral's flux is missing or not positive",
    DEVIATION: "the light curve jumps off its neighbours",
    CHI2: "the fit is far worse than its neighbours'",
    SCAN: "most of its scan is flagged",
    FLUX_RANGE: "Stokes I is outside scale.flux_range",
    POLARIZED: "above scale.max_polarized_flux",
    TABLE: "flagged by hand",
}


@dataclass(frozen=True)
class AutomaticFlagger:
    """Thresholds of the automatic flagger, in robust standard deviations, None = do not look."""

    deviation: float | None
    chi2: float | None
    bad_scan: float | None
    """Share of flagged integrations beyond which the whole scan is flagged."""


def automatic_flags(fit: Fit, flagger: AutomaticFlagger) -> np.ndarray:
    """Reason of each integration's flag, `UNFLAGGED` where there is none: ``(n,) str``.

    An integration without a fit (F_ext or F_core not finite, F_ext not positive) is always flagged.
    """
    reasons = np.full(len(fit["I_extended"]), UNFLAGGED, dtype="U32")
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = fit["I_compact"] / fit["I_extended"]
        log_chi2 = np.log(fit["chi2"])
    fitted = np.isfinite(ratio) & (fit["I_extended"] > 0)
    reasons[~fitted] = NO_FIT
    if flagger.chi2 is not None:
        use = fitted & np.isfinite(log_chi2)
        add_reason(reasons, excess(log_chi2, use, np.log(MAX_CHI2)) > flagger.chi2, CHI2)
    if flagger.deviation is not None:
        off = deviation(fit["time"], ratio, reasons == UNFLAGGED)
        add_reason(reasons, np.abs(off) > flagger.deviation, DEVIATION)
    if flagger.bad_scan is not None:
        add_reason(reasons, _bad_scans(reasons != UNFLAGGED, fit["scan"], flagger.bad_scan), SCAN)
    return reasons


def add_reason(reasons: np.ndarray, flagged: np.ndarray, reason: str) -> None:
    """Give `reason` to the flagged integrations that have none yet."""
    reasons[flagged & (reasons == UNFLAGGED)] = reason


def _bad_scans(flagged: np.ndarray, scans: np.ndarray, share: float) -> np.ndarray:
    """Integrations of the scans of which more than `share` is flagged."""
    _, scan = np.unique(scans, return_inverse=True)
    return (np.bincount(scan, flagged) / np.bincount(scan) > share)[scan]
