"""The choice of a reference antenna."""

import numpy as np

from minispiral.selfcal.data_state import rank_antennas


def test_the_reference_antenna_is_central_and_has_data():
    names = ["far", "centre", "near", "dead"]
    positions = np.array([[1000.0, 0, 0], [0, 0, 0], [10, 0, 0], [0, 1, 0]])
    assert rank_antennas(names, positions, np.array([1, 1, 1, 0.0]))[-1] == "far"
    assert rank_antennas(names, positions, np.array([1, 1, 0.9, 0.0]))[0] in ("centre", "near")
    flagged = np.array([1, 0.3, 0.9, 0.0])
    assert rank_antennas(names, positions, flagged)[0] == "near"
    assert "dead" not in rank_antennas(names, positions, flagged)
    assert rank_antennas(names, positions, np.zeros(4)) == []
