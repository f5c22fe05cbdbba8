"""The choice of a reference antenna, and the antennas that a round failed for."""

import numpy as np

from minispiral.selfcal.data_state import DataState, failed_antennas, rank_antennas


def test_the_reference_antenna_is_central_and_has_data():
    names = ["far", "centre", "near", "dead"]
    positions = np.array([[1000.0, 0, 0], [0, 0, 0], [10, 0, 0], [0, 1, 0]])
    assert rank_antennas(names, positions, np.array([1, 1, 1, 0.0]))[-1] == "far"
    assert rank_antennas(names, positions, np.array([1, 1, 0.9, 0.0]))[0] in ("centre", "near")
    flagged = np.array([1, 0.3, 0.9, 0.0])
    assert rank_antennas(names, positions, flagged)[0] == "near"
    assert "dead" not in rank_antennas(names, positions, flagged)
    assert rank_antennas(names, positions, np.zeros(4)) == []


def state(good: np.ndarray) -> DataState:
    """Of one sample for each baseline that is good, ``(n, n) bool``."""
    share = (good | good.T).sum(axis=1) / (len(good) - 1)
    return DataState(0.0, 1.0, share, 1)


def test_the_antennas_without_solutions_are_named_and_not_those_they_take_along():
    names = [f"A{k}" for k in range(10)]
    before = np.triu(np.ones((10, 10), bool), 1)
    before[:, 9] = False  # has no data, and so no solutions
    after = before.copy()
    after[3], after[:, 3] = False, False
    failed = np.zeros(10)
    failed[[3, 9]] = 1
    failed[5] = 0.1  # where it has no data, which costs nothing
    assert failed_antennas(names, failed, state(before), state(after)) == ["A3 (all)"]
    assert failed_antennas(names, failed, state(before), state(before)) == []
    none = np.zeros_like(before)
    words = failed_antennas(names, np.ones(10), state(before), state(none))
    assert words == ["A0 (all)", "A1 (all)", "A2 (all)", "A3 (all)", "A4 (all)", "and 4 more"]
