"""Where the array points to, on average, against where it should, over time: and its file."""

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


def pointing_table(pointing: Pointing, kept: bool, drifts: Mapping[int, float]) -> Table:
    """Table of a track's pointing: time (MJD in s), east, north and their errors (arcsec).

    In ``meta``: evidence; `kept`, whether it is used; and by spw in `drifts`, what the variance of
    ln(F_core / F_ext) is that drifts in spite of it, NaN where it is not known.
    """
    table = Table({"time": pointing.time * units.s})
    for place, name in enumerate(("east", "north")):
        table[name] = pointing.offset[:, place] * units.arcsec
        table[f"{name}_err"] = pointing.error[:, place] * units.arcsec
    table.meta = {"evidence": float(pointing.evidence), "kept": bool(kept)}
    table.meta["drifts"] = {int(spw): float(variance) for spw, variance in drifts.items()}
    return table


def read_drifts(path: str | Path, spws: Sequence[int]) -> list[float]:
    """Read the variance that drifts of each spw; NaN where it is not known."""
    drifts = read_table(path).meta["drifts"]
    return [float(drifts[spw]) for spw in spws]


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
