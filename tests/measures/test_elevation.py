"""Elevation, hour and parallactic angle against textbooks, astropy, and CASA's measures."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from astropy.coordinates import TETE, EarthLocation, SkyCoord
from astropy.time import Time

from minispiral import casa
from minispiral.measures.elevation import (
    airmass,
    elevation,
    hour_angle,
    parallactic_angle,
    remembered,
)

SGR_A = (266.41683708, -29.00781056)
ALMA = (2225142.18, -5440307.37, -2481029.85)
TIMES = 4998188200.0 + 600.0 * np.arange(40)


def test_elevation_follows_the_hour_angle():
    """Without precession, nutation and aberration, which move Sgr A* by a quarter of a degree."""
    longitude, latitude = np.arctan2(ALMA[1], ALMA[0]), np.radians(-23.02265)
    days = TIMES / 86400 - 51544.5
    sidereal = np.radians(280.46061837 + 360.98564736629 * days) + longitude
    ra, dec = np.radians(SGR_A)
    sine = np.sin(latitude) * np.sin(dec)
    sine += np.cos(latitude) * np.cos(dec) * np.cos(sidereal - ra)
    expected = np.degrees(np.arcsin(sine))
    np.testing.assert_allclose(elevation(TIMES, SGR_A, ALMA), expected, atol=0.3)


def by_casa(angle_of: Callable[[Any, Any], Any]) -> list[float]:
    """An angle of Sgr A* at all times, deg, by CASA's measures and the direction in J2000."""
    with casa.session():
        measures, quanta = casa.tools().measures(), casa.tools().quanta()
        measures.doframe(measures.position("ITRF", *(f"{value}m" for value in ALMA)))
        found = []
        for time in TIMES:
            measures.doframe(measures.epoch("UTC", f"{time}s"))
            direction = measures.direction("J2000", *(f"{angle}deg" for angle in SGR_A))
            found.append(quanta.convert(angle_of(measures, direction), "deg")["value"])
        return found


@pytest.mark.slow
def test_elevation_agrees_with_casa():
    expected = by_casa(lambda measures, direction: measures.measure(direction, "AZELGEO")["m1"])
    np.testing.assert_allclose(elevation(TIMES, SGR_A, ALMA), expected, atol=0.01)


def test_the_hour_angle_is_sidereal_time_less_right_ascension():
    """Of the date: astropy's own apparent sidereal time and place, of the true equator."""
    place = EarthLocation.from_geocentric(*ALMA, unit="m")
    time = Time(TIMES / 86400, format="mjd", location=place)
    apparent = SkyCoord(*SGR_A, unit="deg").transform_to(TETE(obstime=time, location=place))
    expected = (time.sidereal_time("apparent") - apparent.ra).wrap_at("180d").hour
    found = hour_angle(TIMES, SGR_A, ALMA)
    np.testing.assert_allclose(found, expected, atol=1e-3)
    # sidereal hours pass by 1.0027 a solar one
    np.testing.assert_allclose(np.diff(found), 600 / 3600 * 1.00274, rtol=1e-4)


def test_the_hour_angle_is_nought_where_the_elevation_is_highest():
    times = TIMES[0] + 60.0 * np.arange(1440)
    highest = np.argmax(elevation(times, SGR_A, ALMA))
    assert abs(hour_angle(times, SGR_A, ALMA)[highest]) < 0.02
    angles = hour_angle(times, SGR_A, ALMA)
    assert -12 <= angles.min() < angles.max() < 12


def test_the_parallactic_angle_is_that_of_the_textbook():
    """Of the date, whose north differs from that of J2000 by a tenth of a degree."""
    hours = np.radians(15 * hour_angle(TIMES, SGR_A, ALMA))
    latitude, dec = np.radians(-23.02265), np.radians(SGR_A[1])
    expected = np.arctan2(
        np.sin(hours),
        np.tan(latitude) * np.cos(dec) - np.sin(dec) * np.cos(hours),
    )
    found = parallactic_angle(TIMES, SGR_A, ALMA)
    np.testing.assert_allclose(found, np.degrees(expected), atol=0.3)
    assert np.ptp(found) > 80


@pytest.mark.slow
def test_the_parallactic_angle_agrees_with_casa():
    def angle(measures, direction):
        zenith = measures.measure(measures.direction("AZELGEO", "0deg", "90deg"), "J2000")
        return measures.posangle(direction, zenith)

    expected = by_casa(angle)
    np.testing.assert_allclose(parallactic_angle(TIMES, SGR_A, ALMA), expected, atol=0.02)


def test_airmass():
    np.testing.assert_allclose(airmass(np.array([90.0, 30.0])), [1.0, 2.0])


def test_each_time_is_asked_for_once():
    asked = []

    def angle(times):
        asked.extend(times)
        return 2 * times

    known = remembered(angle)
    np.testing.assert_array_equal(known(np.array([3.0, 1.0, 3.0])), [6, 2, 6])
    np.testing.assert_array_equal(known(np.array([1.0, 2.0])), [2, 4])
    assert len(known(np.zeros(0))) == 0
    assert asked == [3, 1, 2]
