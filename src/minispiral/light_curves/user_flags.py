"""The table of flags that the user edits by hand, and flags as CASA's flagdata takes them.

The table is comma-separated text with the columns track, spw, start, end and, if wanted,
min_flux, max_flux and comment; lines that begin with # are left out::

    track,    spw, start,               end,                 min_flux, max_flux
    20170406, *,   2017-04-06T09:38:50, 2017-04-06T09:39:10,         ,
    *,        2,   2017-04-07T08:30:00, 2017-04-07T08:31:00,      2.8,

A line flags the integrations from start to end (UTC) whose Stokes I lies within the fluxes (Jy);
a flux that is left out is no limit, and * stands for every track or spw. Files of the memo's second
script (`minispiral.light_curves.memo_flags`), or a folder of them, are read in its place.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.io.flag_files import FORM, files_of, flag_lines, named
from minispiral.light_curves.memo_flags import MemoFlag, read_memo_flags
from minispiral.measures.units import SECONDS_PER_DAY

if TYPE_CHECKING:
    from astropy.table import Table

REQUIRED = ("track", "spw", "start", "end")
OPTIONAL = ("min_flux", "max_flux", "comment")


@dataclass(frozen=True)
class UserFlag:
    """One line of the table; times are MJD in seconds, fluxes Jy."""

    track: str
    spw: str
    start: float
    end: float
    min_flux: float = -np.inf
    max_flux: float = np.inf

    def concerns(self, track: str, spw: int) -> bool:
        """Whether the line is about this track and spw."""
        return self.track in ("*", track) and self.spw in ("*", str(spw))

    def span(self, first_time: float) -> tuple[float, float]:  # noqa: ARG002  (others count from it)
        """Times that it is about, MJD in seconds, for a track that begins at `first_time`, s."""
        return self.start, self.end

    def matches(self, time: np.ndarray, flux: np.ndarray) -> np.ndarray:
        """Integrations that the line flags, ``(n,) bool``; a missing flux is within any limits."""
        with np.errstate(invalid="ignore"):
            outside = (flux < self.min_flux) | (flux > self.max_flux)
        return (time >= self.start) & (time <= self.end) & ~outside


HandFlag = UserFlag | MemoFlag


@dataclass(frozen=True)
class SpwIds:
    """What the spws of a track are numbered in one of its measurement sets, and its times (s)."""

    first_time_s: float
    last_time_s: float
    spws: Mapping[int, int]


def read_user_flags(path: str | Path) -> list[HandFlag]:
    """Read the user's table, a file of the memo's second script, or a folder of such files.

    Raises
    ------
    MinispiralError
        If it cannot be read, lacks a column, or has an ill-formed line, which is named; if a folder
        has no such file.
    """
    if Path(path).is_dir():
        files = files_of(path)
        if not files:
            raise MinispiralError(f"{path} is a folder without any file {FORM}")
        return [flag for file in files for flag in read_memo_flags(file)]
    if named(path) is not None:
        return list(read_memo_flags(path))
    return list(_read_table(path))


def _read_table(path: str | Path) -> list[UserFlag]:
    text, lines = flag_lines(path, "the flag table")
    if not text:
        raise MinispiralError(
            f"{path} is empty: save it again, or give it the line {','.join(REQUIRED)}"
        )
    if not lines:
        return []
    header = [name.strip() for name in lines[0][1].split(",")]
    if not set(REQUIRED) <= set(header) <= {*REQUIRED, *OPTIONAL}:
        raise MinispiralError(
            f"{path}, line {lines[0][0]}: the flag table needs the columns {', '.join(REQUIRED)} "
            f"and may have {', '.join(OPTIONAL)}, not {', '.join(header)}"
        )
    return list(_flags(path, header, lines[1:]))


def flags_of_spws(
    paths: Iterable[str | Path], track: str, spws: Iterable[int]
) -> list[list[HandFlag]]:
    """Read the lines of some tables that concern each of a track's spws."""
    flags = [flag for path in paths for flag in read_user_flags(path)]
    return [[flag for flag in flags if flag.concerns(track, spw)] for spw in spws]


def _flags(
    path: str | Path, header: Sequence[str], lines: Sequence[tuple[int, str]]
) -> Iterator[UserFlag]:
    for number, line in lines:
        cells = [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True))]
        try:
            if len(cells) != len(header):
                raise ValueError(f"{len(cells)} cells for {len(header)} columns")
            yield _flag(dict(zip(header, cells, strict=True)))
        except ValueError as error:
            raise MinispiralError(
                f"{path}, line {number}: {str(error).splitlines()[0]}: write times as "
                "2017-04-06T09:38:50 (UTC), fluxes in Jy, spw as a number or *"
            ) from error


def _flag(cells: dict[str, str]) -> UserFlag:
    if cells["spw"] != "*":
        int(cells["spw"])
    start, end = (_seconds(cells[name]) for name in ("start", "end"))
    if end < start:
        raise ValueError(f"the end {cells['end']} is before the start {cells['start']}")
    low, high = cells.get("min_flux", ""), cells.get("max_flux", "")
    return UserFlag(
        cells["track"],
        cells["spw"],
        start,
        end,
        float(low) if low else -np.inf,
        float(high) if high else np.inf,
    )


def _seconds(time: str) -> float:
    """MJD in seconds of a time as ISO 8601 writes it, or CASA: 2017/04/06/09:38:50."""
    # imported here, as it takes longer to load than many a job its work
    from astropy.time import Time

    parts = re.fullmatch(r"(\d{4})/(\d\d)/(\d\d)/(.+)", time)
    if parts:
        time = "{}-{}-{}T{}".format(*parts.groups())
    try:
        return float(Time(time, scale="utc").mjd * SECONDS_PER_DAY)
    except ValueError as error:
        raise ValueError(f"{time!r} is no time") from error


def write_flagdata_commands(
    path: str | Path, curves: Iterable["Table"], executions: Sequence[SpwIds] = ()
) -> None:
    """Write the flagged integrations as commands for CASA's ``flagdata(mode="list")``.

    One line for each spw and integration: the time range is one integration wide, around its
    middle.

    Parameters
    ----------
    curves : light curves, one a spw, with the length of its integrations in ``meta``: interval_s
    executions : of a night of several measurement sets. The line of an integration has the spw of
        the set with this integration, so that the commands can be given to any of them.
    """
    lines = [line for curve in curves for line in _commands(curve, executions)]
    Path(path).write_text("".join(lines))


def _commands(curve: "Table", executions: Sequence[SpwIds]) -> Iterator[str]:
    half = curve.meta["interval_s"] / 2 / SECONDS_PER_DAY
    for row in curve[~np.asarray(curve["good"], bool)]:
        spw = _own_spw(row["mjd"] * SECONDS_PER_DAY, int(row["spw"]), executions)
        start, end = (_casa_time(row["mjd"] + side * half) for side in (-1, 1))
        time_range = f"timerange='{start}~{end}'"
        reason = str(row["flag"]).replace(" ", "_")
        yield f"mode='manual' spw='{spw}' {time_range} reason='{reason}'\n"


def _own_spw(time: float, spw: int, executions: Sequence[SpwIds]) -> int:
    """The spw as the execution with this time has it, the nearest in time if none has."""
    if not executions:
        return spw
    nearest = min(executions, key=lambda e: max(e.first_time_s - time, time - e.last_time_s))
    return nearest.spws[spw]


def _casa_time(mjd_days: float) -> str:
    """Time as YYYY/MM/DD/HH:MM:SS.s."""
    from astropy.time import Time

    return Time(mjd_days, format="mjd", precision=1).isot.replace("-", "/").replace("T", "/")
