"""Cells of the table of antenna gains, for applycal."""

import numpy as np

from minispiral.calibration.gain_table import _antenna_cells
from minispiral.calibration.solution import Solution


def test_a_spw_whose_data_ask_for_no_antenna_gains_has_gains_of_1():
    n, values = 3, np.ones(3)
    solution = Solution(
        times=np.arange(3.0), gain=values, gain_err=0.1 * values, core=np.zeros((n, 4)),
        good=np.ones(n, bool), scans=np.zeros(n, int), observations=np.zeros(n, int),
        frequency=2e11, interval=1.0,
    )  # fmt: skip
    cells = _antenna_cells(solution, ["DA41", "DA42"])
    assert cells["CPARAM"].shape == (2, n * 2)
    assert (cells["CPARAM"] == 1).all()
    assert not cells["FLAG"].any()
