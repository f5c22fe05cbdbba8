r"""Flags by hand as the memo's second script has them: SGRA_flag_info_TRACK_spwN.dat.

A file is of one track and spw, which its name says. Each line has two pairs of numbers::

    [1.25,1.31]     [2.1,3.4]

It flags the integrations between the two times whose Stokes I (Jy) is below the first flux or above
the second: what lies outside the fluxes, where a line of the table of `user_flags` flags what
lies within. The times are in hours since the full hour, of UTC, in which the track's first
integration lies. Both limits of time are excluded.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.io.flag_files import FORM, flag_lines, named

SECONDS_PER_HOUR = 3600.0

_NUMBER = r"\s*([^\s,\[\]]+)\s*"
_LINE = re.compile(rf"\s*\[{_NUMBER},{_NUMBER}\]\s*\[{_NUMBER},{_NUMBER}\]\s*")


@dataclass(frozen=True)
class MemoFlag:
    """One line of such a file: hours since the track's first full hour, and fluxes, Jy."""

    track: str
    spw: str
    start_h: float
    end_h: float
    lowest: float
    highest: float

    def concerns(self, track: str, spw: int) -> bool:
        """Whether the line is about this track and spw."""
        return self.track == track and self.spw == str(spw)

    def span(self, first_time: float) -> tuple[float, float]:
        """Times that it is about, MJD in seconds, for a track that begins at `first_time`, s."""
        hour = np.floor(first_time / SECONDS_PER_HOUR) * SECONDS_PER_HOUR
        return hour + self.start_h * SECONDS_PER_HOUR, hour + self.end_h * SECONDS_PER_HOUR

    def matches(self, time: np.ndarray, flux: np.ndarray) -> np.ndarray:
        """Integrations that the line flags, ``(n,) bool``; a missing flux is flagged by none.

        `time` has all integrations of the track in its spw, MJD in seconds.
        """
        if not len(time):
            return np.zeros(0, bool)
        start, end = self.span(np.min(time))
        with np.errstate(invalid="ignore"):
            outside = (flux < self.lowest) | (flux > self.highest)
        return (time > start) & (time < end) & outside


def read_memo_flags(path: str | Path) -> list[MemoFlag]:
    """Read one file.

    Raises
    ------
    MinispiralError
        If it cannot be read, or a line has another form, which is named.
    """
    place = named(path)
    if place is None:
        raise MinispiralError(
            f"{path} is not named like {FORM}, which tells its track and spw: rename it"
        )
    _, lines = flag_lines(path, "the flags")
    track, spw = place
    return list(_flags(path, track, str(spw), lines))


def _flags(
    path: str | Path, track: str, spw: str, lines: Iterable[tuple[int, str]]
) -> Iterator[MemoFlag]:
    for number, line in lines:
        try:
            yield MemoFlag(track, spw, *_numbers(line))
        except ValueError as error:
            raise MinispiralError(
                f"{path}, line {number}: {error}: write [start,end] in hours since the track's "
                "first full hour, and [lowest,highest] in Jy"
            ) from error


def _numbers(line: str) -> tuple[float, float, float, float]:
    parts = _LINE.fullmatch(line)
    if parts is None:
        raise ValueError(f"{line.strip()!r} is not two pairs of numbers")
    start, end, lowest, highest = map(float, parts.groups())
    if not (start <= end and lowest <= highest):
        raise ValueError(
            f"{line.strip()!r} has the larger number first, or a word that is no number"
        )
    return start, end, lowest, highest
