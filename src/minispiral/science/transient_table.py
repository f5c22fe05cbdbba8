"""The table of transients of a track, and of all tracks; see docs/science.md."""

from collections.abc import Sequence

import numpy as np
from astropy import units
from astropy.table import Table

from minispiral.io.tables import stack
from minispiral.measures.units import SECONDS_PER_DAY, six_digits
from minispiral.science.transients import Search

SEARCHES = "searches"  # in the meta: how each track was searched
COLUMNS = {
    "seconds": units.s,
    "east": units.arcsec,
    "north": units.arcsec,
    "place_err": units.arcsec,
    "flux": units.Jy,
    "flux_err": units.Jy,
    "signal_to_noise": None,
    "false_alarms": None,
}


def transients_table(track: str, search: Search) -> Table:
    """Table of a track's transients, a row each; in ``meta`` the search, by track."""
    found = search.transients
    table = Table(
        {
            "track": np.array([track] * len(found), str),
            "mjd": np.array([one.time / SECONDS_PER_DAY for one in found], float),
        }
    )
    table["mjd"].unit = units.day
    for name in ("begin", "end"):
        days = [getattr(one, name) / SECONDS_PER_DAY for one in found]
        table[f"mjd_{name}"] = np.array(days, float)
        table[f"mjd_{name}"].unit = units.day
    for name, unit in COLUMNS.items():
        table[name] = np.array([six_digits(getattr(one, name)) for one in found], float)
        table[name].unit = unit
    table.meta[SEARCHES] = {
        track: {
            "threshold": six_digits(search.threshold),
            "snapshots": search.number,
            "noise_jy": {f"{s:g}": six_digits(noise) for s, noise in search.noise.items()},
        }
    }
    return table


def all_transients(tables: Sequence[Table]) -> Table:
    """Those of all tracks in one table."""
    joined = stack(tables)
    joined.meta = {SEARCHES: {k: v for t in tables for k, v in t.meta[SEARCHES].items()}}
    return joined
