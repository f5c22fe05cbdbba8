"""What this room works on: the light curves of a track, in common bins, from its tables.

Stokes I is scaled by each integration's own gain, so that its noise is independent, Q and U as the
products are. Spws whose noise is not known are left out (`minispiral.analysis.variability_tables`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from astropy.table import Table

from minispiral.analysis.variability import Curve
from minispiral.analysis.variability_tables import Track, tracks_of
from minispiral.io.tables import columns
from minispiral.measures.times import slots
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.science.series import (
    FEWEST_BINS,
    SLOW_BIN,
    Series,
    combine,
    means_in_bins,
)

Polarised = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]

SPECTRUM_BIN = 300.0  # s: bins of spectral index and rotation measure


@dataclass(frozen=True)
class SpwBins:
    """One spw in some bins, ``(n,)``: Jy, NaN where it has nothing; errors are white noise."""

    frequency: float
    i: np.ndarray
    i_err: np.ndarray
    q: np.ndarray
    q_err: np.ndarray
    u: np.ndarray
    u_err: np.ndarray


@dataclass(frozen=True)
class TrackCurves:
    """A track's light curves: the mean over spws, and each spw in its bins and in longer ones.

    `total` is of Stokes I; `polarised` of Q + i U (Jy; None without them); `spws` are in the bins
    of `total`, by number; `coarse` in those of `coarse_time` (MJD in s). `slow` is of Stokes I in
    bins of `minispiral.science.series.SLOW_BIN`.
    """

    name: str
    total: Series
    polarised: Series | None
    spws: dict[int, SpwBins]
    coarse: dict[int, SpwBins]
    coarse_time: np.ndarray
    slow: Series


def curves_of(light_curves: Sequence[Table]) -> list[TrackCurves]:
    """Light curves of every track that is long enough, in order of time.

    Parameters
    ----------
    light_curves : of all tracks and spws
    """
    return sort_out(light_curves)[0]


def sort_out(light_curves: Sequence[Table]) -> tuple[list[TrackCurves], dict[str, str]]:
    """Light curves as `curves_of` returns them, and why the other tracks are not among these.

    The reasons, by the track's name, are in words that follow "is left out, as".
    """
    names = dict.fromkeys(str(table["track"][0]) for table in light_curves if len(table))
    reasons = dict.fromkeys(
        names, "its integrations have too few neighbours in time to tell their noise"
    )
    found = []
    for track in tracks_of([table for table in light_curves if len(table)]):
        curves = _curves(track, light_curves)
        if isinstance(curves, str):
            reasons[track.name] = curves
        else:
            found.append(curves)
            del reasons[track.name]
    return sorted(found, key=lambda curves: curves.total.start), reasons


def _curves(track: Track, light_curves: Sequence[Table]) -> TrackCurves | str:
    """Light curves of one track, or why there are none."""
    tables = {
        int(table["spw"][0]): table
        for table in light_curves
        if len(table)
        and str(table["track"][0]) == track.name
        and int(table["spw"][0]) in track.curves
    }
    used = {spw: curve for spw, curve in track.curves.items() if len(curve.flux)}
    if not used:
        return "none of its integrations is good"
    drift, timescale = _drift([tables[spw] for spw in used])
    errors = {"drift": drift, "drift_timescale": timescale, "start": track.start}
    total = combine(used, track.interval, **errors)
    if len(total) < FEWEST_BINS:
        return f"its light curve has {len(total)} bins, fewer than {FEWEST_BINS}"
    slow = combine(used, track.interval, **errors, shortest=SLOW_BIN)
    per_bin = round(total.interval / track.interval)
    polarised = {spw: _polarised(tables[spw], track.interval, track.start) for spw in used}
    long = max(per_bin, round(SPECTRUM_BIN / track.interval))
    length = max(curve.length for curve in used.values())
    coarse = np.arange(-(-length // long))
    in_bins, in_long_bins = (
        {
            spw: _in_bins(track.frequencies[spw], curve, polarised[spw], place, of)
            for spw, curve in used.items()
        }
        for place, of in ((total.place, per_bin), (coarse, long))
    )
    time = track.start + (coarse + 0.5) * long * track.interval
    linear = _linear(list(in_bins.values()), total)
    return TrackCurves(track.name, total, linear, in_bins, in_long_bins, time, slow)


def _in_bins(
    frequency: float, curve: Curve, polarised: Polarised, place: np.ndarray, per_bin: int
) -> SpwBins:
    slot, q, q_err, u, u_err = polarised
    return SpwBins(
        frequency,
        *means_in_bins(curve.slot, curve.flux, curve.error, place, per_bin),
        *means_in_bins(slot, q, q_err, place, per_bin),
        *means_in_bins(slot, u, u_err, place, per_bin),
    )


def _drift(tables: Sequence[Table]) -> tuple[float, float]:
    """Relative error that drifts and its timescale (s): root mean square, and mean, over spws."""
    entries = [table.meta["gains"]["covariance"] for table in tables]
    error = np.sqrt(np.mean([entry["drift_err"] ** 2 for entry in entries]))
    return float(error), float(np.mean([entry["drift_timescale_s"] for entry in entries]))


def _polarised(table: Table, interval: float, start: float) -> Polarised:
    """Slots of a spw's good integrations, and their Q and U with errors."""
    good = np.asarray(table["good"], bool)
    rows = columns(table)
    slot = slots(rows["mjd"] * SECONDS_PER_DAY, interval, start)[good]
    q, q_err, u, u_err = (rows[name][good] for name in ("Q", "Q_err", "U", "U_err"))
    return slot, q, q_err, u, u_err


def _linear(spws: Sequence[SpwBins], total: Series) -> Series | None:
    """Q + i U as the mean over spws, each about its own mean over the bins that all have."""
    known = [spw for spw in spws if np.isfinite(spw.q + spw.u).any()]
    if not known:
        return None
    z = np.array([spw.q + 1j * spw.u for spw in known])
    error = np.array([np.sqrt((spw.q_err**2 + spw.u_err**2) / 2) for spw in known])
    common = np.isfinite(z).all(axis=0)
    if common.sum() < FEWEST_BINS:
        return None
    means = z[:, common].mean(axis=1, keepdims=True)
    there = np.isfinite(z)
    number = there.sum(axis=0)
    used = number > 0
    value = np.where(there, z - means, 0).sum(axis=0)[used] / number[used] + means.mean()
    white = np.sqrt(np.where(there, error**2, 0).sum(axis=0)[used]) / number[used]
    scale = float(np.abs(value).mean())
    return Series(total.place[used], total.interval, value, white, start=total.start, mean=scale)
