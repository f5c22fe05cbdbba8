"""Which field is Sgr A*, and which channels the absorption line falls into."""

import pytest

from minispiral.errors import MinispiralError
from minispiral.sgr_a import (
    LINE_GHZ,
    LINE_WIDTH_GHZ,
    Field,
    channels_in_line,
    choose_field,
    is_name,
    position_deg,
)

HERE = position_deg()
ELSEWHERE = (266.0, -28.0)


def field(name: str, direction: tuple[float, float] = ELSEWHERE) -> Field:
    return Field(name, direction, (0,))


@pytest.mark.parametrize(
    "name",
    ["Sgr A*", "SgrA*", "SGRA", "sgra", "Sgr_A_star", "SgrAstar", "sgr-a*", "Sagittarius A*"]
    + ["17h45m40s", "17:45:40.04-29:00:28.1", "J1745-2900"],
)
def test_names_of_sgr_a_are_recognised(name):
    assert is_name(name)


@pytest.mark.parametrize("name", ["SgrB2", "J1744-3116", "NRAO530", "J1924-2914", "Sgr C", "Titan"])
def test_names_of_other_sources_are_not(name):
    assert not is_name(name)


def test_the_position_is_that_of_sgr_a():
    assert position_deg() == pytest.approx((266.41684, -29.00781), abs=1e-5)


@pytest.mark.parametrize(
    ("fields", "chosen"),
    [
        ([field("J1924-2914"), field("sgra")], "sgra"),
        ([field("J1924-2914"), field("target", HERE)], "target"),
        ([field("J1744-3116"), field("t", (HERE[0] + 5 / 3600, HERE[1] - 5 / 3600))], "t"),
        ([field("Sgr A*", HERE), field("SgrA_offset", HERE), field("sgra")], "Sgr A*"),
    ],
    ids=["by name", "by position", "10 arcsec away", "by both"],
)
def test_the_field_that_looks_like_sgr_a_is_chosen(fields, chosen):
    assert choose_field(fields, None).name == chosen


@pytest.mark.parametrize(
    ("fields", "asked", "says"),
    [
        ([field("a"), field("b")], None, "none of the fields 'a', 'b' looks like Sgr A.*--field"),
        ([field("sgra"), field("SgrA*")], None, "fields 'sgra', 'SgrA.' look like.*--field"),
        ([field("sgra")], "Sgr A*", "no data of a field 'Sgr A.': give --field one of 'sgra'"),
        ([], None, "no field has data"),
    ],
)
def test_where_it_is_not_clear_the_fields_are_named(fields, asked, says):
    with pytest.raises(MinispiralError, match=says):
        choose_field(fields, asked)


def test_a_field_that_is_asked_for_is_taken_whatever_it_is_called():
    assert choose_field([field("Sgr A*", HERE), field("b")], "b").name == "b"


def test_channels_of_the_line_are_those_around_its_centre():
    width = 7.8125e6
    channels = [1e9 * LINE_GHZ + (k - 96.5) * width for k in range(240)]
    first, last = map(int, channels_in_line(channels, width).split("~"))
    assert first + last == 2 * 96 + 1
    assert (last - first + 1) * width == pytest.approx(2e9 * LINE_WIDTH_GHZ, abs=2 * width)
    assert channels_in_line(channels[::-1], width) == f"{239 - last}~{239 - first}"


@pytest.mark.parametrize(("ghz", "inside"), [(227.1, True), (229.1, False), (225.1, False)])
def test_a_single_wide_channel_is_in_the_line_where_it_covers_it(ghz, inside):
    assert (channels_in_line([1e9 * ghz], 1.875e9) == "0~0") is inside
