"""Judging rounds of self-calibration."""

import re
from dataclasses import replace

import numpy as np
import pytest

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
    at_threshold=True,
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
    assert says in reason
    assert bool(reason) == bool(says)


def test_the_gate_names_the_antenna_and_the_key_that_lets_a_round_pass():
    gate = Gate()
    reason = judge(0.0954, 1.1111e-3, 2.5, 0.2123, BEST, gate, ["DA41 (all)", "DV02 (40 %)"])
    assert "% of the data flagged without a solution, those of antenna DA41 (all), DV02" in reason
    keys = dict(re.findall(r"gate\.(\w+): ([\d.]+) would", reason))
    assert set(keys) == {"snr", "rms", "beam", "flagged"}
    for key, value in keys.items():
        gate = replace(gate, **{key: float(value)})
    assert judge(0.0954, 1.1111e-3, 2.5, 0.2123, BEST, gate) == ""
    # whatever is equal does not rise
    assert "gate.snr: 0.999 would" in judge(0.1, 1e-3, 2.0, 0.1, BEST, Gate())
    assert "gate" not in judge(np.nan, np.nan, 2.0, 0.1, BEST, Gate())


def test_the_gates_limits_can_be_moved():
    assert not judge(0.2, 1.1e-3, 2.5, 0.3, BEST, Gate(rms=1.2, beam=1.5, flagged=0.3))
    assert "S/N" in judge(0.11, 1e-3, 2.0, 0.1, BEST, Gate(snr=1.2))


@pytest.mark.parametrize(
    ("dynamic_range", "expected_rms", "at_threshold", "nothing"),
    [
        (10.0, 1e-4, False, True),  # phases that err by 8 rad, if it were them
        (10.0, 1e-4, True, False),  # all was found that can be
        (10.0, 9e-3, False, False),  # faint: all of the rms is noise
        (240.0, 1e-6, False, False),  # what errors of 20 degrees leave is what is solved for
        (np.nan, 1e-4, False, False),
    ],
)
def test_an_image_whose_rms_nothing_explains_shows_nothing(
    dynamic_range, expected_rms, at_threshold, nothing
):
    record = replace(
        BEST,
        dynamic_range=dynamic_range,
        rms=0.1 / dynamic_range,
        expected_rms=expected_rms,
        at_threshold=at_threshold,
    )
    assert record.shows_nothing == nothing


def test_a_record_survives_a_file_and_a_table(tmp_path):
    record = replace(BEST, round=2, best=2, tables=(1, 2), reason="S/N up")
    write_record(tmp_path / "record.json", record)
    assert read_record(tmp_path / "record.json") == record
    table = rounds_table([BEST, record], np.radians(20))
    assert table["expected_dynamic_range"][0] == pytest.approx(240, rel=0.03)
    assert list(table["round"]) == [0, 2]
    assert table["tables"][1] == "1 2"


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
    statistics = gain_statistics(gain, flag)
    assert statistics["phase_scatter"] == pytest.approx(np.degrees(0.1), rel=0.05)
    assert statistics["amplitude_scatter"] == pytest.approx(0.05, rel=0.05)
    offset = np.exp(0.5j * np.where(np.arange(20) % 2, 1, -1))[None, :, None]
    statistics = gain_statistics(gain * offset, flag)
    assert statistics["phase_scatter"] == pytest.approx(np.degrees(0.1), rel=0.05)
    assert statistics["phase_size"] == pytest.approx(np.degrees(np.hypot(0.5, 0.1)), rel=0.05)
