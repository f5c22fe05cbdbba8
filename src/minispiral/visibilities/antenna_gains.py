"""Antenna gains: what they are, how they act on visibilities, and their file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np

from minispiral.errors import MinispiralError

HANDS = (("XX", "YY"), ("RR", "LL"))


@dataclass(frozen=True)
class AntennaGains:
    """Gains of one spw by integration, with which V_ij / (g_i conj(g_j)) is the corrected datum.

    `times` ``(n,)``, s; `antennas`, their names ``(n_antenna,)``; `gain` ``(n, n_antenna, 2)``
    complex, the hands last, NaN where there is no solution; `phases`, `amplitudes` ``(n,)``: the
    real parameters of each kind and hand that an integration has spent.
    """

    times: np.ndarray
    antennas: np.ndarray
    gain: np.ndarray
    phases: np.ndarray
    amplitudes: np.ndarray

    @property
    def spent(self) -> np.ndarray:
        """Degrees of freedom that an integration of one hand has spent, ``(n,)``."""
        return self.phases + self.amplitudes


def no_gains(times: np.ndarray, antennas: Sequence[str]) -> AntennaGains:
    """Return gains of 1 for antennas by their names, which spend nothing."""
    n = len(times)
    gain = np.ones((n, len(antennas), 2), complex)
    return AntennaGains(times, np.array(antennas, str), gain, np.zeros(n), np.zeros(n))


def places_among(antennas: Iterable[str], others: Iterable[str]) -> list[int]:
    """Place of each antenna among others, by name; its own where both are the same list.

    Raises
    ------
    MinispiralError
        If a name among the others stands for several antennas, and the lists differ.
    """
    own, there = [str(name) for name in antennas], [str(name) for name in others]
    if own == there:
        return list(range(len(own)))
    twice = [name for name, number in Counter(there).items() if number > 1 and name in own]
    if twice:
        raise MinispiralError(
            f"ANTENNA has {twice[0]} in several rows, whose gains are not distinct: give each "
            "row a NAME of its own on a copy of the data, and give that"
        )
    return [there.index(name) for name in own]


def hands_of(correlations: Sequence[str]) -> tuple[str, str]:
    """Return the two parallel hands among the correlations."""
    return next(pair for pair in HANDS if set(pair) <= set(correlations))


def feeds_of(correlations: Sequence[str]) -> np.ndarray:
    """Feed (0 or 1) of both antennas of each correlation, ``(n_corr, 2)``: XY is (0, 1)."""
    names = [hand[0] for hand in hands_of(correlations)]
    return np.array([[names.index(feed) for feed in name] for name in correlations])


def failed_share(gains: AntennaGains) -> float:
    """Share of the solutions that are missing, of antennas that have any."""
    solved = np.isfinite(gains.gain)
    return float(1 - solved[:, solved.any(axis=(0, 2))].mean()) if solved.any() else 1.0


def without_missing(gains: AntennaGains | None) -> AntennaGains | None:
    """Return gains with 1 where there is no solution, so that a later round can find one."""
    if gains is None:
        return None
    return replace(gains, gain=np.where(np.isfinite(gains.gain), gains.gain, 1))


def write_gains(path: str | Path, gains: AntennaGains) -> None:
    """Write gains as arrays without any pickle."""
    with open(path, "wb") as file:
        np.savez(file, **asdict(gains))


def read_gains(path: str | Path) -> AntennaGains:
    """Read what `write_gains` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        return AntennaGains(**arrays)


def write_track_gains(path: str | Path, gains: Mapping[int, AntennaGains]) -> None:
    """Write gains of several spws to one file; those of a spw may be left out."""
    arrays = {
        f"spw{spw}_{name}": values
        for spw, of_spw in gains.items()
        for name, values in asdict(of_spw).items()
    }
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def read_gains_of_spws(
    paths: Sequence[str | Path], spws: Sequence[int]
) -> list[AntennaGains | None]:
    """Read the gains of some spws, None for those that have none.

    Parameters
    ----------
    paths : of each spw, as `write_gains` or `write_track_gains` wrote it; or none at all
    """
    if not paths:
        return [None] * len(spws)
    return [_read_of_spw(path, spw) for path, spw in zip(paths, spws, strict=True)]


def _read_of_spw(path: str | Path, spw: int) -> AntennaGains | None:
    names = [field.name for field in fields(AntennaGains)]
    with np.load(path, allow_pickle=False) as arrays:
        for prefix in ("", f"spw{spw}_"):
            if f"{prefix}gain" in arrays.files:
                return AntennaGains(**{name: arrays[prefix + name] for name in names})
    return None


def correction(
    gains: AntennaGains,
    integration: np.ndarray,
    antenna1: np.ndarray,
    antenna2: np.ndarray,
    correlations: Sequence[str],
) -> np.ndarray:
    """Return g_i conj(g_j) of each correlation and row, ``(n_corr, n_row)``; NaN if missing."""
    feeds = feeds_of(correlations)
    first = gains.gain[integration, antenna1]  # (n_row, 2)
    second = gains.gain[integration, antenna2]
    return np.array([first[:, i] * np.conj(second[:, j]) for i, j in feeds])
