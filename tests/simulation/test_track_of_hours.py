"""Simulated tracks of hours: their noise, smooth sky and baselines, against their own truth."""

from datetime import datetime

import numpy as np
import pytest

from minispiral import casa
from minispiral.simulation import source
from minispiral.simulation.settings import TrackSimulation
from minispiral.simulation.smooth_sky import seen_through, smooth_sky, visibility
from minispiral.simulation.track import draw_truth, simulate_track
from minispiral.visibilities.primary_beam import primary_beam_width
from tests.helpers.baselines import w_coordinates

pytestmark = pytest.mark.slow

DAY_START = (datetime(2017, 4, 6) - datetime(1858, 11, 17)).total_seconds()


def elevation_by_hand(hours):
    """Return the elevation of Sgr A* at ALMA, hours after the culmination, rad."""
    latitude, declination = np.radians(-23.023), np.radians(-29.008)
    hour_angle = np.radians(15.041 * np.asarray(hours))
    return np.arcsin(
        np.sin(latitude) * np.sin(declination)
        + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    )


def test_noise_follows_the_airmass():
    """At the culmination, and four hours later."""
    hours = np.array([0.0, 4.0])
    # right ascension of the date 17.779 h, longitude -4.517 h, sidereal time at 0 h UTC 12.965 h
    times = DAY_START + 3600 * ((17.779 + 4.517 - 12.965) / 1.00274 + hours)
    with casa.session():
        growth = draw_truth(
            times, TrackSimulation(zenith_opacity=0.1, broken_integrations=0)
        ).noise_growth
    air = 1 / np.sin(elevation_by_hand(hours))
    np.testing.assert_allclose(growth, source.noise_growth(air, 0.1, 90.0), rtol=2e-3)
    assert growth[1] > 1.2


def test_a_track_of_hours_has_the_smooth_sky_and_noise_beyond_its_weights(tmp_path):
    """Sky and noise against the truth; the baselines at its end against CASA's of that time."""
    settings = {
        "antennas": 8,
        "start": "2017-04-06T09:15:00",
        "scans": 2,
        "scan_minutes": 4,
        "gap_minutes": 236,
        "integration_s": 24,
        "frequencies_ghz": [213.1, 229.1],
        "broken_integrations": 0,
        "sky": "smooth",
        "zenith_opacity": 0.2,
    }
    simulate_track(tmp_path / "a.ms", tmp_path / "a.csv", settings)
    with casa.session(), casa.table(tmp_path / "a.ms") as table:
        names = ("UVW", "TIME", "DATA_DESC_ID", "SCAN_NUMBER", "ANTENNA1", "ANTENNA2", "DATA")
        columns = {name: np.moveaxis(table.getcol(name), -1, 0) for name in names}
        sigma = table.getcol("SIGMA")
    assert np.ptp(sigma) == 0
    truth = np.genfromtxt(tmp_path / "a.csv", delimiter=",", names=True, dtype=None)
    times = np.unique(columns["TIME"])
    row = columns["DATA_DESC_ID"] * len(times) + np.searchsorted(times, columns["TIME"])
    frequency = np.array([213.1e9, 229.1e9])
    extended = np.zeros(len(row), complex)
    for spw, hertz in enumerate(frequency):
        rows = columns["DATA_DESC_ID"] == spw
        u, v = columns["UVW"][rows].T[:2] * hertz / 299792458.0
        seen = seen_through(smooth_sky(), primary_beam_width(hertz, 12.0))
        extended[rows] = visibility(u, v, seen) / seen.flux.sum()
    total = truth["I"][row] + truth["extended"][row] * extended
    data = columns["DATA"][:, [0, 3], 0].mean(axis=1) / truth["qa2_gain"][row]
    left = np.stack([(data - total).real, (data - total).imag]) * np.sqrt(2) / sigma[0, 0]
    last = columns["SCAN_NUMBER"] == 2
    assert np.std(left[:, ~last]) == pytest.approx(1, abs=4 / np.sqrt(2 * left[:, ~last].size))
    expected = source.noise_growth(1 / np.sin(elevation_by_hand(4.03)), 0.2, 90.0)
    assert expected > 1.4
    assert np.std(left[:, last]) == pytest.approx(expected, rel=4 / np.sqrt(left[:, last].size))
    end = columns["TIME"] == times[-1]
    w = w_coordinates(
        tmp_path / "a.ms", times[-1], columns["ANTENNA1"][end], columns["ANTENNA2"][end]
    )
    np.testing.assert_allclose(columns["UVW"][end, 2], w, atol=0.03)
