r"""Outliers: which integrations are not to be used, each with its reason.

The automatic flagger looks at two quantities that do not depend on the flux scale: the ratio
F_core / F_ext, which is the light curve but for a factor, and the fit's reduced chi-square, which
betrays broken antennas even where the flux happens to look right. Each is compared with a line
through its neighbours in the same scan, in units of the track's robust scatter (1.4826 MAD).
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from minispiral.gains.curve import Fit

WINDOW = 11  # integrations that a local line goes through
MIN_SCAN = 5  # integrations that a scan needs for a local line
# a scan whose chi-square is beyond this factor of the track's median is no yardstick for itself
MAX_SCAN_CHI2 = 2.0

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
        ceiling = np.median(log_chi2[use]) + np.log(MAX_SCAN_CHI2) if use.any() else np.inf
        excess = local_deviation(log_chi2, fit["scan"], use, ceiling)
        add_reason(reasons, excess > flagger.chi2, CHI2)
    if flagger.deviation is not None:
        deviation = local_deviation(ratio, fit["scan"], reasons == UNFLAGGED)
        add_reason(reasons, np.abs(deviation) > flagger.deviation, DEVIATION)
    if flagger.bad_scan is not None:
        add_reason(reasons, _bad_scans(reasons != UNFLAGGED, fit["scan"], flagger.bad_scan), SCAN)
    return reasons


def add_reason(reasons: np.ndarray, flagged: np.ndarray, reason: str) -> None:
    """Give `reason` to the flagged integrations that have none yet."""
    reasons[flagged & (reasons == UNFLAGGED)] = reason


def local_deviation(
    values: np.ndarray, scans: np.ndarray, use: np.ndarray, ceiling: float = np.inf
) -> np.ndarray:
    """Deviation from a line through the neighbours in the scan, in robust standard deviations.

    Parameters
    ----------
    values : (n,)
    scans : (n,) int
        Scan number of each integration; integrations are in order of time.
    use : (n,) bool
        Which of them to look at; the others get a deviation of 0 and are nobody's neighbour.
    ceiling : float
        The line is taken to be no higher than this.

    Returns
    -------
    (n,), 0 in scans of fewer than `MIN_SCAN` integrations
    """
    residual = np.zeros(len(values))
    looked_at = np.zeros(len(values), bool)
    for scan in np.unique(scans):
        rows = np.flatnonzero((scans == scan) & use)
        if len(rows) >= MIN_SCAN:
            residual[rows] = values[rows] - np.minimum(_local_lines(values[rows]), ceiling)
            looked_at[rows] = True
    if not looked_at.any():
        return residual
    scatter = 1.4826 * np.median(np.abs(residual[looked_at]))
    return residual / scatter if scatter > 0 else np.zeros(len(values))


def _local_lines(values: np.ndarray) -> np.ndarray:
    """Value at each point of the Theil-Sen line through the window around it (Sen 1968)."""
    width = min(WINDOW, len(values))
    windows = sliding_window_view(values, width)
    start = np.clip(np.arange(len(values)) - width // 2, 0, len(values) - width)
    x = np.arange(width)
    i, j = np.triu_indices(width, 1)
    slope = np.median((windows[:, j] - windows[:, i]) / (x[j] - x[i]), axis=1)
    offset = np.median(windows - slope[:, None] * x, axis=1)
    return offset[start] + slope[start] * (np.arange(len(values)) - start)


def _bad_scans(flagged: np.ndarray, scans: np.ndarray, share: float) -> np.ndarray:
    """Integrations of the scans of which more than `share` is flagged."""
    _, scan = np.unique(scans, return_inverse=True)
    return (np.bincount(scan, flagged) / np.bincount(scan) > share)[scan]
