"""The pointing of the array, on average, against where it should, over time: and its file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from minispiral.io.tables import columns, read_table

if TYPE_CHECKING:
    from astropy.table import Table

# to be believed; simulated tracks without pointing errors have up to 52, with them 264 and more
EVIDENCE = 100.0
AXES = ("east", "north")


@dataclass(frozen=True)
class Pointing:
    """Offsets of the antennas' pointing from the phase centre.

    `time` ``(n,)``, s, ascending; `offset`, the mean of all antennas, and its `error` ``(n, 2)``,
    arcsec east and north; `evidence`, logarithm of how much likelier the data are with it than
    without; `antennas`, names of those whose own offsets are known, ``(n_antenna,)``, and these,
    `own`, ``(n, n_antenna, 2)``.
    """

    time: np.ndarray
    offset: np.ndarray
    error: np.ndarray
    evidence: float
    antennas: np.ndarray = field(default_factory=lambda: np.zeros(0, str))
    own: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 2)))

    def at(self, times: np.ndarray) -> np.ndarray:
        """The mean at some times, s: ``(n, 2)``, in straight lines between those known."""
        return _interpolated(times, self.time, self.offset)

    def of_baselines(
        self,
        times: np.ndarray,
        place: np.ndarray,
        antennas: Sequence[str] | np.ndarray,
        antenna1: np.ndarray,
        antenna2: np.ndarray,
    ) -> np.ndarray:
        """Offsets of both antennas of each row: ``(2, n_row, 2)``.

        An antenna whose own offset is not known has that of the array.

        Parameters
        ----------
        times : ``(n_time,)``, s
        place : ``(n_row,)``, of each row's time in `times`
        antennas : names, of which `antenna1` and `antenna2`, ``(n_row,)``, are places
        """
        each = np.repeat(self.at(times)[:, None], len(antennas), axis=1)
        known = {str(name): number for number, name in enumerate(self.antennas)}
        for number, name in enumerate(antennas):
            if str(name) in known:
                each[:, number] = _interpolated(times, self.time, self.own[:, known[str(name)]])
        return np.stack([each[place, antenna1], each[place, antenna2]])


def _interpolated(times: np.ndarray, known: np.ndarray, offset: np.ndarray) -> np.ndarray:
    return np.stack([np.interp(times, known, axis) for axis in offset.T], axis=-1)


def pointing_table(
    pointing: Pointing, kept: bool, drifts: Mapping[int, tuple[float, float]]
) -> "Table":
    """Table of a track's pointing: time (MJD in s), east, north and their errors (arcsec).

    Columns ``east_`` and ``north_`` with the name of an antenna are its own offsets (arcsec). In
    ``meta``: `antennas`, their names; evidence; `kept`, whether it is used; and by spw, what drifts
    in spite of it: ``drifts``, the variances of ln(F_core / F_ext), NaN where not known, and
    ``drift_timescales_s``. `drifts` has both.
    """
    # imported here, as they take longer to load than many a job its work
    from astropy.table import Table

    from minispiral.columns.column import described
    from minispiral.columns.gains import POINTING

    table = Table({"time": pointing.time})
    for place, name in enumerate(AXES):
        table[name] = pointing.offset[:, place]
        table[f"{name}_err"] = pointing.error[:, place]
    for number, antenna in enumerate(pointing.antennas):
        for place, name in enumerate(AXES):
            table[f"{name}_{antenna}"] = pointing.own[:, number, place]
    described(table, POINTING)
    table.meta = {"antennas": [str(name) for name in pointing.antennas]}
    table.meta |= {"evidence": float(pointing.evidence), "kept": bool(kept)}
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
    rows, antennas = columns(table), np.array(table.meta["antennas"], str)

    def of_axes(name: str) -> np.ndarray:
        return np.stack([rows[name.format(axis)] for axis in AXES], axis=-1)

    own = [of_axes(f"{{}}_{antenna}") for antenna in antennas]
    return Pointing(
        rows["time"],
        of_axes("{}"),
        of_axes("{}_err"),
        table.meta["evidence"],
        antennas,
        np.stack(own, axis=1) if own else np.zeros((0, 0, 2)),
    )
