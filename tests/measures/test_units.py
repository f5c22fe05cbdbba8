"""Constants are those of scipy, which takes too long to load for them alone."""

from scipy import constants

from minispiral.measures import units


def test_constants_are_those_of_scipy():
    assert constants.c == units.SPEED_OF_LIGHT
    assert constants.arcsec == units.ARCSEC
    assert constants.degree == units.DEGREE
