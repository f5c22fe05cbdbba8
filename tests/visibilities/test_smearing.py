"""What averaging costs, against direct means over channel and integration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minispiral.visibilities.smearing import (
    bandwidth_loss,
    check_averaging,
    longest_interval,
    time_loss,
    widest_channel,
)


def test_bandwidth_smearing_is_the_mean_over_the_channel():
    """A channel's uv track spreads the visibility of a Gaussian beam: the formula for a boxcar
    of the equivalent width agrees with a direct mean to first order in beta^2."""
    radius, width = 20.0, 1e-2  # beams; relative bandwidth, so beta = 0.2
    beam = np.sqrt(np.log(2)) * 2  # of exp(-(beam x)^2): FWHM 1
    shifts = np.linspace(-0.5, 0.5, 2001) * width * radius
    direct = 1 - np.mean(np.exp(-((beam * shifts) ** 2)))
    # 4 ln 2 / 12 = 0.231 against 1/2: the formula is the more cautious
    assert 1.5 < bandwidth_loss(width, 1.0, radius) / direct < 2.5


def test_time_smearing_is_the_mean_over_the_integration():
    """A source at the pole's phase centre turns by the earth's rate on the sky's plane."""
    radius, interval = 100.0, 20.0
    beam = np.sqrt(np.log(2)) * 2
    shifts = np.linspace(-0.5, 0.5, 2001) * interval * 7.292e-5 * radius
    direct = np.mean(1 - np.exp(-((beam * shifts) ** 2)))
    assert time_loss(interval, radius) == pytest.approx(direct, rel=0.05)


@given(limit=st.floats(1e-4, 0.3), radius=st.floats(0.5, 1e3), frequency=st.floats(1e9, 1e12))
def test_the_widest_averaging_has_just_the_limits_loss(limit, radius, frequency):
    width = widest_channel(limit, frequency, radius)
    assert bandwidth_loss(width, frequency, radius) == pytest.approx(limit)
    assert time_loss(longest_interval(limit, radius), radius) == pytest.approx(limit)


def test_averaging_is_in_whole_channels_and_integrations():
    check = check_averaging(12.0, 0.5, 0.01, 220e9, 1e6, 4.0)
    assert check.bandwidth_loss < 0.01
    assert check.time_loss < 0.01
    assert bandwidth_loss(check.channels * 1e6, 220e9, 24) <= 0.01
    assert bandwidth_loss((check.channels + 1) * 1e6, 220e9, 24) > 0.01
    assert (
        time_loss(check.integrations * 4, 24) <= 0.01 < time_loss((check.integrations + 1) * 4, 24)
    )
    assert check_averaging(1e4, 0.1, 1e-3, 220e9, 2e9, 30.0).channels == 1
