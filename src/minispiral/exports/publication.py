"""Light curves as tables that one can publish: FITS, VOTable, and CDS with its ReadMe.

All have the same columns, with units, descriptions and UCDs. Times are those of the middle of an
integration, or means of those in a bin: MJD (UTC) as in light_curves.ecsv, MJD (TAI), and the
barycentric Julian date on the scale TDB (`minispiral.measures.time_scales`). What is not measured
is NaN, or blank in the table of the CDS.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy import units
from astropy.io import fits
from astropy.io.votable import from_table, writeto
from astropy.io.votable.tree import TimeSys
from astropy.table import Column, MaskedColumn, Table, vstack
from astropy.time import Time

from minispiral import __version__
from minispiral.exports.results import CampaignResults, TrackResults
from minispiral.io.tables import columns
from minispiral.measures.time_scales import bjd_tdb, tai

TARGET, TELESCOPE = "Sgr A*", "ALMA"
FLUX = "phot.flux.density;phys.polarization.stokes."
LINEAR = "phot.flux.density;phys.polarization.linear"
ANGLE = "pos.posAng;phys.polarization.linear"
CDS_TABLE, CDS_README = "lightcur.dat", "ReadMe"
LINE = 80 * "-"


@dataclass(frozen=True)
class Published:
    """A column: what it is, its UCD, and how many decimals of it are worth printing."""

    description: str
    ucd: str
    decimals: int = 0


COLUMNS = {
    "track": Published("Night of observations", "meta.id;obs"),
    "spw": Published("Spectral window of ALMA", "meta.id;instr.bandpass"),
    "frequency": Published("Mean frequency of the spectral window", "em.freq", 6),
    "mjd": Published("Modified Julian date, UTC, at ALMA", "time.epoch", 9),
    "tai": Published("Modified Julian date, TAI, at ALMA", "time.epoch", 9),
    "bjd_tdb": Published("Barycentric Julian date, TDB", "time.epoch", 9),
    "seconds": Published("Length of the bin", "time.interval", 3),
    "n": Published("Integrations in the bin", "meta.number"),
    "I": Published("Stokes I", f"{FLUX}I", 6),
    "I_err": Published("Error of I", f"stat.error;{FLUX}I", 6),
    "Q": Published("Stokes Q", f"{FLUX}Q", 6),
    "Q_err": Published("Error of Q", f"stat.error;{FLUX}Q", 6),
    "U": Published("Stokes U", f"{FLUX}U", 6),
    "U_err": Published("Error of U", f"stat.error;{FLUX}U", 6),
    "V": Published("Stokes V", f"{FLUX}V", 6),
    "V_err": Published("Error of V", f"stat.error;{FLUX}V", 6),
    "P": Published("Linearly polarised flux density", LINEAR, 6),
    "P_err": Published("Error of P", f"stat.error;{LINEAR}", 6),
    "P_debiased": Published("P without the bias that noise gives it", LINEAR, 6),
    "EVPA": Published("Position angle of polarisation, north through east", ANGLE, 4),
    "EVPA_err": Published("Error of EVPA", f"stat.error;{ANGLE}", 4),
    "good": Published("1 if the integration is good", "meta.code.qual"),
}


# column -> its scale, and the place whose times it has; of the BJD the origin is that of JD
TIMES = {
    "mjd": ("UTC", "TOPOCENTER"),
    "tai": ("TAI", "TOPOCENTER"),
    "bjd_tdb": ("TDB", "BARYCENTER"),
}
TIME_ORIGINS = {"mjd": "MJD-origin", "tai": "MJD-origin", "bjd_tdb": "JD-origin"}


def published_table(
    campaign: CampaignResults,
    tracks: Sequence[str],
    spw: int | None = None,
    seconds: float | None = None,
) -> Table:
    """Table of the light curves of some tracks, as it is to be published.

    Parameters
    ----------
    tracks : names
    spw : the only one that is wanted; all, if left out
    seconds : length of bins of time; each integration by itself, if left out
    """
    tables = [_of_track(campaign[name], spw, seconds) for name in tracks]
    table = vstack(tables, join_type="exact", metadata_conflicts="silent")
    table["frequency"] = np.round(table["frequency"].quantity.to_value("GHz"), 9) * units.GHz
    if "good" in table.colnames:
        table["good"] = np.asarray(table["good"], np.int16)
    for name in table.colnames:
        table[name].description = COLUMNS[name].description
        table[name].meta["ucd"] = COLUMNS[name].ucd
    table.meta = {
        "description": f"Light curves of {TARGET}, {TELESCOPE}, campaign {campaign.name}",
        "campaign": campaign.name,
        "positions": [list(campaign[name].place[1]) for name in tracks],
    }
    return table


def _of_track(track: TrackResults, spw: int | None, seconds: float | None) -> Table:
    table = track.table if seconds is None else track.all_binned(seconds)
    if spw is not None:
        table = track.of_spw(table, spw)
    mjd = columns(table)["mjd"]
    table = table[[name for name in COLUMNS if name in table.colnames]]
    after = table.colnames.index("mjd") + 1
    times = {"tai": lambda: tai(mjd), "bjd_tdb": lambda: bjd_tdb(mjd, *track.place)}
    for place, (name, values) in enumerate(times.items(), start=after):
        if name not in table.colnames:  # of bins, and of light curves that older versions wrote
            table.add_column(values() * units.d, name=name, index=place)
    return table


def write_fits(path: str | Path, table: Table) -> None:
    """Write a FITS binary table, each column of MJD with its scale and place.

    The Julian date has neither, as readers would count it from MJDREF; its comment says what it is.
    """
    data = Table(columns(table))
    for name in data.colnames:
        data[name].unit = table[name].unit
    hdu = fits.table_to_hdu(data)
    hdu.name = "LIGHT_CURVES"
    header = hdu.header
    mjd = np.asarray(table["mjd"], float)
    for keyword, value, comment in (
        ("OBJECT", TARGET, ""),
        ("TELESCOP", TELESCOPE, ""),
        ("CREATOR", f"minispiral {__version__}", ""),
        ("TIMESYS", "UTC", "scale of times where a column has no other"),
        ("MJDREF", 0.0, "times count from MJD 0"),
        ("TIMEUNIT", "d", ""),
        ("TREFPOS", "TOPOCENTER", "where times are those of"),
        ("DATE-OBS", _date(mjd.min()), "UTC"),
        ("DATE-END", _date(mjd.max()), "UTC"),
        ("MJD-OBS", mjd.min(), "UTC"),
        ("MJD-END", mjd.max(), "UTC"),
    ):
        header[keyword] = (value, comment)
    places = {tuple(place) for place in table.meta["positions"]}
    if len(places) == 1:
        for axis, metres in zip("XYZ", next(iter(places)), strict=True):
            header[f"OBSGEO-{axis}"] = (metres, "m, ITRF")
    for number, name in enumerate(data.colnames, start=1):
        header.set(f"TCOMM{number}", COLUMNS[name].description, after=f"TFORM{number}")
        header.set(f"TUCD{number}", COLUMNS[name].ucd, after=f"TCOMM{number}")
        if TIME_ORIGINS.get(name) == "MJD-origin":  # by the standard, times count from MJDREF
            scale, place = TIMES[name]
            header.set(f"TCTYP{number}", scale, after=f"TUCD{number}")
            header.set(f"TRPOS{number}", place, after=f"TCTYP{number}")
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(path)


def write_votable(path: str | Path, table: Table) -> None:
    """Write a VOTable 1.4, each column of time with its TIMESYS."""
    data = table.copy()
    data.meta = {"description": table.meta["description"]}
    votable = from_table(data)
    votable.version = "1.4"
    (resource,) = votable.resources
    for name, (scale, place) in TIMES.items():
        resource.time_systems.append(
            TimeSys(
                ID=f"time_{name}",
                timeorigin=TIME_ORIGINS[name],
                timescale=scale,
                refposition=place,
                config={"version_1_4_or_later": True},
            )
        )
    (first,) = resource.tables
    for entry in first.fields:
        entry.ucd = COLUMNS[entry.name].ucd
        if entry.name in TIMES:
            entry.ref = f"time_{entry.name}"
    writeto(votable, str(path))


def write_cds(folder: str | Path, table: Table) -> None:
    """Write a table of the CDS and its ReadMe into a new folder.

    Names of columns are the CDS's: errors are ``e_I`` and the like.
    """
    folder = Path(folder)
    folder.mkdir()
    data, formats = Table(), {}
    for name, values in columns(table).items():
        told = {"unit": table[name].unit, "description": COLUMNS[name].description}
        if values.dtype.kind == "f":
            # fixed decimals, as astropy would take powers of ten, with fewer digits, for small ones
            formats[cds_name(name)] = f".{COLUMNS[name].decimals}f"
        missing = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
        column = MaskedColumn(values, mask=missing, **told)
        data[cds_name(name)] = column if missing.any() else Column(values, **told)
    text = io.StringIO()
    data.write(text, format="ascii.mrt", formats=formats)
    head, rows = _parted(text.getvalue())
    (folder / CDS_TABLE).write_text(rows)
    (folder / CDS_README).write_text(_readme(head, rows, table))


def cds_name(name: str) -> str:
    """Name of a column in a table of the CDS."""
    return f"e_{name.removesuffix('_err')}" if name.endswith("_err") else name


def _parted(text: str) -> tuple[str, str]:
    """The byte-by-byte description of a machine-readable table, and its rows."""
    lines = text.splitlines()
    begin = next(k for k, line in enumerate(lines) if line.startswith("Byte-by-byte"))
    rules = [k for k, line in enumerate(lines) if line.startswith(LINE)]
    described = [line.rstrip() for line in lines[begin : rules[2] + 1]]
    described[0] = f"Byte-by-byte Description of file: {CDS_TABLE}"
    return "\n".join(described), "".join(f"{line}\n" for line in lines[rules[-1] + 1 :])


def _readme(described: str, rows: str, table: Table) -> str:
    count, width = rows.count("\n"), max(map(len, rows.splitlines()), default=0)
    return f"""{table.meta["description"]}
{"=" * 80}
Description:
    Light curves of the core, measured against the constant minispiral, by
    minispiral {__version__}. Errors contain that of the gain.

File Summary:
{LINE}
 FileName      Lrecl  Records   Explanations
{LINE}
{CDS_README:<12}      80        .   This file
{CDS_TABLE:<12} {width:>7}  {count:>7}   Light curves
{LINE}

{described}

{"=" * 80}
(End)
"""


def _date(mjd: float) -> str:
    return str(Time(mjd, format="mjd", scale="utc", precision=3).isot)
