r"""The turns of fluxes and sky as a table: what each changed, and why there was no other.

A turn fits the fluxes with the sky so far and then finds the next sky. It stands in the table with
what its fluxes say, see `minispiral.sky.turns`. Turns that had nothing to do are not in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.gains import TURNS
from minispiral.io.tables import rounded_table
from minispiral.sky.track import SpwFluxes
from minispiral.sky.turns import TOLERANCE, change_of

ALL_TRACKS = "*"  # instead of a track: the sky that tracks share
GOING_ON, CONVERGED, BOUND = "-", "fluxes", "bound"  # what stopped the turns


@dataclass
class TurnSums:
    """What the tracks' fluxes say in a turn; `add` those of each track."""

    change: float = np.nan
    most: str = "-"
    _chi2: list[float] = field(default_factory=list)
    _used: list[int] = field(default_factory=list)
    _all: int = 0

    def add(
        self,
        track: str,
        spws: Sequence[int],
        fluxes: Sequence[SpwFluxes],
        before: Sequence[SpwFluxes],
    ) -> None:
        """Add the fluxes of a track's spws, with those of the turn before, none in the first."""
        for of_spw in fluxes:
            used = of_spw.used
            self._all += len(used)
            if used.any():
                self._used.append(int(used.sum()))
                self._chi2.append(float(np.mean(of_spw.chi2[used])))
        for spw, earlier, later in zip(spws, before, fluxes, strict=bool(before)):
            change = change_of(earlier, later)
            if not change <= self.change:
                self.change, self.most = change, f"{track}, spw {spw}"

    @property
    def chi2(self) -> float:
        """Reduced chi-square, mean over the averages used; NaN without any."""
        return float(np.average(self._chi2, weights=self._used)) if self._used else np.nan

    @property
    def used(self) -> float:
        """Share of the averages in time from which the sky is found; NaN without any."""
        return sum(self._used) / self._all if self._all else np.nan


@dataclass(frozen=True)
class TurnDone:
    """A turn: its `sums`, the `total` of the sky it ended with (Jy), whether turns `stopped`."""

    sums: TurnSums
    total: float
    stopped: bool


def rows_of_turns(
    sky: str, iteration: int, allowed: int, turns: Iterable[TurnDone]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each turn, the first one's first, up to that with which they stopped.

    Parameters
    ----------
    sky : the track whose it is, or `ALL_TRACKS`
    iteration : number
    allowed : number of turns that the configuration allows
    turns : as far as there are any; those after the stop are not read
    """
    for number, turn in enumerate(turns, start=1):
        why = GOING_ON
        if turn.stopped:
            why = CONVERGED if turn.sums.change <= TOLERANCE else BOUND
        yield {
            "track": sky,
            "iteration": iteration,
            "turn": number,
            "turns_allowed": allowed,
            "change": turn.sums.change,
            "changed_most": turn.sums.most,
            "chi2": turn.sums.chi2,
            "used": turn.sums.used,
            "total": turn.total,
            "stopped": why,
        }
        if turn.stopped:
            return


def turns_table(rows: Sequence[dict[str, Any]]) -> Table:
    """Make the table of all skies' rows.

    Columns: track, or * for the sky that tracks share; iteration; turn; turns_allowed; change of
    the fluxes from the turn before, in their errors, the largest of all spws, and where it was;
    chi2 of the fluxes' fits; used, the share of the averages in time; total of the sky, Jy; and
    stopped, what stopped the turns: fluxes, bound, or - where more followed.
    """
    return described(rounded_table(rows), TURNS)


def ends_of_turns(table: Table, sky_of: Mapping[str, str]) -> dict[tuple[str, int], dict[str, Any]]:
    """How the turns of each track ended, by track and iteration, for the table of convergence.

    Parameters
    ----------
    table : that of `turns_table`
    sky_of : for each track whose sky is found by turns, as whose it stands in the table

    Returns
    -------
    Of each: `turns` done, `turns_change`, the last change of the sky's fluxes in their errors, and
    `turns_stopped`, what stopped the turns.
    """
    ends = {
        (str(row["track"]), int(row["iteration"])): {
            "turns": int(row["turn"]),
            "turns_change": float(row["change"]),
            "turns_stopped": str(row["stopped"]),
        }
        for row in table
        if row["stopped"] != GOING_ON
    }
    return {
        (track, iteration): end
        for (sky, iteration), end in ends.items()
        for track, of_track in sky_of.items()
        if of_track == sky
    }
