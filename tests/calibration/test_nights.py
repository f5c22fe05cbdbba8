"""What of a night's gains is about one of its measurement sets: its times, its antennas."""

from dataclasses import replace

import numpy as np

from minispiral.calibration import nights
from minispiral.calibration.nights import own_solution, table_names, write_gain_tables
from minispiral.calibration.solution import Solution
from minispiral.ms.inspection import MISSING
from minispiral.ms.nights import night_names
from minispiral.visibilities.antenna_gains import AntennaGains
from tests.helpers.observations import START, observation

TIMES = START + 6.0 * np.arange(10)
OBSERVATIONS = np.array([3, 7])
NAMES = ["DA41@A001", "DA41@A009", "DV02", "PM03"]


def solution() -> Solution:
    gain = np.arange(10 * 4 * 2).reshape(10, 4, 2) + 0j
    gains = AntennaGains(TIMES, np.array(NAMES), gain, np.arange(10), np.zeros(10))
    return Solution(
        times=TIMES,
        gain=np.arange(10.0),
        gain_err=np.zeros(10),
        core=np.zeros((10, 4)),
        good=np.arange(10) % 2 == 0,
        scans=np.arange(10),
        observations=np.repeat([0, 2, 5], [4, 3, 3]),
        frequency=2e11,
        interval=6.0,
        antenna_gains=gains,
        core_gains=replace(gains, gain=2 * gain),
    )


def test_an_execution_has_its_own_times_and_antennas_in_its_own_order():
    inspection = replace(observation().inspection, first_time_s=TIMES[4], last_time_s=TIMES[7])
    own = own_solution(solution(), inspection, NAMES, [3, 1], ["PM03", "DA41"], OBSERVATIONS)
    assert own.observations.tolist() == [3, 3, 3, 7]
    assert own.times.tolist() == TIMES[4:8].tolist()
    assert own.gain.tolist() == [4, 5, 6, 7]
    assert own.core.shape == (4, 4)
    assert own.antenna_gains.antennas.tolist() == ["PM03", "DA41"]
    expected = solution().antenna_gains.gain[4:8][:, [3, 1]]
    np.testing.assert_array_equal(own.antenna_gains.gain, expected)
    np.testing.assert_array_equal(own.core_gains.gain, 2 * expected)
    assert own.antenna_gains.phases.tolist() == [4, 5, 6, 7]


def test_antennas_of_one_name_and_station_have_each_their_own_gains():
    keys = [("DA41", "A001", 0), ("DA41", "A001", 1), ("DV02", "A002", 0)]
    names = list(night_names([keys]).values())
    assert names[0] == names[1]
    whole = replace(solution(), core_gains=None)
    gain = whole.antenna_gains.gain[:, :3]
    gains = replace(whole.antenna_gains, antennas=np.array(names), gain=gain)
    inspection = replace(observation().inspection, first_time_s=TIMES[4], last_time_s=TIMES[7])
    own = own_solution(
        replace(whole, antenna_gains=gains),
        inspection,
        names,
        [2, 1, 0],
        ["DV02", "DA41", "DA41"],
        OBSERVATIONS,
    )
    np.testing.assert_array_equal(own.antenna_gains.gain, gain[4:8][:, ::-1])


def test_antennas_are_told_apart_by_their_stations_where_they_have_to_be():
    first = [("DA41", "A001", 0), ("DV02", "A002", 0)]
    second = [("PM03", "A003", 0), ("DA41", "A009", 0), ("DV02", "A002", 0)]
    names = night_names([first, second])
    assert list(names.values()) == ["DA41@A001", "DV02", "PM03", "DA41@A009"]
    assert [names[key] for key in second] == ["PM03", "DA41@A009", "DV02"]


def test_a_set_without_a_spw_has_a_table_of_those_that_it_has(monkeypatch, tmp_path):
    """Of three spws the second set has the first and the last, by ids of its own."""
    monkeypatch.setattr(nights, "antenna_keys", lambda _: [(name, "", 0) for name in NAMES])
    monkeypatch.setattr(nights, "observations", lambda *_: np.arange(3))
    first = observation(frequencies=(1e11, 2e11, 3e11), last_time_s=TIMES[4]).inspection
    ids = (8, MISSING, 5)
    second = replace(
        first,
        first_time_s=TIMES[5],
        last_time_s=TIMES[-1],
        spws=tuple(replace(w, spw=spw) for w, spw in zip(first.spws, ids, strict=True)),
    )
    spws = [replace(solution(), frequency=f) for f in (1e11, 2e11, 3e11)]
    written = {}

    def write(_ms, output, _field, by_spw):
        written[output.name] = {spw: own.frequency for spw, own in by_spw.items()}

    sets, names = ["a.ms", "b.ms"], ["a.gains", "b.gains"]
    write_gain_tables(write, sets, names, tmp_path / "gains", [first, second], spws)
    assert written == {"a.gains": {0: 1e11, 1: 2e11, 2: 3e11}, "b.gains": {8: 1e11, 5: 3e11}}


def test_tables_are_named_after_their_sets():
    assert table_names(["data/X448f.ms", "X4947.ms.split"]) == [
        "X448f.gains",
        "X4947.ms.split.gains",
    ]
    assert table_names(["x/a.ms", "y/a.ms", "b.ms"]) == ["1_a.gains", "2_a.gains", "b.gains"]
