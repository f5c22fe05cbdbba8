"""Light curves in the forms in which programs that image VLBI data read them.

- ehtim: text of UT hours and fluxes (Jy), for the function of the zero-baseline flux that
  `ehtim.calibrating.network_cal` takes. Hours count from 0 h UTC of the MJD in its header, which is
  that of ehtim's Obsdata, and go on beyond 24.
- smili: CSV with utc, gsthour (apparent sidereal time of Greenwich), flux and sigma (Jy), as
  `smili.lightcurve.read_csv`.
- themis: lines of source, year, day of the year, hours (UTC) and flux (Jy), as the time type HH of
  model_image_fixed_lightcurve; the error behind them is not read.
- bhnerf: CSV with an index, time in hours (UTC), I, Q, U, V (Jy) and their errors, as
  `bhnerf.alma.preprocess_data`.

Times are the means of the bins' integrations, to a millisecond or better.
"""

import numpy as np
from astropy.time import Time
from astropy.timeseries import TimeSeries

from minispiral.errors import MinispiralError
from minispiral.measures.elevation import own_tables

SOURCE = "SGRA"
HOURS = 24.0


def ehtim(curve: TimeSeries) -> str:
    """Text for ehtim: UT hours, I and its error."""
    day, hours = _hours(curve.time)
    lines = [
        f"# zero-baseline flux of Sgr A* at {_gigahertz(curve):.4f} GHz, hours from MJD {day}, UTC",
        "# hours I(Jy) I_err(Jy)",
    ]
    rows = zip(hours, curve["I"].value, curve["I_err"].value, strict=True)
    return _text([*lines, *(f"{t:.9f} {flux:.9g} {err:.6g}" for t, flux, err in rows)])


def smili(curve: TimeSeries) -> str:
    """CSV for SMILI: utc, gsthour, flux, sigma."""
    with own_tables():
        sidereal = curve.time.sidereal_time("apparent", "greenwich").hour
    utc = Time(curve.time, precision=6).isot
    rows = zip(utc, sidereal, curve["I"].value, curve["I_err"].value, strict=True)
    return _text(
        [
            "utc,gsthour,flux,sigma",
            *(f"{t},{gst:.9f},{flux:.9g},{err:.6g}" for t, gst, flux, err in rows),
        ]
    )


def themis(curve: TimeSeries) -> str:
    """Lines for Themis: source, year, day of the year, hours, flux, error."""
    lines = [
        f"# Sgr A* at {_gigahertz(curve):.4f} GHz",
        "# source year day hours(UTC) I(Jy) I_err(Jy)",
    ]
    days = np.floor(curve.time.mjd)
    hours = (curve.time - Time(days, format="mjd", scale="utc")).to_value("hour")
    dates = Time(days, format="mjd", scale="utc").yday
    rows = zip(dates, hours, curve["I"].value, curve["I_err"].value, strict=True)
    for date, hour, flux, err in rows:
        year, day = date.split(":")[:2]
        lines.append(f"{SOURCE} {year} {int(day)} {hour:.9f} {flux:.9g} {err:.6g}")
    return _text(lines)


def bhnerf(curve: TimeSeries) -> str:
    """CSV for BH-NeRF: index, time in hours, and the Stokes parameters with their errors.

    Without V, where it is missing: the program drops rows in which anything is.

    Raises
    ------
    MinispiralError
        If Q and U are missing.
    """
    _, hours = _hours(curve.time)
    known = np.logical_and.reduce([np.isfinite(curve[name].value) for name in "IQU"])
    if not known.any():
        raise MinispiralError("this spw has no Stokes Q and U, which are what BH-NeRF fits")
    has_v = np.isfinite(curve["V"].value[known]).all()
    names = [name for stokes in ("IQUV" if has_v else "IQU") for name in (stokes, f"{stokes}_err")]
    columns = np.column_stack([hours, *(curve[name].value for name in names)])[known]
    lines = [",time," + ",".join(names)]
    for number, (hour, *values) in enumerate(columns):
        lines.append(",".join([f"{number},{hour:.9f}", *(f"{value:.9g}" for value in values)]))
    return _text(lines)


def write(form: str, curve: TimeSeries) -> str:
    """Return a light curve in the form of one of the programs.

    Parameters
    ----------
    form : ehtim, smili, themis or bhnerf
    curve : of one spw in bins of time, as `TrackResults.binned` returns it
    """
    return {"ehtim": ehtim, "smili": smili, "themis": themis, "bhnerf": bhnerf}[form](curve)


def _hours(time: Time) -> tuple[int, np.ndarray]:
    """MJD of the first day, and hours since it began: UTC, beyond 24 on the next day."""
    day = int(np.floor(time.mjd.min()))
    return day, np.asarray((time.mjd - day) * HOURS)


def _gigahertz(curve: TimeSeries) -> float:
    return float(curve["frequency"][0].to_value("GHz"))


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
