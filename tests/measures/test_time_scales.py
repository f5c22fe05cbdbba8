"""Times on other scales: TAI by its leap seconds, TDB at the barycentre by another ephemeris."""

from pathlib import Path

import numpy as np
import pytest

from minispiral.measures.time_scales import bjd_tdb, tai
from tests.helpers.results import ALMA, SGR_A

MJD = np.array([57849.35, 57935.5, 58100.25, 58300.0, 59000.125])
SECOND = 1 / 86400


def test_tai_is_utc_with_its_leap_seconds():
    # 36 s from July 2015 on, 37 s from 2017 on
    np.testing.assert_allclose((tai(MJD) - MJD) / SECOND, 37, atol=1e-5)
    assert (tai(np.array([57700.0])) - 57700.0) / SECOND == pytest.approx(36, abs=1e-5)


def test_barycentric_times_differ_by_the_way_of_light_through_the_earths_orbit():
    """Sgr A* is 5.6 deg south of the ecliptic; mid June it is opposite to the Sun."""
    delay = (bjd_tdb(MJD, SGR_A, ALMA) - 2400000.5 - MJD) / SECOND - 69.184
    assert np.abs(delay).max() < 499.0 * 1.017 + 6
    # at opposition, on June 19, the light has been here first
    year = 57800 + np.arange(365.0)
    delays = (bjd_tdb(year, SGR_A, ALMA) - 2400000.5 - year) / SECOND - 69.184
    assert delays.max() == pytest.approx(499.0 * np.cos(np.radians(5.6)) * 1.016, abs=8)
    assert year[np.argmax(delays)] == pytest.approx(57923, abs=4)


@pytest.mark.slow
def test_barycentric_times_are_those_of_jpls_ephemeris():
    """Skyfield with DE421: the array's place at the barycentre, along the direction of Sgr A*."""
    api = pytest.importorskip("skyfield.api", reason="make readers")
    data = pytest.importorskip("skyfield_data", reason="make readers")
    folder = Path(data.__file__).parent / "data"
    load = api.Loader(folder, verbose=False)
    planets, timescale = load("de421.bsp"), load.timescale(builtin=True)
    time = timescale.tt_jd(MJD + 2400000.5 + 69.184 * SECOND)
    place = api.wgs84.latlon(-23.0193, -67.7532, 5056.8)
    array = (planets["earth"] + place).at(time).position.km
    ra, dec = np.radians(SGR_A)
    direction = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    expected = time.tdb + direction @ array / 299792.458 * SECOND
    planets.close()
    np.testing.assert_allclose(bjd_tdb(MJD, SGR_A, ALMA), expected, rtol=0, atol=1e-3 * SECOND)
