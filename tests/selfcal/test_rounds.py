"""Judging rounds, averaging, and the choice of a reference antenna."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minispiral.selfcal.data_state import rank_antennas
from minispiral.selfcal.rounds import (
    Gate,
    RoundRecord,
    allowed_dynamic_range,
    gain_statistics,
    judge,
    read_record,
    rounds_table,
    write_record,
)
from minispiral.visibilities.smearing import (
    bandwidth_loss,
    check_averaging,
    longest_interval,
    time_loss,
    widest_channel,
)

BEST = RoundRecord(
    round=0,
    calmode="",
    solint="",
    combine="",
    minsnr=3.0,
    refant="",
    rms=1e-3,
    peak=0.1,
    dynamic_range=100.0,
    expected_rms=5e-4,
    beam_major=2.0,
    beam_minor=1.0,
    beam_pa=30.0,
    solutions=0,
    solutions_failed=0.0,
    flagged=0.1,
    phase_scatter=0.0,
    amplitude_scatter=0.0,
    phase_size=0.0,
    amplitude_size=0.0,
    expected_dynamic_range=100.0,
    scans=4,
    antennas=43,
    accepted=True,
    reason="",
    best=0,
    tables=(),
)


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ((0.12, 1e-3, 2.0, 0.1), ""),
        ((0.11, 1.04e-3, 2.1, 0.14), ""),
        ((0.1, 1e-3, 2.0, 0.1), "S/N 100 against 100"),
        ((0.2, 1.1e-3, 2.0, 0.1), "rms 0.0011 against 0.001 Jy/beam"),
        ((0.2, 1e-3, 2.5, 0.1), "beam larger by 25 %"),
        ((0.2, 1e-3, 2.0, 0.2), "10.0 % of the data flagged"),
        ((np.nan, np.nan, 2.0, 0.1), "S/N nan"),
    ],
    ids=str,
)
def test_the_gate_names_what_is_worse(image, says):
    reason = judge(*image, BEST, Gate())
    assert says in reason and bool(reason) == bool(says)


def test_the_gates_limits_can_be_moved():
    assert not judge(0.2, 1.1e-3, 2.5, 0.3, BEST, Gate(rms=1.2, beam=1.5, flagged=0.3))
    assert "S/N" in judge(0.11, 1e-3, 2.0, 0.1, BEST, Gate(snr=1.2))


def test_a_record_survives_a_file_and_a_table(tmp_path):
    record = replace(BEST, round=2, best=2, tables=(1, 2), reason="S/N up")
    write_record(tmp_path / "record.json", record)
    assert read_record(tmp_path / "record.json") == record
    table = rounds_table([BEST, record], np.radians(20))
    assert table["expected_dynamic_range"][0] == pytest.approx(240, rel=0.03)
    assert list(table["round"]) == [0, 2] and table["tables"][1] == "1 2"


def test_the_tutorials_dynamic_range():
    """20 deg of phase on 43 antennas: 120 sqrt(M)."""
    assert allowed_dynamic_range(4, 43, np.radians(20)) == pytest.approx(240, rel=0.03)


def test_statistics_of_gains_leave_out_what_is_common_and_what_failed():
    rng = np.random.default_rng(1)
    phase = 0.1 * rng.standard_normal((200, 20, 2))
    size = 1 + 0.05 * rng.standard_normal(phase.shape)
    common = np.exp(1j * rng.uniform(-3, 3, (200, 1, 2)))
    flag = np.zeros(phase.shape, bool)
    flag[:, 3] = True
    gain = np.where(flag, 1e6, size * np.exp(1j * phase) * common)
    found = gain_statistics(gain, flag)
    assert found["phase_scatter"] == pytest.approx(np.degrees(0.1), rel=0.05)
    assert found["amplitude_scatter"] == pytest.approx(0.05, rel=0.05)
    offset = np.exp(0.5j * np.where(np.arange(20) % 2, 1, -1))[None, :, None]
    found = gain_statistics(gain * offset, flag)
    assert found["phase_scatter"] == pytest.approx(np.degrees(0.1), rel=0.05)
    assert found["phase_size"] == pytest.approx(np.degrees(np.hypot(0.5, 0.1)), rel=0.05)


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
    assert check.bandwidth_loss < 0.01 and check.time_loss < 0.01
    assert bandwidth_loss(check.channels * 1e6, 220e9, 24) <= 0.01
    assert bandwidth_loss((check.channels + 1) * 1e6, 220e9, 24) > 0.01
    assert (
        time_loss(check.integrations * 4, 24) <= 0.01 < time_loss((check.integrations + 1) * 4, 24)
    )
    assert check_averaging(1e4, 0.1, 1e-3, 220e9, 2e9, 30.0).channels == 1


def test_the_reference_antenna_is_central_and_has_data():
    names = ["far", "centre", "near", "dead"]
    positions = np.array([[1000.0, 0, 0], [0, 0, 0], [10, 0, 0], [0, 1, 0]])
    assert rank_antennas(names, positions, np.array([1, 1, 1, 0.0]))[-1] == "far"
    assert rank_antennas(names, positions, np.array([1, 1, 0.9, 0.0]))[0] in ("centre", "near")
    flagged = np.array([1, 0.3, 0.9, 0.0])
    assert rank_antennas(names, positions, flagged)[0] == "near"
    assert "dead" not in rank_antennas(names, positions, flagged)
    assert rank_antennas(names, positions, np.zeros(4)) == []
