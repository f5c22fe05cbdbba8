"""Where a track's antennas point to, and what its light curves drift by all the same.

The array's mean (`minispiral.sky.array_pointing`), which needs few parameters, tells whether
antennas err at all. Where they do, each antenna's own offset is part of the fit if that is likelier
still (`minispiral.sky.antenna_pointing`).
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from minispiral.gains.curve import Drift
from minispiral.sky.antenna_pointing import AntennaPointing, PointingEquations, antenna_pointing
from minispiral.sky.array_drift import drift, groups_of_used
from minispiral.sky.array_pointing import (
    LARGEST,
    SpwSums,
    array_pointing,
    is_believed,
    ratios,
)
from minispiral.sky.averages import Averages
from minispiral.sky.group_sums import GroupSums, group_sums
from minispiral.sky.track import SpwData, SpwFluxes, fit_fluxes, minispiral_visibilities
from minispiral.visibilities.pointing import EVIDENCE, Pointing
from minispiral.visibilities.primary_beam import primary_beam_width
from minispiral.visibilities.sky_model import SkyModel


@dataclass(frozen=True)
class TrackPointing:
    """The `pointing` of a track, whether it is `kept`, and the `drifts` of each spw."""

    pointing: Pointing
    kept: bool
    drifts: list[Drift]


def track_pointing(
    read: Callable[[], Iterable[SpwData]],
    used: np.ndarray,
    sky: SkyModel,
    wanted: bool,
    threads: int = 1,
) -> TrackPointing:
    """Find the pointing of a track, and what drifts.

    Parameters
    ----------
    read : yields the averages of each spw, corrected by antenna gains; spws are read one by one
    used : places of the antennas with data
    wanted : whether the pointing may be part of the fit
    """
    found = list(_first_look(read, used, sky, threads))
    spws = [spw.sums for spw in found]
    beam = min((spw.beam for spw in found), default=np.inf)
    pointing, processes = array_pointing(spws)
    kept = wanted and is_believed(pointing, beam)
    logging.info("pointing: evidence %.4g, %s", pointing.evidence, "kept" if kept else "left out")
    if not kept:
        return TrackPointing(pointing, kept, drift(spws, partial(ratios, spws, processes=[])))
    each = _of_antennas(read, found, sky, threads)
    if each is None or not _is_likelier(each, pointing, beam):
        of_part = partial(ratios, spws, processes=processes)
        return TrackPointing(pointing, kept, drift(spws, of_part))
    seen = [
        SpwSums(_group_sums(data.averages, used, sky, threads, each.pointing), spw.used, spw.chi2)
        for data, spw in zip(read(), spws, strict=True)
    ]
    # halves of the array share the errors of the offsets, and so do not tell of them
    of_halves = drift(seen, partial(ratios, seen, processes=[]), absorbed=True)
    drifts = [
        _together(drifting, Drift(variance, each.timescale))
        for drifting, variance in zip(of_halves, each.variances, strict=True)
    ]
    return TrackPointing(each.pointing, kept, drifts)


def _together(one: Drift, other: Drift) -> Drift:
    """Both of two drifts; their timescale is the mean by variance."""
    variance = one.variance + other.variance
    if not variance > 0:
        return one
    timescale = one.variance * one.timescale + other.variance * other.timescale
    return Drift(variance, timescale / variance)


@dataclass(frozen=True)
class _SpwLook:
    """What the first look at a spw's averages finds.

    Its `sums`, and `fluxes` without pointing; the width of its primary `beam`, arcsec; names of
    the `antennas` with data; and `first` and `last`, times of its integrations, s.
    """

    sums: SpwSums
    fluxes: SpwFluxes
    beam: float
    antennas: set[str]
    first: float
    last: float


def _first_look(
    read: Callable[[], Iterable[SpwData]], used: np.ndarray, sky: SkyModel, threads: int
) -> Iterable[_SpwLook]:
    for data in read():
        averages = data.averages
        minispiral = minispiral_visibilities(averages, sky, threads)
        fluxes = fit_fluxes(data, minispiral, 1.0, sky.core_offset)
        beam = np.inf
        if sky.dish_m is not None:
            beam = primary_beam_width(averages.frequency, sky.dish_m)
        sums = _group_sums(averages, used, sky, threads)
        yield _SpwLook(
            SpwSums(sums, fluxes.used, fluxes.usual_chi2),
            fluxes,
            beam,
            set(averages.antennas[np.unique([averages.antenna1, averages.antenna2])]),
            averages.times.min(),
            averages.times.max(),
        )


def _group_sums(
    data: Averages,
    used: np.ndarray,
    sky: SkyModel,
    threads: int,
    pointing: Pointing | None = None,
) -> GroupSums:
    group = groups_of_used(len(data.antennas), used)
    return group_sums(data, sky, group, threads, pointing)


def _of_antennas(
    read: Callable[[], Iterable[SpwData]],
    found: Sequence[_SpwLook],
    sky: SkyModel,
    threads: int,
) -> AntennaPointing | None:
    names = sorted(set().union(*(spw.antennas for spw in found)))
    first, last = min(spw.first for spw in found), max(spw.last for spw in found)
    equations = PointingEquations(names, first, last)
    for data, spw in zip(read(), found, strict=True):
        equations.add(data.averages, spw.fluxes, sky, threads)
    return antenna_pointing(equations)


def _is_likelier(each: AntennaPointing, mean: Pointing, beam_arcsec: float) -> bool:
    """Whether antennas that err each on their own explain the data better, as antennas may err."""
    evidence, size = each.pointing.evidence, float(np.sqrt(np.mean(each.pointing.own**2)))
    likelier = evidence > mean.evidence + EVIDENCE and size <= LARGEST * beam_arcsec
    logging.info(
        "pointing of each antenna: evidence %.4g, %.2g arcsec, for %.3g s, %s",
        evidence,
        size,
        each.timescale,
        "kept" if likelier else "left out",
    )
    return likelier
