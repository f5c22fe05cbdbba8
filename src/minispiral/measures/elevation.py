"""Elevation, airmass, hour angle and parallactic angle of the target, as the array sees it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

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


def parallactic_angle(
    times: np.ndarray, direction: tuple[float, float], position: tuple[float, float, float]
) -> np.ndarray:
    """Parallactic angle: the position angle of the zenith at the target, north through east.

    North is that of J2000, as is that of EVPAs. Without refraction.

    Parameters
    ----------
    times, direction, position : as of `elevation`

    Returns
    -------
    (n,), deg, from -180 to below 180
    """
    with own_tables():
        up = np.full(len(times), 90.0)
        zenith = SkyCoord(0 * up, up, unit="deg", frame=_at(AltAz, times, position))
        zenith = zenith.transform_to("icrs")
    angle = SkyCoord(*direction, unit="deg").position_angle(zenith).deg
    return (np.asarray(angle) + 180) % 360 - 180


def remembered(angle: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of times that asks `angle` once for each time: it takes 70 us for one.

    So the spws of a track, which share most of their times, cost no more than one of them.
    """
    known: dict[float, float] = {}

    def of_times(times: np.ndarray) -> np.ndarray:
        asked = times.tolist()
        new = np.array([time for time in dict.fromkeys(asked) if time not in known])
        if len(new):
            known.update(zip(new.tolist(), np.asarray(angle(new)).tolist(), strict=True))
        return np.array([known[time] for time in asked], float)

    return of_times


def _seen(
    frame: type[BaseCoordinateFrame],
    times: np.ndarray,
    direction: tuple[float, float],
    position: tuple[float, float, float],
) -> SkyCoord:
    """The direction in a frame of the array's, at each time."""
    with own_tables():
        return SkyCoord(*direction, unit="deg").transform_to(_at(frame, times, position))


def _at(
    frame: type[BaseCoordinateFrame], times: np.ndarray, position: tuple[float, float, float]
) -> BaseCoordinateFrame:
    """The frame of the array at each time."""
    place = EarthLocation.from_geocentric(*position, unit=units.m)
    return frame(obstime=Time(times / SECONDS_PER_DAY, format="mjd"), location=place)


@contextmanager
def own_tables() -> Iterator[None]:
    """Take the tables of the Earth's rotation that astropy brings along.

    A second of UT1 is 15 arcsec.
    """
    with (
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        yield


def airmass(elevation_deg: np.ndarray) -> np.ndarray:
    """Airmass of a plane-parallel atmosphere, 1 / sin(elevation)."""
    return 1 / np.sin(np.radians(elevation_deg))
