"""Tables of gains are put on data of several channels by applycal as they say."""

import numpy as np
import pytest

from minispiral import casa
from minispiral.calibration.gain_table import write_antenna_gain_table, write_gain_table
from minispiral.calibration.solution import Solution
from minispiral.visibilities.antenna_gains import AntennaGains
from tests.helpers.tracks import short_track

pytestmark = pytest.mark.slow

SPW, CHANNELS = 1, 4


def test_gains_of_the_array_and_of_antennas_correct_all_channels(tmp_path):
    ms = short_track(tmp_path, CHANNELS)
    with casa.session():
        with casa.table(ms) as table, casa.selected(table, f"DATA_DESC_ID == {SPW}") as rows:
            before = {k: rows.getcol(k) for k in ("DATA", "TIME", "ANTENNA1", "ANTENNA2")}
        with casa.table(ms / "ANTENNA") as table:
            names = [str(name) for name in table.getcol("NAME")]
        times, integration = np.unique(before["TIME"], return_inverse=True)
        n, rng = len(times), np.random.default_rng(1)
        antenna_gain = np.exp(
            0.2 * rng.standard_normal((n, len(names), 2, 2)).view(complex)[..., 0]
        )
        order = rng.permutation(len(names))  # the table goes by names
        gains = AntennaGains(
            times, np.array(names)[order], antenna_gain[:, order], np.zeros(n), np.zeros(n)
        )
        gain = 1 + 0.1 * rng.standard_normal(n)
        solution = Solution(
            times=times,
            gain=gain,
            gain_err=np.full(n, 0.01),
            core=np.zeros((n, 4)),
            good=np.ones(n, bool),
            scans=np.zeros(n, int),
            observations=np.zeros(n, int),
            frequency=2e11,
            interval=6.0,
            antenna_gains=gains,
        )
        tables = [tmp_path / "t.gains", tmp_path / "g.gains"]
        write_gain_table(ms, tables[0], 0, {SPW: solution})
        write_antenna_gain_table(ms, tables[1], 0, {SPW: solution})
        casa.tasks().applycal(
            vis=str(ms), spw=str(SPW), gaintable=[str(path) for path in tables], flagbackup=False
        )
        with casa.table(ms) as table, casa.selected(table, f"DATA_DESC_ID == {SPW}") as rows:
            after = rows.getcol("CORRECTED_DATA")
    one, two = (antenna_gain[integration, before[k]] for k in ("ANTENNA1", "ANTENNA2"))
    hands = [(0, 0), (0, 1), (1, 0), (1, 1)]
    factor = np.array([one[:, i] * np.conj(two[:, j]) for i, j in hands])
    expected = before["DATA"] * gain[integration] / factor[:, None]
    assert expected.shape[1] == CHANNELS
    np.testing.assert_allclose(after, expected, rtol=1e-5)
