"""Data of one parallel hand: which are taken, and what they can be calibrated by."""

import pytest

from minispiral.errors import MinispiralError
from minispiral.ms.lone_hand import (
    check_hands,
    hands_to_calibrate,
    remarks_on,
    remarks_on_lines,
)


@pytest.mark.parametrize(
    "correlations",
    [
        {0: ["RR"], 1: ["RR"]},
        {3: ["LL"]},
        {0: ["XX", "YY"], 1: ["XX", "XY", "YX", "YY"]},
    ],
)
def test_spws_of_the_same_hands_are_one_target(correlations):
    check_hands("a.ms", correlations)


@pytest.mark.parametrize(
    ("correlations", "message"),
    [
        ({0: ["RR"], 1: ["RR", "LL"]}, "RR in spw 0, RR LL in spw 1.*set spws to"),
        ({0: ["XX"], 2: ["YY"], 3: ["YY"]}, "XX in spw 0, YY in spw 2, 3"),
        ({1: ["RR", "RL"]}, "spw 1: cross hands beside RR alone .* split RR"),
        ({0: ["RL", "LR"]}, "no parallel hand"),
    ],
)
def test_what_makes_no_image_of_one_quantity_is_refused(correlations, message):
    with pytest.raises(MinispiralError, match=message):
        check_hands("a.ms", correlations)


def test_lines_are_calibrated_in_the_hands_that_were_solved_for():
    assert hands_to_calibrate("l.ms", ("RR", "LL"), ("LL",)) == ("LL",)
    assert hands_to_calibrate("l.ms", ("LL",), ("RR", "LL")) == ("LL",)
    assert hands_to_calibrate("l.ms", ("XX", "YY"), ("XX", "YY")) == ("XX", "YY")
    with pytest.raises(MinispiralError, match=r"l.ms has the hands RR, .* for LL: name line data"):
        hands_to_calibrate("l.ms", ("RR",), ("LL",))


def test_a_lone_hand_is_told():
    assert remarks_on(("XX", "YY")) == remarks_on_lines(("LL",), ("RR", "LL")) == []
    assert "LL alone is taken as Stokes I" in remarks_on(("LL",))[0]
    assert remarks_on_lines(("RR", "LL"), ("LL",)) == [
        "RR is left out: the target has no solutions for it"
    ]
