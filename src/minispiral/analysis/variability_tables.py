"""Tables of the variability of a campaign's light curves, by track and over all.

Light curves are scaled by each integration's own gain here, whatever `scale.gains`: their noise is
independent, so that it can be taken out, and no smoothing has touched the variability. Means that
enter a correlation are each track's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.analysis.variability import (
    Curve,
    Lagged,
    correlation,
    joined,
    mean_flux,
    modulation_index,
    stretch_edges,
    structure_function,
)
from minispiral.columns.analysis import CORRELATION, STATISTICS, STRUCTURE_FUNCTION
from minispiral.columns.column import Columns, described
from minispiral.gains.curve import CHI2
from minispiral.io.tables import CAMPAIGN, columns
from minispiral.measures.integrations import scan_labels
from minispiral.measures.times import slots
from minispiral.measures.units import SECONDS_PER_DAY, six_digits

SAME_INTERVAL = 0.01  # by how much integrations of tracks may differ to be one campaign


@dataclass(frozen=True)
class Track:
    """A track's light curves by spw, on common slots of `interval` s.

    `frequencies` in Hz; the `longest` lag, half of the track, in slots; the `start` of slot 0, MJD
    in s.
    """

    name: str
    curves: dict[int, Curve]
    frequencies: dict[int, float]
    interval: float
    longest: int
    start: float = 0.0


def tracks_of(light_curves: Sequence[Table]) -> list[Track]:
    """Sort light curves of all tracks and spws into tracks.

    Spws whose noise is not known from neighbouring integrations are left out: what varies could
    not be separated from it.
    """
    tracks = []
    for name in dict.fromkeys(str(table["track"][0]) for table in light_curves):
        tables = [table for table in light_curves if str(table["track"][0]) == name]
        interval = min(table.meta["interval_s"] for table in tables)
        start = min(table["mjd"].min() for table in tables) * SECONDS_PER_DAY
        places = [slots(_seconds(table), interval, start) for table in tables]
        length = max(int(place[-1]) for place in places) + 1
        # the same stretches of time for all spws
        edges = stretch_edges(places[0], scan_labels(tables[0]), length)
        curves = {
            int(table["spw"][0]): _curve(table, place, length, edges)
            for table, place in zip(tables, places, strict=True)
            if table.meta["gains"]["noise_from"]["I_compact"] != CHI2
        }
        if curves:
            frequencies = {int(t["spw"][0]): float(t["frequency"][0]) for t in tables}
            longest = max(length // 2, 1)
            tracks.append(Track(name, curves, frequencies, interval, longest, start))
    return tracks


def _seconds(table: Table) -> np.ndarray:
    return np.asarray(table["mjd"], float) * SECONDS_PER_DAY


def _curve(table: Table, slot: np.ndarray, length: int, edges: np.ndarray) -> Curve:
    """One spw's good integrations, scaled by their own gains, with their white noise."""
    good = np.asarray(table["good"], bool)
    values = {name: value[good] for name, value in columns(table).items()}
    noise, white = (table.meta["gains"][name] for name in ("noise", "white_noise"))
    relative = np.hypot(
        *(
            white[name] / noise[name] * values[f"{name}_err"] / values[name]
            for name in ("I_compact", "I_extended")
        )
    )
    flux = table.meta["reference_flux_jy"] * values["I_compact"] / values["I_extended"]
    flux = flux / values["absorption"]
    stretch = np.searchsorted(edges, slot[good], side="right")
    return Curve(slot[good], stretch, flux, relative * flux, length, len(edges) + 1)


def statistics_table(tracks: Sequence[Track]) -> Table:
    """Table of mean and modulation index: a row for each track and spw, and for all tracks."""
    rows = []
    for track in [*tracks, *_campaign(tracks)]:
        for spw, curve in track.curves.items():
            mean, mean_err = mean_flux(curve)
            index, index_err = modulation_index(curve)
            rows.append(
                {
                    "track": track.name,
                    "spw": spw,
                    "frequency": track.frequencies[spw],
                    "n": len(curve.flux),
                    "mean": six_digits(mean),
                    "mean_err": six_digits(mean_err),
                    "modulation_index": six_digits(index),
                    "modulation_index_err": six_digits(index_err),
                }
            )
    return _table(
        rows,
        {"track": str, "spw": int, "frequency": float, "n": int}
        | dict.fromkeys(("mean", "mean_err", "modulation_index", "modulation_index_err"), float),
        STATISTICS,
    )


def structure_function_table(tracks: Sequence[Track]) -> Table:
    """Table of structure functions, a row for each lag."""
    rows = [
        {"track": track.name, "spw": spw, **row}
        for track in [*tracks, *_campaign(tracks)]
        for spw, curve in track.curves.items()
        for row in _rows(
            structure_function(curve, track.longest), track.interval, "structure_function"
        )
    ]
    return _table(
        rows,
        {"track": str, "spw": int} | _lagged_types("structure_function"),
        STRUCTURE_FUNCTION,
    )


def correlation_table(tracks: Sequence[Track]) -> Table:
    """Table of correlations of all pairs of spws and of each with itself, a row for each lag."""
    centred = [_centred(track) for track in tracks]
    rows = [
        {"track": track.name, "spw_1": first, "spw_2": second, **row}
        for track in [*centred, *_campaign(centred)]
        for first, second in combinations_with_replacement(track.curves, 2)
        for row in _rows(
            correlation(track.curves[first], track.curves[second], track.longest),
            track.interval,
            "correlation",
        )
    ]
    return _table(
        rows,
        {"track": str, "spw_1": int, "spw_2": int} | _lagged_types("correlation"),
        CORRELATION,
    )


def _centred(track: Track) -> Track:
    """The track with the mean of each light curve taken out."""
    curves = {
        spw: replace(curve, flux=curve.flux - np.mean(curve.flux))
        for spw, curve in track.curves.items()
    }
    return replace(track, curves=curves)


def _campaign(tracks: Sequence[Track]) -> list[Track]:
    """All tracks as one, where there are several of one length of integrations."""
    intervals = [track.interval for track in tracks]
    if len(tracks) < 2 or np.ptp(intervals) > SAME_INTERVAL * intervals[0]:
        return []
    longest = max(track.longest for track in tracks)
    spws = sorted({spw for track in tracks for spw in track.curves})
    curves = {
        spw: joined([track.curves.get(spw, _nothing(track)) for track in tracks], longest)
        for spw in spws
    }
    frequencies = {
        spw: next(track.frequencies[spw] for track in tracks if spw in track.curves) for spw in spws
    }
    return [Track(CAMPAIGN, curves, frequencies, intervals[0], longest)]


def _nothing(track: Track) -> Curve:
    """The light curve of a spw that a track lacks."""
    other = next(iter(track.curves.values()))
    whole, real = np.zeros(0, int), np.zeros(0)
    return Curve(whole, whole, real, real, other.length, other.stretches)


def _rows(function: Lagged, interval: float, name: str) -> list[dict[str, Any]]:
    return [
        {
            "lag": six_digits(float(function.lag[k] * interval)),
            name: six_digits(float(function.value[k])),
            f"{name}_err": six_digits(float(function.error[k])),
            "pairs": int(function.pairs[k]),
        }
        for k in range(len(function.lag))
    ]


def _lagged_types(name: str) -> dict[str, type]:
    return {"lag": float, name: float, f"{name}_err": float, "pairs": int}


def _table(rows: Sequence[Mapping[str, Any]], types: Mapping[str, type], known: Columns) -> Table:
    """Table with its columns even where there is no row."""
    table = Table({name: [row[name] for row in rows] for name in types})
    for name, kind in types.items():
        table[name] = table[name].astype(kind)
    return described(table, known)
