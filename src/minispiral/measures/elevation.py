"""Elevation and airmass of the target, as the array sees it."""

import numpy as np
from astropy import units
from astropy.coordinates import AltAz, EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers

from minispiral.measures.units import SECONDS_PER_DAY


def elevation(
    times: np.ndarray, direction: tuple[float, float], position: tuple[float, float, float]
) -> np.ndarray:
    """Elevation above the horizon, without refraction.

    Parameters
    ----------
    times : (n,), MJD (UTC) in seconds, as in a measurement set
    direction : right ascension and declination, J2000, deg
    position : the array's, geocentric (ITRF), m

    Returns
    -------
    (n,), deg
    """
    place = EarthLocation.from_geocentric(*position, unit=units.m)
    # the tables of the Earth's rotation that astropy brings along: a second of UT1 is 15 arcsec
    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        frame = AltAz(obstime=Time(times / SECONDS_PER_DAY, format="mjd"), location=place)
        return SkyCoord(*direction, unit="deg").transform_to(frame).alt.deg


def airmass(elevation_deg: np.ndarray) -> np.ndarray:
    """Airmass of a plane-parallel atmosphere, 1 / sin(elevation)."""
    return 1 / np.sin(np.radians(elevation_deg))
