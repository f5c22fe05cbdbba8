"""Light curves to be compared: of results, or a table of whomever.

A table has columns of time and flux, and of errors where they are known, by any of the names below
(`TIMES`, `FLUXES`, `ERRORS`), whether their letters are large or small. Times may be MJD in days or
in seconds, or hours of the day: their size says which, as hours are below a hundred, and seconds
above 1e9. Hours that begin anew within a curve are of the next day. Rows are parted into light
curves by what is in columns such as track, spw and frequency; those whose `good` is false, no or 0
are left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.table import Table

from minispiral.errors import MinispiralError
from minispiral.io.tables import columns
from minispiral.measures.integrations import SCAN_COLUMNS, scan_labels
from minispiral.measures.times import stretches
from minispiral.measures.units import SECONDS_PER_DAY

LIGHT_CURVES = "light_curves.ecsv"
TIMES = ("mjd", "mjd(utc)", "mjd_s", "time", "hours", "hour", "time(h)", "utc", "ut", "t")
FLUXES = ("i", "i(jy)", "flux", "flux(jy)", "flux_jy", "stokes_i", "stki")
ERRORS = ("i_err", "ierr(jy)", "ierr", "error", "err", "flux_err", "flux_error", "fluxerr", "sigma")
FREQUENCIES = {"frequency": 1.0, "freq": 1.0, "freq_ghz": 1e9, "frequency_ghz": 1e9, "ghz": 1e9}
NAMES = ("track", "day", "night")
SPWS = ("spw", "band")
AS_TEXT = dict.fromkeys((*NAMES, *SPWS), str)  # as 096, whose zero is part of the name
HOURS, SECONDS = 100.0, 1e9  # below: hours of the day; above: MJD in seconds
NOTHING = "-"
GOOD = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
HALF_A_DAY = SECONDS_PER_DAY / 2


@dataclass(frozen=True)
class GivenCurve:
    """One light curve: `time` (MJD in s, or seconds of the day), Stokes I `flux` and `error` (Jy).

    All ``(n,)`` in order of time, errors NaN where not known; `stretch` counts pieces without a gap
    or change of scan; `interval`, s, is the typical distance of neighbours. `track` and `spw` are
    `NOTHING`, and `frequency` (Hz) is NaN, where the table does not say them. `has_date` is False
    where times are of a day that is not known.
    """

    track: str
    spw: str
    frequency: float
    time: np.ndarray
    flux: np.ndarray
    error: np.ndarray
    stretch: np.ndarray
    interval: float
    has_date: bool


def read_curves(path: str | Path, tracks: Sequence[str] = ()) -> list[GivenCurve]:
    """Read light curves: of a folder of results, of a campaign or a track, or of a table.

    Parameters
    ----------
    tracks : names of those that are wanted, of tables that name tracks; all, if left out

    Raises
    ------
    MinispiralError
        If there are none, or the table has no times and fluxes.
    """
    path = Path(path)
    if path.is_dir():
        if not (path / LIGHT_CURVES).is_file():
            raise MinispiralError(
                f"{path} has no {LIGHT_CURVES}: name a folder of results, as results/eht2017, or a "
                "table of a light curve"
            )
        path = path / LIGHT_CURVES
    table = _read(path)
    curves = list(_parted(table, path))
    if tracks:
        curves = [curve for curve in curves if curve.track in {*tracks, NOTHING}]
    if not curves:
        raise MinispiralError(
            f"{path} has no light curve" + (f" of track {', '.join(tracks)}" if tracks else "")
        )
    return curves


def _read(path: Path) -> Table:
    if not path.is_file():
        raise MinispiralError(f"{path} is not there: name a folder of results, or a table")
    try:
        if path.suffix == ".ecsv":
            return Table.read(path, format="ascii.ecsv")
        if path.suffix == ".csv":
            return Table.read(path, format="ascii.csv", comment="#", converters=AS_TEXT)
        return Table.read(path, format="ascii", converters=AS_TEXT)
    except (ValueError, OSError, UnicodeDecodeError) as error:
        first = (str(error).strip().splitlines() or [""])[0]
        raise MinispiralError(
            f"{path} cannot be read as a table with a line of column names: {first}"
        ) from error


def _parted(table: Table, path: Path) -> Iterator[GivenCurve]:
    """Yield the light curves that are in a table."""
    names = {name.lower(): name for name in table.colnames}
    time, flux = (_found(names, known) for known in (TIMES, FLUXES))
    if time is None or flux is None:
        raise MinispiralError(
            f"{path} has columns {', '.join(table.colnames)}: a light curve needs one of times, "
            "as mjd or hours, and one of fluxes, as I or flux"
        )
    error = _found(names, ERRORS)
    values = columns(table)
    try:
        seconds, has_date = _seconds(np.asarray(values[time], float), path)
        fluxes = np.asarray(values[flux], float)
        errors = np.full(len(table), np.nan) if error is None else np.asarray(values[error], float)
    except ValueError as wrong:
        raise MinispiralError(f"{path}: {time} and {flux} have to be numbers: {wrong}") from wrong
    used = np.isfinite(seconds) & (fluxes > 0)
    if "good" in table.colnames:
        used &= _good(table, path)
    scans = scan_labels(table) if set(SCAN_COLUMNS) <= set(table.colnames) else None
    track, spw = (_labels(table, names, known) for known in (NAMES, SPWS))
    hertz = _hertz(values, names, len(table))
    kinds = np.stack([track, spw, hertz.astype(str)])
    if not has_date:
        seconds = _past_midnight(seconds, kinds)
    for kind in dict.fromkeys(zip(*kinds[:, used].tolist(), strict=True)):
        rows = np.flatnonzero(used & (kinds == np.array(kind)[:, None]).all(axis=0))
        rows = rows[np.argsort(seconds[rows], kind="stable")]
        rows = rows[np.append(True, np.diff(seconds[rows]) > 0)]
        if len(rows) > 1:
            label = None if scans is None else scans[rows]
            number, interval = pieces(seconds[rows], label)
            yield GivenCurve(
                kind[0], kind[1], float(hertz[rows[0]]), seconds[rows], fluxes[rows], errors[rows],
                number, interval, has_date,
            )  # fmt: skip


def _found(names: dict[str, str], known: Sequence[str]) -> str | None:
    return next((names[name] for name in known if name in names), None)


def _seconds(times: np.ndarray, path: Path) -> tuple[np.ndarray, bool]:
    """Times in seconds, and whether they have a date."""
    finite = times[np.isfinite(times)]
    if not len(finite):
        raise MinispiralError(f"{path} has no times")
    if finite.max() > SECONDS:
        return times, True
    if finite.min() >= 0 and finite.max() < HOURS:
        return times * 3600, False
    if finite.min() > 2400000:  # a Julian date
        return (times - 2400000.5) * SECONDS_PER_DAY, True
    return times * SECONDS_PER_DAY, True


def _past_midnight(seconds: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Seconds of the day of each kind of rows, a day added whenever they begin anew."""
    seconds = seconds.copy()
    for kind in np.unique(kinds, axis=1).T:
        rows = np.flatnonzero((kinds == kind[:, None]).all(axis=0) & np.isfinite(seconds))
        begins = np.diff(seconds[rows], prepend=seconds[rows[:1]]) < -HALF_A_DAY
        seconds[rows] += SECONDS_PER_DAY * np.cumsum(begins)
    return seconds


def _good(table: Table, path: Path) -> np.ndarray:
    """Which rows are good, by the column of that name."""
    column = np.ma.asarray(table["good"])
    written = np.where(np.ma.getmaskarray(column), "", np.asarray(column).astype(str))
    texts = [text.strip().lower().removesuffix(".0") for text in written.tolist()]
    unknown = [written[row] or "empty" for row, text in enumerate(texts) if text not in GOOD]
    if unknown:
        raise MinispiralError(
            f"{path}: good is {', '.join(dict.fromkeys(unknown))}: write true or false, yes or no, "
            "or 1 or 0"
        )
    return np.array([GOOD[text] for text in texts], bool)


def _labels(table: Table, names: dict[str, str], known: Sequence[str]) -> np.ndarray:
    name = _found(names, known)
    if name is None:
        return np.full(len(table), NOTHING)
    return np.asarray(table[name]).astype(str)


def _hertz(values: dict[str, np.ndarray], names: dict[str, str], n: int) -> np.ndarray:
    name = _found(names, tuple(FREQUENCIES))
    if name is None:
        return np.full(n, np.nan)
    given = np.asarray(values[name], float)
    unit = FREQUENCIES[name.lower()]
    return given * (1e9 if unit == 1.0 and np.nanmax(given) < 1e6 else unit)


def pieces(time: np.ndarray, scans: np.ndarray | None) -> tuple[np.ndarray, float]:
    """Number of the piece without a gap, of each time, and the typical distance of neighbours."""
    number = stretches(time)
    if scans is not None:
        number = np.append(0, np.cumsum((np.diff(number) != 0) | (np.diff(scans) != 0)))
    return number, float(np.median(np.diff(time)))
