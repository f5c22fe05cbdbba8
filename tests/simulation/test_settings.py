"""Settings of a simulated track: defaults, and what is impossible."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.simulation.settings import TrackSimulation


def test_defaults_need_no_settings():
    track = TrackSimulation.from_settings({})
    assert track == TrackSimulation()
    assert track.integrations == 300
    assert len(track.frequencies) == 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"antenas": 8}, "did you mean 'antennas'"),
        ({"colour": "red"}, "possible are antenna_config, antennas"),
        ({"antennas": 8.5}, "antennas is 8.5: expected integer from 2 to 1000"),
        ({"antennas": True}, "antennas is true"),
        ({"antennas": 1}, "antennas is 1: must be at least 2"),
        ({"integration_s": 0}, "integration_s is 0"),
        ({"core_rms": math.nan}, "core_rms is nan"),
        ({"core_flux_jy": "bright"}, 'core_flux_jy is "bright"'),
        ({"start": "yesterday"}, 'start is "yesterday": use a time in UTC'),
        ({"start": 57849}, "start is 57849: use a time in UTC"),
        ({"frequencies_ghz": 213.1}, "expected a list"),
        ({"frequencies_ghz": []}, "needs at least 1"),
        ({"frequencies_ghz": [213.1, "x"]}, 'frequencies_ghz, entry 2 is "x"'),
        ({"correlations": "XX"}, 'possible is "XX XY YX YY"'),
        ({"correlations": ["XX", "YY"]}, 'possible is "XX XY YX YY"'),
        ({"sky": "cloudy"}, 'sky is "cloudy": possible is "components" or "smooth"'),
        ({"zenith_opacity": -0.1}, "zenith_opacity is -0.1"),
        ({"zenith_opacity": 0.5}, "the sky alone has 175.2 K at zenith_opacity 0.5"),
        ({"antenna_config": "/etc/passwd"}, "without folder"),
        ({"broken_integrations": 301}, "has 300 integrations"),
    ],
)
def test_impossible_settings_are_named(settings, message):
    with pytest.raises(MinispiralError, match=message) as caught:
        TrackSimulation.from_settings(settings)
    assert "\n" not in str(caught.value)


def test_settings_are_taken_as_yaml_gives_them():
    track = TrackSimulation.from_settings(
        {
            "rotation_measure": "-4e5",
            "scan_minutes": 4,
            "frequencies_ghz": [213, 229.1],
            "start": datetime(2017, 4, 7, 9, 0, tzinfo=UTC),
        }
    )
    assert track.rotation_measure == -4e5
    assert track.frequencies_ghz == (213.0, 229.1)
    assert track.start == "2017-04-07T09:00:00+00:00"
    assert TrackSimulation.from_settings({"start": "2017-04-07T09:00:00Z"}).start == track.start


def test_scans_take_their_lengths_in_turn():
    track = TrackSimulation.from_settings(
        {"scans": 5, "scan_minutes": [4, 0.5], "integration_s": 20}
    )
    assert track.scan_lengths == (4, 0.5, 4, 0.5, 4)
    assert track.integrations == 3 * 12 + 2 * 2


def test_channels_lie_evenly_about_the_centre():
    track = TrackSimulation.from_settings(
        {"frequencies_ghz": [220.0], "channels": 4, "bandwidth_ghz": 2.0}
    )
    np.testing.assert_allclose(
        track.channel_frequencies, [[219.25e9, 219.75e9, 220.25e9, 220.75e9]], rtol=1e-15
    )
