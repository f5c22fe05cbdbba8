"""Spws of another execution are found by their frequencies, and what does not fit is told."""

from dataclasses import replace

import pytest

from minispiral.errors import MinispiralError
from minispiral.ms.comparison import executions_table
from minispiral.ms.executions import (
    check_intervals,
    check_night,
    counterpart,
    match_spws,
    same_channels,
    together,
    what_is_missing,
)
from minispiral.ms.inspection import SpectralWindow
from tests.helpers.observations import FREQUENCIES, START, observation

GHZ = 1e9
WIDTH = 1.875e9


def window(spw: int, frequency: float, channels: int = 128, **changes) -> SpectralWindow:
    hands = ("XX", "XY", "YX", "YY")
    width = WIDTH / channels
    plain = SpectralWindow(
        spw, frequency, channels, hands, 1000, 990, 150.0, channel_width_hz=width
    )
    return replace(plain, **changes)


WANTED = [window(spw, frequency) for spw, frequency in enumerate(FREQUENCIES)]


def test_spws_are_found_whatever_their_numbers():
    theirs = {5: WANTED[2], 7: WANTED[0], 9: WANTED[3], 17: WANTED[1]}
    assert match_spws("b.ms", theirs, WANTED) == [7, 17, 5, 9]
    assert match_spws("b.ms", theirs, WANTED[::-1]) == [9, 5, 17, 7]


def test_of_several_at_one_frequency_that_with_as_many_channels_is_taken():
    """As in a delivery: each spw has its average beside it, and a narrow one inside."""
    near = replace(WANTED[0], frequency_hz=FREQUENCIES[0] + 1e6)
    theirs = {
        1: window(1, FREQUENCIES[0], 1),
        2: window(2, FREQUENCIES[0], 4),
        3: near,
        4: WANTED[0],
    }
    assert match_spws("b.ms", theirs, WANTED[:1]) == [4]
    assert match_spws("b.ms", {k: theirs[k] for k in (1, 2, 3)}, WANTED[:1]) == [3]
    assert match_spws("b.ms", {1: theirs[1]}, WANTED[:1]) == [1]
    assert match_spws("b.ms", {8: WANTED[0], 0: WANTED[0]}, WANTED[:1]) == [0]


def test_cross_hands_may_be_missing_and_those_that_have_them_are_preferred():
    hands = ("XX", "YY")
    theirs = {1: window(1, FREQUENCIES[0], correlations=hands), 2: WANTED[0]}
    assert match_spws("b.ms", theirs, WANTED[:1]) == [2]
    assert match_spws("b.ms", {1: theirs[1]}, WANTED[:1]) == [1]
    for other in (("RR", "LL"), ("XX",), ("XY", "YX")):
        with pytest.raises(MinispiralError, match="b.ms has no XX YY within"):
            match_spws("b.ms", {1: window(1, FREQUENCIES[0], correlations=other)}, WANTED[:1])


def test_what_an_execution_lacks_of_the_correlations_of_a_night_is_said():
    first, second = executions(0, 2000)
    some = [replace(w, correlations=("XX", "YY")) if w.spw < 2 else w for w in first.spws]
    first = replace(first, spws=tuple(some))
    night = together([first, second])
    assert all(w.correlations == ("XX", "XY", "YX", "YY") for w in night.spws)
    (remark,) = what_is_missing(night, first)
    assert remark.startswith("its spw 0, 1 has no XY and YX, which other executions have")
    assert what_is_missing(night, second) == []


@pytest.mark.parametrize(("share", "found"), [(0.09, True), (-0.09, True), (0.11, False)])
@pytest.mark.parametrize("bandwidth", [1.875e9, 58.6e6])
def test_the_tolerance_follows_from_the_width(share, found, bandwidth):
    wanted = window(0, FREQUENCIES[0], channel_width_hz=bandwidth / 128)
    theirs = {3: replace(wanted, frequency_hz=FREQUENCIES[0] + share * bandwidth)}
    if found:
        assert match_spws("b.ms", theirs, [wanted]) == [3]
    else:
        with pytest.raises(MinispiralError):
            match_spws("b.ms", theirs, [wanted])


def test_each_spw_that_cannot_be_matched_is_named_in_a_line():
    theirs = {5: WANTED[2], 7: replace(WANTED[0], correlations=("RR", "LL"))}
    with pytest.raises(MinispiralError) as error:
        match_spws("b.ms", theirs, WANTED[:3])
    lines = str(error.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(
        "b.ms has no XX YY within 188 MHz of 213.100 GHz, spw 0 of the track's first"
    )
    assert "7 (213.100 GHz, RR LL)" in lines[0]
    assert lines[1].endswith("leave out spw 1, or this set")


def test_two_spws_do_not_become_one():
    wanted = [WANTED[0], replace(WANTED[0], spw=1)]
    with pytest.raises(MinispiralError, match="its spw 4 has the frequency of spws 0, 1"):
        match_spws("b.ms", {4: WANTED[0]}, wanted)


def test_a_spw_is_the_same_in_the_order_of_the_first():
    first = observation().inspection
    other = replace(first, spws=tuple(replace(w, spw=9 - w.spw) for w in first.spws))
    named, own = counterpart(first, other, 2)
    assert (named.spw, own.spw) == (2, 7)


@pytest.mark.parametrize(
    ("own", "ranges"),
    [
        (window(7, 213.1 * GHZ), "17~33;56~112"),
        (window(7, 213.1 * GHZ + 1e5), "17~33;56~112"),  # less than a channel's hundredth
        # channels that count downwards in frequency
        (window(7, 213.1 * GHZ, channel_width_hz=-WIDTH / 128), "15~71;94~110"),
        (window(7, 213.1 * GHZ + 2 * WIDTH / 128), "15~31;54~110"),  # two channels higher
        (window(7, 213.1 * GHZ, 64), "8~16;28~56"),  # half of channel 16 and 56 of those count
        (window(7, 213.1 * GHZ, 256), "34~67;112~225"),
    ],
)
def test_channels_are_left_out_where_the_first_execution_has_them(own, ranges):
    assert same_channels("17~33;56~112", window(2, 213.1 * GHZ), own) == ranges


def test_channels_that_are_not_there_are_none_and_all_are_refused():
    named = window(2, 213.1 * GHZ)
    half = window(7, 213.1 * GHZ + WIDTH / 4, 64, channel_width_hz=WIDTH / 128)
    assert same_channels("3~5", named, half) is None
    with pytest.raises(MinispiralError, match=r"spw 7 has no channel outside .* 60~127 of spw 2"):
        same_channels("60~127", named, half)
    with pytest.raises(MinispiralError, match="no channel outside"):
        same_channels("17~33", named, window(7, 213.1 * GHZ, 1))


def executions(*begins: float, **changes):
    length = 1434
    return [
        replace(
            observation().inspection,
            first_time_s=START + begin,
            last_time_s=START + begin + length,
            used_antennas=("DA41@A001", f"DA{42 + k}@A002"),
            **changes,
        )
        for k, begin in enumerate(begins)
    ]


def test_executions_follow_each_other_in_whatever_order_they_are_named():
    check_night(["a", "b", "c"], executions(4000, 0, 2000))
    with pytest.raises(MinispiralError) as error:
        check_night(["a", "b", "c"], executions(4000, 0, 3000))
    assert str(error.value).startswith("c and a overlap in time, from ")


def test_the_same_set_twice_overlaps():
    with pytest.raises(MinispiralError, match="overlap in time"):
        check_night(["a", "b"], executions(0, 0))


@pytest.mark.parametrize(("arcsec", "good"), [(0.009, True), (0.011, False)])
def test_phase_centres_agree_to_two_degrees_of_the_longest_baseline(arcsec, good):
    """Its fringe is 1.8 arcsec."""
    one, other = executions(0, 2000)
    ra, dec = one.direction_deg
    other = replace(other, direction_deg=(ra, dec + arcsec / 3600))
    if good:
        check_night(["a", "b"], [one, other])
    else:
        with pytest.raises(MinispiralError, match=r"of a and b are 0\.011 arcsec apart"):
            check_night(["a", "b"], [one, other])


def test_integrations_have_one_length():
    check_intervals(["a", "b"], [{0: 4.0, 1: 8.0}, {0: 4.0001, 1: 8.0}])
    says = r"integrations of a in spw 1, 3 are of 4 s, those of b of 6 s"
    with pytest.raises(MinispiralError, match=says):
        check_intervals(
            ["a", "b"], [dict.fromkeys(range(4), 4.0), {0: 4.0, 1: 6.0, 2: 4.0, 3: 6.0}]
        )


def test_a_night_holds_what_its_executions_do():
    first, second = executions(2000, 0)
    second = replace(second, spws=tuple(replace(w, spw=w.spw + 9) for w in second.spws))
    night = together([first, second])
    assert night.antennas == 3
    assert night.integrations == 480
    assert (night.first_time_s - START, night.last_time_s - START) == (0, 3434)
    assert [w.spw for w in night.spws] == [0, 1, 2, 3]
    assert [w.rows for w in night.spws] == [2000] * 4
    table = executions_table(["a", "b"], [first, second])
    assert list(table["own_spw"]) == [0, 1, 2, 3, 9, 10, 11, 12]
    assert list(table["spw"]) == [0, 1, 2, 3] * 2
