"""All that is asked of one track's light curves, and of a campaign's: results as records.

Everything random has a seed made of the track's name, so that a rerun gives the same numbers.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np

from minispiral.science.between_spws import Lag, common_curve, lag_between
from minispiral.science.damped_walk import NOTHING, DampedWalk, damped_walk
from minispiral.science.inputs import TrackCurves
from minispiral.science.loops import Loops, measure_loops
from minispiral.science.periods import SIMULATIONS, Period, Search, find_period
from minispiral.science.power_law import AMPLITUDES, SLOPES, PowerLaw, Window, power_law
from minispiral.science.series import FEWEST_BINS, FEWEST_SLOW_BINS
from minispiral.science.spectra import Spectra, measure_spectra
from minispiral.science.spectrum import Spectrum, spectrum


@dataclass(frozen=True)
class SlowLaw:
    """The power law of bins of ten minutes, with its likelihood and that of errors alone."""

    log_likelihood: np.ndarray
    noise_only: float
    law: PowerLaw


@dataclass(frozen=True)
class TrackStudy:
    """What one track says; `log_likelihood` and `noise_only` are those of its power law.

    `slow` is None of a track that is too short; if not, `walk` is of its bins too.
    `lags` are by pair of spws, the first of lower frequency.
    """

    curves: TrackCurves
    log_likelihood: np.ndarray
    noise_only: float
    law: PowerLaw
    slow: SlowLaw | None
    spectrum: Spectrum
    walk: DampedWalk
    period: Period | None
    loops: Loops | None
    lags: Mapping[tuple[int, int], Lag]
    spectra: Spectra | None


@dataclass(frozen=True)
class CampaignStudy:
    """What all tracks say together: the power law of all, and a random walk through them.

    `slow` is the power law of bins of ten minutes, None where no track has it; `left_out`, by name,
    why tracks are not among these.
    """

    tracks: Sequence[TrackStudy]
    law: PowerLaw
    walk: DampedWalk
    slow: PowerLaw | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)


def study_track(curves: TrackCurves, simulations: int = SIMULATIONS) -> TrackStudy:
    """Answer all questions about one track, each that needs it with so many `simulations`."""
    random = np.random.default_rng(zlib.crc32(curves.name.encode()))
    window = Window(curves.total)
    likelihood, noise_only, law = _law(window)
    long = len(curves.slow) >= FEWEST_SLOW_BINS
    return TrackStudy(
        curves,
        likelihood,
        noise_only,
        law,
        SlowLaw(*_law(Window(curves.slow))) if long else None,
        spectrum(window, law, random, simulations),
        damped_walk([curves.slow if long else curves.total]),
        find_period(Search(window), curves.total.value, law, random, simulations),
        None if curves.polarised is None else measure_loops(curves.polarised, random, simulations),
        dict(_lags(curves, window, law)),
        measure_spectra(curves),
    )


def _law(window: Window) -> tuple[np.ndarray, float, PowerLaw]:
    """Likelihood of power laws and of errors alone, and what they say, of a window's series."""
    fits = window.fit(window.series.value)
    likelihood, noise_only = fits.log_likelihood[0], float(fits.noise_only[0])
    return likelihood, noise_only, power_law(likelihood, noise_only, window.slopes)


def _law_of_all(tracks: Sequence[TrackStudy | SlowLaw]) -> PowerLaw:
    """One power law for all tracks, by the product of their likelihoods."""
    likelihood = np.sum([track.log_likelihood for track in tracks], axis=0)
    return power_law(likelihood, sum(track.noise_only for track in tracks), SLOPES)


def study_campaign(
    tracks: Sequence[TrackStudy], own_scales: bool, left_out: Mapping[str, str] | None = None
) -> CampaignStudy:
    """Put tracks together.

    Parameters
    ----------
    own_scales : whether tracks have flux scales of their own
    left_out : why other tracks are not studied, by name
    """
    left_out = left_out or {}
    if not tracks:
        flat = np.zeros((len(SLOPES), len(AMPLITUDES)))
        return CampaignStudy(tracks, power_law(flat, 0.0, SLOPES), NOTHING, None, left_out)
    law = _law_of_all(tracks)
    slow = [track.slow for track in tracks if track.slow is not None]
    slow_law = _law_of_all(slow) if slow else None
    if len(tracks) == 1:
        return CampaignStudy(tracks, law, tracks[0].walk, slow_law, left_out)
    mean = float(np.mean([track.curves.total.mean for track in tracks]))
    series = []
    long = sum(len(track.curves.slow) for track in tracks) >= FEWEST_SLOW_BINS
    for track in tracks:
        of = track.curves.slow if long else track.curves.total
        factor = 1.0 if own_scales else of.mean / mean
        scaled = {name: getattr(of, name) * factor for name in ("value", "white", "drift")}
        series.append(replace(of, **scaled))
    walk = damped_walk(series, one_mean=not own_scales)
    return CampaignStudy(tracks, law, walk, slow_law, left_out)


def _lags(
    curves: TrackCurves, window: Window, law: PowerLaw
) -> Iterator[tuple[tuple[int, int], Lag]]:
    """Lags of each pair of spws, where the curve varies by more than its errors."""
    if not law.detected or len(curves.spws) < 2:
        return
    common = common_curve(window, law)
    ordered = sorted(curves.spws, key=lambda spw: curves.spws[spw].frequency)
    for first, second in combinations(ordered, 2):
        pair = []
        for spw in (first, second):
            of = curves.spws[spw]
            mean = float(np.nanmean(of.i))
            pair.append((of.i / mean, of.i_err / mean))
        both = np.isfinite(pair[0][0] + pair[1][0])
        if both.sum() >= FEWEST_BINS:
            yield (first, second), lag_between(window.series.time, pair[0], pair[1], common)
