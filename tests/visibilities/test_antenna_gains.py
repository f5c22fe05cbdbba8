"""Antenna gains that are missing."""

import numpy as np
import pytest

from minispiral.visibilities.antenna_gains import (
    failed_share,
    no_gains,
    without_missing,
)

ANTENNAS = 12


NAMES = [f"A{n:02d}" for n in range(ANTENNAS)]


def test_missing_gains_are_tried_again():
    gains = no_gains(np.arange(2.0), NAMES)
    gains.gain[0, 3] = np.nan
    assert np.all(without_missing(gains).gain == 1)
    assert np.isnan(gains.gain[0, 3]).all()
    assert without_missing(None) is None
    assert failed_share(gains) == pytest.approx(1 / (2 * ANTENNAS))
    gains.gain[:, 3] = np.nan  # an antenna that is not there has not failed
    assert failed_share(gains) == 0
