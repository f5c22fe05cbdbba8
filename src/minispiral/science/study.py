"""All that is asked of one track's light curves, and of a campaign's: results as records.

Everything random has a seed made of the track's name, so that a rerun gives the same numbers.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from minispiral.science.between_spws import Lag, common_curve, lag_between
from minispiral.science.damped_walk import NOTHING, DampedWalk, damped_walk
from minispiral.science.inputs import TrackCurves
from minispiral.science.loops import Loops, measure_loops
from minispiral.science.periods import SIMULATIONS, Period, Search, find_period
from minispiral.science.power_law import AMPLITUDES, SLOPES, PowerLaw, Window, power_law
from minispiral.science.spectra import Spectra, measure_spectra
from minispiral.science.spectrum import Spectrum, spectrum


@dataclass(frozen=True)
class TrackStudy:
    """What one track says; `log_likelihood` and `noise_only` are those of its power law.

    `lags` are by pair of spws, the first of lower frequency.
    """

    curves: TrackCurves
    log_likelihood: np.ndarray
    noise_only: float
    law: PowerLaw
    spectrum: Spectrum
    walk: DampedWalk
    period: Period | None
    loops: Loops | None
    lags: Mapping[tuple[int, int], Lag]
    spectra: Spectra | None


@dataclass(frozen=True)
class CampaignStudy:
    """What all tracks say together: the power law of all, and a random walk through them."""

    tracks: Sequence[TrackStudy]
    law: PowerLaw
    walk: DampedWalk


def study_track(curves: TrackCurves, simulations: int = SIMULATIONS) -> TrackStudy:
    """Answer all questions about one track, each that needs it with so many `simulations`."""
    random = np.random.default_rng(zlib.crc32(curves.name.encode()))
    window = Window(curves.total)
    fits = window.fit(curves.total.value)
    likelihood, noise_only = fits.log_likelihood[0], float(fits.noise_only[0])
    law = power_law(likelihood, noise_only, window.slopes)
    return TrackStudy(
        curves,
        likelihood,
        noise_only,
        law,
        spectrum(window, law, random, simulations),
        damped_walk([curves.total]),
        find_period(Search(window), curves.total.value, law, random, simulations),
        None if curves.polarised is None else measure_loops(curves.polarised, random, simulations),
        dict(_lags(curves, window, law)),
        measure_spectra(curves),
    )


def study_campaign(tracks: Sequence[TrackStudy], own_scales: bool) -> CampaignStudy:
    """Put tracks together.

    Parameters
    ----------
    own_scales : whether tracks have flux scales of their own
    """
    if not tracks:
        flat = np.zeros((len(SLOPES), len(AMPLITUDES)))
        return CampaignStudy(tracks, power_law(flat, 0.0, SLOPES), NOTHING)
    likelihood = np.sum([track.log_likelihood for track in tracks], axis=0)
    noise_only = sum(track.noise_only for track in tracks)
    law = power_law(likelihood, noise_only, SLOPES)
    if len(tracks) == 1:
        return CampaignStudy(tracks, law, tracks[0].walk)
    mean = float(np.mean([track.curves.total.mean for track in tracks]))
    series = []
    for track in tracks:
        total = track.curves.total
        factor = 1.0 if own_scales else total.mean / mean
        scaled = {name: getattr(total, name) * factor for name in ("value", "white", "drift")}
        series.append(replace(total, **scaled))
    return CampaignStudy(tracks, law, damped_walk(series, one_mean=not own_scales))


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
        yield (first, second), lag_between(window.series.time, pair[0], pair[1], common)
