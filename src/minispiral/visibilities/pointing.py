"""The pointing of the array, on average, against where it should, over time: and its file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy import units
from astropy.table import Table

from minispiral.io.tables import columns, read_table

# to be believed; simulated tracks without pointing errors have up to 52, with them 264 and more
EVIDENCE = 100.0


@dataclass(frozen=True)
class Pointing:
    """Mean offset of the antennas' pointing from the phase centre.

    `time` ``(n,)``, s, ascending; `offset` and its `error` ``(n, 2)``, arcsec east and north;
    `evidence`, logarithm of how much likelier the data are with it than without.
    """

    time: np.ndarray
    offset: np.ndarray
    error: np.ndarray
    evidence: float

    def at(self, times: np.ndarray) -> np.ndarray:
        """Offsets at some times, s: ``(n, 2)``, in straight lines between those known."""
        return np.stack([np.interp(times, self.time, axis) for axis in self.offset.T], axis=-1)


def pointing_table(
    pointing: Pointing, kept: bool, drifts: Mapping[int, tuple[float, float]]
) -> Table:
    """Table of a track's pointing: time (MJD in s), east, north and their errors (arcsec).

    In ``meta``: evidence; `kept`, whether it is used; and by spw, what drifts in spite of it:
    ``drifts``, the variances of ln(F_core / F_ext), NaN where not known, and
    ``drift_timescales_s``. `drifts` has both.
    """
    table = Table({"time": pointing.time * units.s})
    for place, name in enumerate(("east", "north")):
        table[name] = pointing.offset[:, place] * units.arcsec
        table[f"{name}_err"] = pointing.error[:, place] * units.arcsec
    table.meta = {"evidence": float(pointing.evidence), "kept": bool(kept)}
    for place, name in enumerate(("drifts", "drift_timescales_s")):
        table.meta[name] = {int(spw): float(drift[place]) for spw, drift in drifts.items()}
    return table


def read_drifts(path: str | Path, spws: Sequence[int]) -> list[tuple[float, float]]:
    """Read what drifts of each spw: its variance, NaN where not known, and its timescale, s."""
    meta = read_table(path).meta
    return [(meta["drifts"][spw], meta["drift_timescales_s"][spw]) for spw in spws]


def read_pointing(path: str | Path) -> Pointing | None:
    """Read a track's pointing; None where it is not used."""
    table = read_table(path)
    if not table.meta["kept"]:
        return None
    rows = columns(table)
    return Pointing(
        rows["time"],
        np.stack([rows["east"], rows["north"]], axis=-1),
        np.stack([rows["east_err"], rows["north_err"]], axis=-1),
        table.meta["evidence"],
    )
