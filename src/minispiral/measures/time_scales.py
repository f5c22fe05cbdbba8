r"""Times of observations on other scales than UTC: TAI, and TDB at the barycentre.

A light curve's times are when its light came to the array. At the barycentre of the solar system
the same light comes earlier or later by up to 8.3 minutes times the cosine of the ecliptic
latitude, which of Sgr A* is -5.6 deg::

    BJD_TDB = JD(TDB) + r n / c

with r the array's place as seen from the barycentre and n the direction of the source.
"""

import numpy as np
from astropy import units
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.time import Time

from minispiral.measures.elevation import own_tables


def tai(mjd: np.ndarray) -> np.ndarray:
    """International atomic time, MJD, of times in MJD (UTC): ``(n,)``."""
    return np.asarray(Time(mjd, format="mjd", scale="utc").tai.mjd)


def bjd_tdb(
    mjd: np.ndarray, direction: tuple[float, float], position: tuple[float, float, float]
) -> np.ndarray:
    """Barycentric Julian date on the scale TDB, by astropy's own ephemeris of the Earth.

    Parameters
    ----------
    mjd : (n,), UTC
    direction : right ascension and declination, J2000, deg
    position : the array's, geocentric (ITRF), m

    Returns
    -------
    (n,), days; a double has steps of 40 us there
    """
    place = EarthLocation.from_geocentric(*position, unit=units.m)
    times = Time(mjd, format="mjd", scale="utc", location=place)
    with own_tables():
        travel = times.light_travel_time(
            SkyCoord(*direction, unit="deg"), kind="barycentric", ephemeris="builtin"
        )
        return np.asarray((times.tdb + travel).jd)
