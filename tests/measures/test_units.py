"""Constants are those of scipy, and numbers are written with the digits that they have."""

import math

import pytest
from scipy import constants

from minispiral.measures import units
from minispiral.measures.units import significant, with_error


def test_constants_are_those_of_scipy():
    """It takes too long to load for them alone."""
    assert constants.c == units.SPEED_OF_LIGHT
    assert constants.arcsec == units.ARCSEC
    assert constants.degree == units.DEGREE


@pytest.mark.parametrize(
    ("value", "error", "written"),
    [
        (2.54321, 0.01234, "2.543 ± 0.012"),
        (2.54321, 0.0996, "2.54 ± 0.10"),
        (1234.5, 32.1, "1234 ± 32"),
        (1234.5, 321.0, "1234 ± 321"),
        (2.54321, math.nan, "2.54"),
        (math.nan, 0.1, "-"),
    ],
)
def test_no_digit_is_beyond_the_error(value, error, written):
    assert with_error(value, error) == written


def test_one_digit_of_the_error_may_do():
    assert with_error(0.17, 0.05, 1) == "0.17 ± 0.05"
    assert with_error(3.14, 0.96, 1) == "3 ± 1"


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.11, "0.110"), (2.5, "2.50"), (0.04421, "0.0442"), (91.44, "91.4"), (100.2, "100")],
)
def test_last_zeros_are_written(value, written):
    assert significant(value) == written


def test_what_is_not_known_is_a_dash():
    assert significant(math.nan) == "-"
