r"""IM1 found in another way, from averages that are there: its turns, in memory, and its fluxes.

The turns are those of `minispiral.sky.turns`, beginning without a sky, with antenna gains that the
averages have been corrected by already. Tracks are read one after the other, in each turn, so that
memory does not grow with a campaign.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from minispiral.analysis.variant_fluxes import AveragedFluxes
from minispiral.analysis.variants import Variant
from minispiral.imaging.models import ModelImage
from minispiral.io.records import read_records
from minispiral.light_curves.user_flags import HandFlag
from minispiral.sky.averages import Averages
from minispiral.sky.coverage import SkyFrame
from minispiral.sky.equations import SkySums, total
from minispiral.sky.image import STOPPED
from minispiral.sky.track import (
    SpwData,
    SpwFluxes,
    add_sums,
    fit_fluxes,
    measure_fluxes,
    minispiral_visibilities,
)
from minispiral.sky.turns import Turn, next_sky
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.transform import Offset


@dataclass(frozen=True)
class TrackData:
    """A track: its `name`, `spws`, the `core`'s place (arcsec), and what reads its averages.

    `pointing` of the array, None where it is not part of the fit.
    """

    name: str
    spws: Sequence[int]
    core: Offset
    read: Callable[[], Iterable[SpwData]]
    pointing: Pointing | None = None


def halves_of_antennas(averages: Averages) -> np.ndarray:
    """The half of each antenna, 0 or 1: ``(n_antenna,)``.

    Antennas in order of the mean length of their baselines are taken in turn, so that both halves
    reach as far, and are as dense.
    """
    length = np.hypot(*averages.uv)
    n = len(averages.antennas)
    lengths, number = np.zeros(n), np.zeros(n)
    for antenna in (averages.antenna1, averages.antenna2):
        lengths += np.bincount(antenna, length, n)
        number += np.bincount(antenna, minlength=n)
    order = np.argsort(lengths / np.maximum(number, 1), kind="stable")
    half = np.zeros(n, int)
    # 0 1 1 0 0 1 1 0: so neither half has always the longer of two
    half[order] = (np.arange(n) + 1) // 2 % 2
    return half


def rows_of(averages: Averages, variant: Variant) -> Averages:
    """The rows from which a variant finds its sky."""
    used = np.ones(len(averages.bin), bool)
    if variant.antennas is not None:
        half = halves_of_antennas(averages) == variant.antennas
        used &= half[averages.antenna1] & half[averages.antenna2]
    if variant.time is not None:
        middle = np.median(averages.times)
        used &= (averages.time[averages.bin] > middle) == bool(variant.time)
    return averages if used.all() else averages.rows(used)


def find_sky(
    variant: Variant,
    tracks: Sequence[TrackData],
    frame: SkyFrame,
    settings: Mapping[str, Any],
    turns: int,
    threads: int = 1,
) -> ModelImage:
    """Find the sky of a variant by turns of fluxes and sky.

    Parameters
    ----------
    settings : keys ``core``, ``regularization`` and ``primary_beam`` of the configuration
    turns : at most
    """
    settings = {
        **settings,
        "regularization": settings["regularization"] * variant.strength,
        "primary_beam": settings["primary_beam"] and variant.primary_beam,
    }
    cores = [track.core for track in tracks]
    sky: ModelImage | None = None
    before: list[SpwFluxes] = []
    for number in range(1, turns + 1):
        fluxes, sums = _fluxes_and_sums(variant, tracks, frame, sky, threads)
        turn = Turn(number, number == turns, sky, fluxes, before)
        sky, before = next_sky(turn, frame, settings, cores, partial(total, [sums])), fluxes
        if STOPPED in sky.header:
            break
    assert sky is not None  # there is one turn at least
    logging.info("%s: %s", variant.name, sky.header[STOPPED])
    return sky


def _fluxes_and_sums(
    variant: Variant,
    tracks: Sequence[TrackData],
    frame: SkyFrame,
    sky: ModelImage | None,
    threads: int,
) -> tuple[list[SpwFluxes], SkySums]:
    """The fluxes of all spws with the sky so far, and the sums for the next."""
    fluxes, sums = [], SkySums(frame.grid)
    for track in tracks:
        model = None if sky is None else SkyModel(sky.pixels, sky.cell, track.core, sky.dish_m)
        scale = 1.0 if sky is None else float(sky.pixels.sum())
        for data in track.read():
            part = replace(data, averages=rows_of(data.averages, variant))
            seen = None if model is None else minispiral_visibilities(part.averages, model, threads)
            fluxes.append(measure_fluxes(part, seen, scale, track.core))
            add_sums(sums, part, fluxes[-1], track.core, threads)
    return fluxes, sums


def fit_tracks(
    tracks: Iterable[TrackData], sky: ModelImage, threads: int = 1
) -> Iterable[AveragedFluxes]:
    """Yield the fluxes of all averages of each track and spw, fitted with a sky."""
    for track in tracks:
        model = SkyModel(sky.pixels, sky.cell, track.core, sky.dish_m)
        for spw, data in zip(track.spws, track.read(), strict=True):
            averages = data.averages
            seen = minispiral_visibilities(averages, model, threads, track.pointing)
            fluxes = fit_fluxes(data, seen, 1.0, track.core)
            yield AveragedFluxes(
                track.name,
                spw,
                fluxes.time,
                np.bincount(averages.bins, minlength=averages.number),
                fluxes.extended,
                fluxes.core,
                fluxes.used,
            )


def reader(
    path: str | Path, flags: Sequence[Sequence[HandFlag]]
) -> Callable[[], Iterable[SpwData]]:
    """Return what reads a track's averages from a file, with the `flags` by hand of each spw."""

    def read() -> Iterable[SpwData]:
        for averages, of_spw in zip(read_records(path, Averages), flags, strict=True):
            yield SpwData(averages, of_spw)

    return read
