"""Rounds of self-calibration against a model of every visibility: intervals, and gains so far.

The gains of an interval are those of `minispiral.visibilities.gain_equations`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.visibilities.antenna_gains import AntennaGains
from minispiral.visibilities.gain_equations import MINSNR


@dataclass(frozen=True)
class Round:
    """How one round is solved: ``calmode`` p or ap, interval, what is combined, smallest S/N."""

    calmode: str = "p"
    solint: str = "int"
    combine: str = ""
    minsnr: float = MINSNR
    refant: str | None = None

    @property
    def amplitude(self) -> bool:
        """Whether amplitudes are solved for as well as phases."""
        return "a" in self.calmode

    @property
    def combines(self) -> set[str]:
        """What is combined: spw, scan."""
        return {part.strip() for part in self.combine.split(",") if part.strip()}


def interval_of(times: np.ndarray, scans: np.ndarray, recipe: Round) -> np.ndarray:
    """Solution interval of each integration, ``(n,) int`` from 0 on.

    ``solint`` is int (each integration), inf (each scan), or a time such as 100s or 2min, in which
    case each scan is divided into the whole number of equal intervals nearest to that length. With
    ``combine: scan`` the intervals are those of the track.

    Raises
    ------
    MinispiralError
        If solint is ill-formed.
    """
    if recipe.solint == "int":
        return np.arange(len(times))
    blocks = np.zeros(len(times), int) if "scan" in recipe.combines else scans
    length = np.inf if recipe.solint == "inf" else seconds(recipe.solint)
    labels = np.zeros((len(times), 2), int)
    for block in np.unique(blocks):
        rows = blocks == block
        elapsed = times[rows] - times[rows][0]
        count = max(1, round(np.ptp(elapsed) / length)) if np.ptp(elapsed) > 0 else 1
        width = np.ptp(elapsed) / count or 1.0
        labels[rows, 0] = block
        labels[rows, 1] = np.minimum(elapsed // width, count - 1)
    return np.unique(labels, axis=0, return_inverse=True)[1].ravel()


def seconds(text: str) -> float:
    """Return the seconds in a text such as 100s or 2min; a bare number is in seconds.

    Raises
    ------
    MinispiralError
        If it is no positive time.
    """
    for unit, factor in (("min", 60.0), ("s", 1.0), ("", 1.0)):
        if text.endswith(unit):
            try:
                value = float(text.removesuffix(unit)) * factor
            except ValueError:
                break
            if value > 0:
                return value
            break
    raise MinispiralError(f"{text!r} is no solution interval: use int, inf, or a time such as 100s")


def with_solutions(gain: np.ndarray, names: Sequence[str]) -> list[str]:
    """Names of the antennas with a solution in some interval; gains ``(n, n_antenna, n_hand)``."""
    found = np.isfinite(gain).any(axis=(0, 2))
    return [name for name, has_one in zip(names, found, strict=True) if has_one]


def refer_to(gain: np.ndarray, antenna: int) -> np.ndarray:
    """Turn all phases so that one antenna's, the mean of its hands, is zero.

    Both hands turn together: a phase between them would make V of U.
    """
    reference = gain[:, antenna]  # (n, hand)
    solved = np.isfinite(reference)
    unit = np.where(solved, reference / np.where(solved, np.abs(reference), 1), 0).sum(axis=1)
    turn = np.where(np.abs(unit) > 0, unit / np.where(unit == 0, 1, np.abs(unit)), 1)
    return gain * np.conj(turn)[:, None, None]


def combine(
    before: AntennaGains, solved: np.ndarray, interval: np.ndarray, recipe: Round, share: int
) -> AntennaGains:
    """Multiply the gains so far by those of a round.

    Parameters
    ----------
    before : gains that the round's data were corrected with
    solved : (n_interval, n_antenna, 2), from `GainSums.solve`
    interval : (n,) int
        Of each integration.
    share : number of spws that the solutions are shared by

    Returns
    -------
    AntennaGains
        A parameter spent again on a round of the same kind is not counted again.
    """
    antennas = np.isfinite(solved).sum(axis=1).mean(axis=-1)  # of a hand
    spent = (np.maximum(antennas - 1, 0) / np.bincount(interval) / share)[interval]
    amplitudes = spent if recipe.amplitude else np.zeros_like(spent)
    return replace(
        before,
        gain=before.gain * solved[interval],
        phases=np.maximum(before.phases, spent),
        amplitudes=np.maximum(before.amplitudes, amplitudes),
    )
