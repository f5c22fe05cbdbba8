r"""ANTAB files of phased ALMA, with system temperatures on the flux scale of the minispiral.

QA2 makes the core constant. So the flux densities that it gives are the true ones divided by the
gain of `minispiral.calibration.solution`: V_QA2 = V / g. The equivalent flux density (SEFD) of the
phased array is found with the same calibration, and is wrong by the same factor. From a correlation
coefficient rho with another station b, visibilities are made by::

    |V| = rho sqrt(SEFD_AA SEFD_b),    SEFD_AA = TSYS_AA / (DPFU POLY(elevation))

Hence TSYS_AA times g(t), with GAIN as it is, is an amplitude gain of sqrt(g) of the station AA, and
of g of its autocorrelations.

A file is groups of keywords that end in ``/``; a TSYS group is followed by rows of a day of the
year, a time and a number for each column of INDEX, which end in another ``/``. Only numbers in
the rows of TSYS groups of the station are changed. All else stays as it is, to the byte.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from astropy.time import Time

from minispiral.errors import MinispiralError
from minispiral.exports.station_gain import StationGain
from minispiral.measures.units import SECONDS_PER_DAY

DIGITS = 5  # that a changed number has at least

_END = re.compile(r"(?<![\w.])/(?!\w)|(?<=[\w.'\"])/\s*$")
_ROW = re.compile(
    r"\s*(?P<day>\d{1,3})[\s-]+"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2}(?:\.\d*)?)|(?P<part>\.\d*))?"
    r"|(?P<fraction>\.\d+))(?=[\s/]|$)"
)
_INVALID = re.compile(r"\+?9{3,}(?:\.[90]*)?")  # as 999.9: there is no system temperature
_NUMBER = re.compile(r"(?<![\w.])[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])")


@dataclass
class Report:
    """What was done: numbers of rows that were `changed`, or are `far` from the track's data.

    And the smallest and largest gain that was put on.
    """

    changed: int = 0
    far: int = 0
    lowest: float = np.inf
    highest: float = -np.inf


@dataclass(frozen=True)
class _Clock:
    """Times of rows: they lack the year, which is that which is nearest to the `middle`, MJD."""

    middle: float
    new_years: tuple[float, ...]  # MJD

    @classmethod
    def of(cls, times: np.ndarray) -> "_Clock":
        """The clock of a track with these times, MJD."""
        middle = float(np.median(times))
        year = Time(middle, format="mjd").datetime.year
        days = [Time(f"{y}-01-01", scale="utc").mjd for y in (year - 1, year, year + 1)]
        return cls(middle, tuple(map(float, days)))

    def mjd(self, row: re.Match[str]) -> float:
        """Time of a row, MJD (UTC)."""
        seconds = 3600.0 * (int(row["hour"]) + float(row["fraction"] or 0))
        seconds += 60.0 * (int(row["minute"] or 0) + float(f"0{row['part'] or ''}"))
        seconds += float(row["second"] or 0)
        days = int(row["day"]) - 1 + seconds / SECONDS_PER_DAY
        return min((start + days for start in self.new_years), key=lambda t: abs(t - self.middle))


@dataclass
class _Group:
    """A TSYS group: its header so far, and what follows from it."""

    text: str = ""
    offset: float = 0.0  # s
    ours: bool = False
    rows: bool = False


def scaled_antab(text: str, gain: StationGain, station: str = "AA") -> tuple[str, Report]:
    """Return an ANTAB file with the station's system temperatures times the gain.

    Parameters
    ----------
    text : the file's
    gain : of the band's spw
    station : its two letters in the file

    Raises
    ------
    MinispiralError
        If a row of the station's is ill-formed, which is named by its line; if the file has no
        TSYS group of the station, or no end of its last group.
    """
    report, group, found, clock = Report(), _Group(), False, _Clock.of(gain.times)
    lines = []
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        code = line.partition("!")[0]
        if group.rows:
            if group.ours:
                line = _scaled_row(line, code, number, group, gain, clock, report)
            if _END.search(_without_quotes(code)):
                group = _Group()
        else:
            group.text += code
            ended = _END.search(_without_quotes(code))
            if ended and _without_quotes(code)[ended.end() :].strip():
                raise MinispiralError(f"line {number}: put what follows '/' into a line of its own")
            if ended:
                group = _begun(group.text, station)
                found = found or group.ours
        lines.append(line)
    if group.rows:
        raise MinispiralError("the last TSYS group has no '/' at its end: the file is not whole")
    if not found:
        raise MinispiralError(
            f"the file has no TSYS group of station {station}, only of "
            f"{', '.join(stations(text)) or 'none'}: give --station the name that the file has"
        )
    return "".join(lines), report


def _begun(header: str, station: str) -> _Group:
    """The group after its header has ended: of TSYS rows follow, of others a new group."""
    words = re.split(r"[\s=,]+", _without_quotes(header).strip())
    if not words or words[0].upper() != "TSYS":
        return _Group()
    bare = _bare_words(header)
    offset = re.search(r"\bTIMEOFF\s*=\s*([+-]?[\d.]+)", _without_quotes(header), re.IGNORECASE)
    return _Group(
        offset=float(offset[1]) if offset else 0.0,
        ours=station.upper() in bare,
        rows=True,
    )


def _bare_words(header: str) -> list[str]:
    """Words of a header that are no keyword with a value and no value: the station is one."""
    plain = re.sub(r"\s*=\s*[^\s,]+(?:\s*,\s*[^\s,=]+)*", "=", _without_quotes(header, "q"))
    bare = [word.upper() for word in plain.split() if "=" not in word and word != "/"][1:]
    return [word for word in bare if word != "SRC/SYS"]


def _without_quotes(code: str, filling: str = "") -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"", filling, code)


def _scaled_row(
    line: str,
    code: str,
    number: int,
    group: _Group,
    gain: StationGain,
    clock: _Clock,
    report: Report,
) -> str:
    """Put the gain on the numbers of a row; lines without any, as of comments, stay."""
    if not code.strip() or not code.replace("/", "").strip():
        return line
    row = _ROW.match(code)
    if row is None:
        raise MinispiralError(
            f"line {number}: {code.strip()[:40]!r} is no row of a TSYS group: day of the year, "
            "time as HH:MM.mmmm or HH:MM:SS, and numbers"
        )
    factor = gain.at(clock.mjd(row) + group.offset / SECONDS_PER_DAY)
    if factor is None:
        report.far += 1
        return line
    report.changed += 1
    report.lowest, report.highest = min(report.lowest, factor), max(report.highest, factor)
    values = _NUMBER.sub(lambda value: _times(value[0], factor), code[row.end() :])
    return code[: row.end()] + values + line[len(code) :]


def _times(value: str, factor: float) -> str:
    """A number times a factor, with its digits after the point or more, as wide as it was."""
    number = float(value)
    if number <= 0 or _INVALID.fullmatch(value):
        return value
    product = number * factor
    if "e" in value.lower():
        mantissa = value.lower().partition("e")[0]
        text = f"{product:.{max(len(mantissa.partition('.')[2]), DIGITS - 1)}e}"
    else:
        decimals = DIGITS - 1 - int(np.floor(np.log10(product)))
        text = f"{product:.{max(len(value.partition('.')[2]), decimals, 1)}f}"
    return text.rjust(len(value))


def stations(text: str) -> Iterator[str]:
    """Names of the stations of a file's TSYS groups, as its headers have them."""
    header, rows = "", False
    for line in text.splitlines():
        code = line.partition("!")[0]
        header += "" if rows else code + "\n"
        if _END.search(_without_quotes(code)):
            if not rows and header.split()[:1] and header.split()[0].upper() == "TSYS":
                rows = True
                yield from _bare_words(header)[:1]
            else:
                rows = False
            header = ""


def told(report: Report, name: str, reach: float) -> Sequence[str]:
    """Say what was changed in a file, and what was not: a line each."""
    lines = [
        f"the system temperatures in {report.changed} rows of {name} are multiplied by "
        f"{report.lowest:.4f} to {report.highest:.4f}"
    ]
    if report.far:
        lines.append(
            f"{report.far} rows of {name} are further than {reach:g} s from any good integration "
            "of this track, as rows of other sources are: these stay as they were"
        )
    return lines
