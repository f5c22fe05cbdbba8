"""Cells of the table of antenna gains, for applycal."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.calibration.gain_table import _antenna_cells
from minispiral.calibration.solution import Solution
from minispiral.errors import MinispiralError
from minispiral.visibilities.antenna_gains import AntennaGains


def solution(**changes) -> Solution:
    n, values = 3, np.ones(3)
    whole = Solution(
        times=np.arange(3.0), gain=values, gain_err=0.1 * values, core=np.zeros((n, 4)),
        good=np.ones(n, bool), scans=np.zeros(n, int), observations=np.zeros(n, int),
        frequency=2e11, interval=1.0,
    )  # fmt: skip
    return replace(whole, **changes)


def gains(antennas: list[str]) -> AntennaGains:
    gain = 1.0 + np.arange(3 * len(antennas) * 2).reshape(3, -1, 2) + 0j
    return AntennaGains(np.arange(3.0), np.array(antennas), gain, np.zeros(3), np.zeros(3))


def test_a_spw_whose_data_ask_for_no_antenna_gains_has_gains_of_1():
    cells = _antenna_cells(solution(), ["DA41", "DA42"])
    assert cells["CPARAM"].shape == (2, 3 * 2)
    assert (cells["CPARAM"] == 1).all()
    assert not cells["FLAG"].any()


def test_gains_of_antennas_go_to_their_places_by_name():
    own = gains(["DA42", "DA41"])
    cells = _antenna_cells(solution(antenna_gains=own), ["DA41", "DV01", "DA42"])
    table = cells["CPARAM"].T.reshape(3, 3, 2)
    np.testing.assert_array_equal(table[:, [2, 0]], own.gain)
    assert cells["FLAG"].T.reshape(3, 3, 2)[:, 1].all()


def test_rows_of_one_name_have_each_their_own_gains():
    """As CASA's concat leaves an antenna that moved."""
    names = ["DA41", "DA42", "DA41"]
    own = gains(names)
    cells = _antenna_cells(solution(antenna_gains=own), names)
    np.testing.assert_array_equal(cells["CPARAM"].T.reshape(3, 3, 2), own.gain)
    assert not cells["FLAG"].any()


def test_rows_of_one_name_that_cannot_be_told_apart_are_refused():
    with pytest.raises(MinispiralError, match="ANTENNA has DA41 in several rows") as error:
        _antenna_cells(solution(antenna_gains=gains(["DA41", "DA42"])), ["DA41", "DA42", "DA41"])
    assert "\n" not in str(error.value)
