"""Floors of V and EVPA of a track, from the light curves of its spws, in tables and in words.

Means of `MEAN` seconds, at times at which all spws with Q, U and V have some that are good, go to
`minispiral.light_curves.feed_errors`. Stokes I, the divisor of Q, U and V, has the same gain:
its error is taken out of theirs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.gains.covariance_table import own_noise
from minispiral.io.tables import columns
from minispiral.light_curves.feed_errors import Floors, Polarization, floors
from minispiral.light_curves.hand_gains import Feeds
from minispiral.measures.units import SECONDS_PER_DAY, six_digits, with_error

MEAN = 60.0  # s, or an integration where that is longer
META = "measured_floors"  # where tables have them, in their meta


def measured_floors(light_curves: Sequence[Table], feeds: Feeds) -> Floors:
    """Measure the floors of a track.

    Parameters
    ----------
    light_curves : of its spws, with their ``interval_s``
    feeds : of any of them
    """
    polarized = [
        curve
        for curve in light_curves
        if all(np.isfinite(columns(curve)[name]).any() for name in "QUV")
    ]
    if not polarized:
        return Floors(remark="no spw has Q, U and V")
    length = max(MEAN, *(curve.meta["interval_s"] for curve in polarized))
    start = min(  # of the first integration
        float(columns(curve)["mjd"][0]) - curve.meta["interval_s"] / SECONDS_PER_DAY / 2
        for curve in polarized
    )
    means = [_means(curve, start, length) for curve in polarized]
    shared = sorted(set.intersection(*map(set, means)))
    if not shared:
        return Floors(remark="at no time have all spws good integrations with Q, U and V")
    values = np.array([[of_spw[place] for place in shared] for of_spw in means])
    times, linear, circular, linear_err, circular_err = np.moveaxis(values, -1, 0)
    seen = Polarization(linear, linear_err.real, circular.real, circular_err.real)
    time = times.real.mean(axis=0)
    return floors(time, seen, feeds.turned(time), feeds.linear)


def _means(curve: Table, start: float, length: float) -> dict[int, np.ndarray]:
    """By place in time: the mean time (s), P, v, the error of the parts of P, and that of v."""
    rows = columns(curve)
    i = rows["I"]
    with np.errstate(invalid="ignore", divide="ignore"):
        error = {name: noise / i for name, noise in own_noise(rows).items()}
        values = np.stack(
            [
                rows["mjd"] * SECONDS_PER_DAY + 0j,
                (rows["Q"] + 1j * rows["U"]) / i,
                rows["V"] / i + 0j,
                (error["Q"] ** 2 + error["U"] ** 2) / 2 + 0j,
                error["V"] ** 2 + 0j,
            ]
        )
    known = np.asarray(curve["good"], bool) & np.isfinite(values).all(axis=0)
    place = np.floor((rows["mjd"] - start) * SECONDS_PER_DAY / length).astype(int)
    means = {}
    for number in np.unique(place[known]):
        of_place = values[:, known & (place == number)]
        mean = of_place.mean(axis=1)
        mean[3:] = np.sqrt(mean[3:] / of_place.shape[1])
        means[int(number)] = mean
    return means


def as_meta(measured: Floors) -> dict[str, Any]:
    """Floors as tables have them in their ``meta``, under `META`."""
    return {
        "V_floor": six_digits(measured.v),
        "V_floor_err": six_digits(measured.v_err),
        "EVPA_floor_deg": six_digits(measured.evpa),
        "EVPA_floor_err_deg": six_digits(measured.evpa_err),
        "feeds_turn_deg": six_digits(measured.turn),
        "remark": measured.remark,
    }


def in_words(meta: Mapping[str, Any]) -> str:
    """Say what floors a track has, given as in ``meta``."""
    parts = []
    if np.isfinite(meta["V_floor"]):
        v, error = (100 * meta[name] for name in ("V_floor", "V_floor_err"))
        parts.append(f"{with_error(v, error, 1)} % of Stokes I in V")
    if np.isfinite(meta["EVPA_floor_deg"]):
        angle = with_error(meta["EVPA_floor_deg"], meta["EVPA_floor_err_deg"], 1)
        parts.append(f"{angle} deg in EVPA")
    found = " and ".join(parts) or "of unknown size"
    why = f" ({meta['remark']})" if meta["remark"] else ""
    return f"Errors of the feeds, which no error bar contains: {found}{why}."
