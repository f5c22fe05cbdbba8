"""The table of transients of a track, and of all tracks; see docs/science.md."""

from collections.abc import Sequence

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.science import TRANSIENTS
from minispiral.io.tables import stack
from minispiral.measures.units import SECONDS_PER_DAY, six_digits
from minispiral.science.transients import Search

SEARCHES = "searches"  # in the meta: how each track was searched
# numbers of a transient, by the names of its own
NUMBERS = (
    "seconds",
    "east",
    "north",
    "place_err",
    "flux",
    "flux_err",
    "signal_to_noise",
    "false_alarms",
)


def transients_table(track: str, search: Search) -> Table:
    """Table of a track's transients, a row each; in ``meta`` the search, by track."""
    found = search.transients
    table = Table(
        {
            "track": np.array([track] * len(found), str),
            "mjd": np.array([one.time / SECONDS_PER_DAY for one in found], float),
        }
    )
    for name in ("begin", "end"):
        days = [getattr(one, name) / SECONDS_PER_DAY for one in found]
        table[f"mjd_{name}"] = np.array(days, float)
    for name in NUMBERS:
        table[name] = np.array([six_digits(getattr(one, name)) for one in found], float)
    described(table, TRANSIENTS)
    table.meta[SEARCHES] = {
        track: {
            "threshold": six_digits(search.threshold),
            "snapshots": search.number,
            "snapshots_of_gains": search.of_gains,
            "noise_jy": {f"{s:g}": six_digits(noise) for s, noise in search.noise.items()},
        }
    }
    return table


def all_transients(tables: Sequence[Table]) -> Table:
    """Those of all tracks in one table."""
    joined = stack(tables)
    joined.meta = {SEARCHES: {k: v for t in tables for k, v in t.meta[SEARCHES].items()}}
    return joined
