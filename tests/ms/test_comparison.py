"""Inputs that do not fit each other, or the configuration, are refused with one line."""

from dataclasses import replace

import pytest

from minispiral.errors import MinispiralError
from minispiral.ms.comparison import check_channels, compare, inputs_table
from minispiral.ms.inspection import Inspection, SpectralWindow

WINDOW = SpectralWindow(
    spw=0,
    frequency_hz=213.1e9,
    channels=128,
    correlations=("XX", "YY"),
    rows=100,
    usable_rows=90,
    longest_baseline_m=150.0,
)
INSPECTION = Inspection(
    field_name="Sgr A*",
    field_id=0,
    direction_deg=(266.417, -29.008),
    position_m=(2225142.0, -5440307.0, -2481030.0),
    antennas=40,
    integrations=10,
    first_time_s=4998188200.0,
    last_time_s=4998188260.0,
    spws=(WINDOW, replace(WINDOW, spw=1, frequency_hz=215.1e9)),
    state="",
)


def test_tracks_of_one_tuning_fit():
    doppler = tuple(replace(w, frequency_hz=w.frequency_hz * 1.0001) for w in INSPECTION.spws)
    compare({"a": INSPECTION, "b": replace(INSPECTION, spws=doppler)})


def test_a_track_may_lack_a_spw():
    compare({"a": INSPECTION, "b": replace(INSPECTION, spws=INSPECTION.spws[1:])})


def test_spws_numbered_differently_are_refused():
    swapped = (replace(WINDOW, spw=1), replace(WINDOW, spw=0, frequency_hz=215.1e9))
    with pytest.raises(MinispiralError, match=r"spw 1 .*215.100 GHz in track a .*213.100 GHz"):
        compare({"a": INSPECTION, "b": replace(INSPECTION, spws=swapped)})


@pytest.mark.parametrize("ranges", ["0", "17~33;56~112", "127"])
def test_channels_that_are_there_can_be_left_out(ranges):
    check_channels({"a": INSPECTION}, {"a": {"1": ranges}})


@pytest.mark.parametrize(
    ("spw", "ranges", "says"),
    [
        ("2", "0~3", "spw 2 is not among 0, 1"),
        ("1", "100~128", "spw 1 has channels 0 to 127, but ranges '100~128'"),
        ("1", "9~3", "but ranges '9~3'"),
        ("0", "0~63;64~127", "spw 0 has no channel left"),
    ],
)
def test_channels_that_cannot_be_left_out_are_refused(spw, ranges, says):
    with pytest.raises(MinispiralError, match=says):
        check_channels({"a": INSPECTION}, {"a": {spw: ranges}})


def test_the_table_has_a_row_for_each_track_and_spw():
    table = inputs_table({"a": INSPECTION, "b": INSPECTION})
    assert list(zip(table["track"], table["spw"], strict=True)) == [
        ("a", 0),
        ("a", 1),
        ("b", 0),
        ("b", 1),
    ]
    assert table["start"][0] == "2017-04-06T09:36:40.000"
    assert str(table["frequency"].unit) == "Hz"
