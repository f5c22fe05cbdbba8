"""Angles that are alike after half a turn, followed in time."""

import numpy as np

from minispiral.measures.angles import followed, middle, nearest_turn


def test_an_angle_that_turns_is_followed():
    turning = np.linspace(-70, 400, 60)
    turning[7] = np.nan
    result = followed((turning + 90) % 180 - 90, near=np.nanmedian(turning))
    np.testing.assert_allclose(result, turning)


def test_the_median_is_near_what_is_asked_for():
    angles = np.array([80.0, 89, -85, -80])  # about 90 deg
    assert middle(followed(angles, near=-90.0)) == -88.0
    assert middle(followed(angles, near=100.0)) == 92.0
    np.testing.assert_allclose(nearest_turn(angles, np.full(4, 100.0)), [80, 89, 95, 100])


def test_nothing_known_stays_unknown():
    assert np.isnan(followed(np.full(3, np.nan))).all()
    assert middle(np.full(3, np.nan), 7.0) == 7.0
