"""Elevation, airmass and hour angle of the target, as the array sees it."""

import numpy as np
from astropy import units
from astropy.coordinates import AltAz, BaseCoordinateFrame, EarthLocation, HADec, SkyCoord
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
    return _seen(AltAz, times, direction, position).alt.deg


def hour_angle(
    times: np.ndarray, direction: tuple[float, float], position: tuple[float, float, float]
) -> np.ndarray:
    """Hour angle, negative in the east: the apparent sidereal time less the right ascension.

    Parameters
    ----------
    times, direction, position : as of `elevation`

    Returns
    -------
    (n,), hours, from -12 to below 12
    """
    hours = _seen(HADec, times, direction, position).ha.hour
    return (np.asarray(hours) + 12) % 24 - 12


def _seen(
    frame: type[BaseCoordinateFrame],
    times: np.ndarray,
    direction: tuple[float, float],
    position: tuple[float, float, float],
) -> SkyCoord:
    """The direction in a frame of the array's, at each time."""
    place = EarthLocation.from_geocentric(*position, unit=units.m)
    # the tables of the Earth's rotation that astropy brings along: a second of UT1 is 15 arcsec
    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        at = frame(obstime=Time(times / SECONDS_PER_DAY, format="mjd"), location=place)
        return SkyCoord(*direction, unit="deg").transform_to(at)


def airmass(elevation_deg: np.ndarray) -> np.ndarray:
    """Airmass of a plane-parallel atmosphere, 1 / sin(elevation)."""
    return 1 / np.sin(np.radians(elevation_deg))
