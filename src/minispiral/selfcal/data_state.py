"""What flags and weights say of a measurement set: noise, scans, the best reference antennas."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.io.progress import progress
from minispiral.ms.integrations import SCAN_NUMBERS
from minispiral.ms.windows import BLOCK_ROWS, spectral_windows
from minispiral.visibilities.stokes import parallel_hands

REFERENCES = 5  # antennas named to gaincal, which takes the next where one is missing
NAMED = 5  # antennas that a message names


@dataclass(frozen=True)
class DataState:
    """What a measurement set's flags and weights say.

    `flagged`, share of all data; `expected_rms`, Jy/beam, of a naturally weighted image of Stokes
    I; `unflagged` ``(n_antenna,)``, share of each antenna's data; `scans`, with data.
    """

    flagged: float
    expected_rms: float
    unflagged: np.ndarray
    scans: int

    @property
    def antennas(self) -> np.ndarray:
        """Numbers of the antennas with data."""
        return np.flatnonzero(self.unflagged > 0)


def read_state(ms: str | Path) -> DataState:
    """Read flags and weights: the image's noise is 1 / sqrt(sum w), w = 1/sigma^2 of each hand."""
    with casa.table(f"{ms}/ANTENNA") as table:
        count = table.nrows()
    total, good = np.zeros(count), np.zeros(count)
    weights, scans = 0.0, set[tuple[int, ...]]()
    with casa.table(ms) as main:
        for window in spectral_windows(ms).values():
            names = parallel_hands(window.correlations)
            hands = [window.correlations.index(name) for name in names]
            chosen = main.query(f"DATA_DESC_ID IN {window.ids} && ANTENNA1 != ANTENNA2")
            rows = max(1, BLOCK_ROWS // window.channels)
            for start in progress(range(0, chosen.nrows(), rows), "read flags and weights"):
                flag = chosen.getcol("FLAG", start, rows)[hands]
                flag = flag | chosen.getcol("FLAG_ROW", start, rows)
                weight = chosen.getcol("WEIGHT", start, rows)[hands]
                used = ~flag.any(axis=0) & (weight > 0).all(axis=0)  # (n_chan, n_row)
                weights += float((used.sum(axis=0) * weight.sum(axis=0)).sum())
                for name in ("ANTENNA1", "ANTENNA2"):
                    antenna = chosen.getcol(name, start, rows)
                    good += np.bincount(antenna, used.sum(axis=0), count)
                    total += np.bincount(antenna, minlength=count) * len(used)
                ids = (chosen.getcol(name, start, rows) for name in SCAN_NUMBERS.values())
                named = np.unique(np.array([*ids])[:, used.any(axis=0)], axis=1)
                scans |= set(map(tuple, named.T.tolist()))
            chosen.close()
    share = np.divide(good, total, out=np.zeros(count), where=total > 0)
    flagged = 1 - good.sum() / total.sum() if total.sum() else 1.0
    rms = 1 / np.sqrt(weights) if weights else np.inf
    return DataState(float(flagged), float(rms), share, len(scans))


def antenna_names(ms: str | Path) -> list[str]:
    """Names of the antennas of a measurement set, in their order."""
    with casa.table(f"{ms}/ANTENNA") as table:
        return [str(name) for name in table.getcol("NAME")]


def failed_antennas(
    names: Sequence[str], failed: np.ndarray, before: DataState, after: DataState
) -> list[str]:
    """Name the antennas whose want of solutions took the data away, those that lost most first.

    Parameters
    ----------
    names : of the n antennas
    failed : (n,), share of each antenna's solutions that failed
    before, after : the data without and with the gains
    """
    had = np.where(before.unflagged > 0, before.unflagged, 1.0)
    lost = np.where(failed > 0, (before.unflagged - after.unflagged) / had, 0.0)
    # an antenna with solutions loses its baselines to those without
    guilty = np.flatnonzero((lost > 0) & (lost >= lost.max(initial=0.0) / 2))
    order = sorted(guilty.tolist(), key=lambda k: (-lost[k], k))
    words = [
        f"{names[k]} (all)" if lost[k] > 0.9995 else f"{names[k]} ({100 * lost[k]:.0f} %)"
        for k in order[:NAMED]
    ]
    more = len(order) - NAMED
    return [*words, f"and {more} more"] if more > 0 else words


def reference_antennas(ms: str | Path, state: DataState, given: str | None = None) -> list[str]:
    """Return the reference antenna of phases, or the best few by position and flagging.

    Raises
    ------
    MinispiralError
        If the one that is given is not there, or has no data.
    """
    names = antenna_names(ms)
    with casa.table(f"{ms}/ANTENNA") as table:
        positions = table.getcol("POSITION").T
    if given is not None:
        check_reference(ms, [names[k] for k in state.antennas], given)
        return [given]
    return rank_antennas(names, positions, state.unflagged)[:REFERENCES]


def check_reference(
    ms: str | os.PathLike[str], names: Sequence[str], refant: str, what: str = "data"
) -> None:
    """Check that the antenna that phases are to refer to is among a measurement set's.

    Parameters
    ----------
    names : of the antennas that have data, or `what` else it needs

    Raises
    ------
    MinispiralError
        If it is not.
    """
    if refant not in names:
        raise MinispiralError(
            f"{ms} has no antenna {refant!r} with {what}, as the reference of phases: set refant "
            f"to one of {', '.join(names)}"
        )


def rank_antennas(names: Sequence[str], positions: np.ndarray, unflagged: np.ndarray) -> list[str]:
    """Order antennas by how well they serve as reference, the best first; those without data drop.

    Score: 1 - d / max(d), with d the distance from the median position, plus the unflagged share of
    the data relative to the best antenna's; as ALMA's pipeline does.

    Parameters
    ----------
    names : of the n antennas
    positions : (n, 3), m
    unflagged : (n,), share of each antenna's data that is not flagged
    """
    candidates = np.flatnonzero(unflagged > 0)
    if not len(candidates):
        return []
    distance = np.linalg.norm(positions - np.median(positions[candidates], axis=0), axis=1)
    farthest = distance[candidates].max() or 1.0
    score = 1 - distance / farthest + unflagged / unflagged[candidates].max()
    return [names[k] for k in sorted(candidates.tolist(), key=lambda k: (-score[k], k))]
