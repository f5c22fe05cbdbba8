"""Why a question has no answer for a track, in words that follow "Track 20170406: "."""

import numpy as np

from minispiral.science.inputs import SPECTRUM_BIN
from minispiral.science.loops import FEWEST_TURNS, STEP
from minispiral.science.series import FEWEST_BINS
from minispiral.science.spectra import FEWEST
from minispiral.science.study import TrackStudy

MINUTE = 60.0
ONE_SPW = "one spectral window only"
STEADY = "the flux does not vary by more than its errors"


def no_period(track: TrackStudy) -> str:
    """Why no period is looked for in Stokes I; nothing where one is."""
    if track.period is not None:
        return ""
    return "too few bins for a period" if track.law.detected else STEADY


def no_loops(track: TrackStudy) -> str:
    """Why nothing is said of how Q and U turn."""
    if track.curves.polarised is None:
        return (
            f"no Q and U in {FEWEST_BINS} bins that all spectral windows have "
            "(data without cross hands have no U)"
        )
    if track.loops is None:
        return f"less than {FEWEST_TURNS * STEP / MINUTE:g} min, or gaps that leave no steps"
    return "" if track.loops.law.detected else "Q and U do not vary by more than their errors"


def no_lags(track: TrackStudy) -> str:
    """Why there are no lags."""
    if len(track.curves.spws) < 2:
        return ONE_SPW
    if not track.law.detected:
        return STEADY
    return "" if track.lags else f"no two spectral windows with {FEWEST_BINS} bins in common"


def no_trends(track: TrackStudy) -> str:
    """Why spectral index, rotation measure or both are missing."""
    if track.spectra is None:
        return "one frequency only"
    bins = f"{FEWEST} bins of {SPECTRUM_BIN / MINUTE:g} min in two spectral windows"
    if track.spectra.index_fit is None:
        return f"fewer than {bins}"
    if track.spectra.rotation_fit is None:
        known = np.isfinite(track.spectra.rotation).any()
        if known:
            return f"no rotation measure, as Q and U are known in fewer than {bins}"
        return "no rotation measure, as Q and U are not known in two spectral windows"
    return ""
