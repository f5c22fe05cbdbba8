"""How wide a field a uv coverage measures."""

import numpy as np
import pytest
from scipy.constants import arcsec

from minispiral.sky.filling import LEAST_FILLING, measured_width, uv_filling

LONGEST = 1e5  # wavelengths
FRINGE = 1 / LONGEST / arcsec


def disc(share: float) -> np.ndarray:
    """Points that fill a share of the half circle's area, much closer than any cell."""
    u, v = np.meshgrid(np.linspace(-1, 1, 400), np.linspace(0, 1, 200))
    within = (np.hypot(u, v) < 1) & (v < v.max() * share)
    points = LONGEST * np.stack([u[within], v[within]])
    return np.concatenate([points, [[0.0], [LONGEST]]], axis=1)


def test_a_filled_circle_is_filled_and_sets_no_limit():
    u, v = disc(1.0)
    assert uv_filling(u, v, 20 * FRINGE) == pytest.approx(1, abs=0.01)
    assert measured_width(u, v, 20 * FRINGE) == np.inf


def test_half_of_a_circle_is_the_whole_by_conjugation():
    u, v = disc(1.0)
    assert uv_filling(-u, -v, 9 * FRINGE) == uv_filling(u, v, 9 * FRINGE)


def test_the_filling_is_the_share_of_the_area():
    # of the half circle with 0 < v < 1, v < s holds (s sqrt(1 - s^2) + asin s) / (pi / 2)
    s = 0.3
    expected = (s * np.sqrt(1 - s**2) + np.arcsin(s)) / (np.pi / 2)
    assert uv_filling(*disc(s), 60 * FRINGE) == pytest.approx(expected, abs=0.02)


def test_a_wider_field_asks_for_more_baselines():
    # n points far from each other fill n cells, of pi R^2 / 2 with R = width / fringe
    rng = np.random.default_rng(3)
    n = 60
    radius, angle = LONGEST * np.sqrt(rng.random(n)), np.pi * rng.random(n)
    radius[0] = LONGEST
    u, v = radius * np.cos(angle), radius * np.sin(angle)
    width = measured_width(u, v, 100 * FRINGE)
    # cells hit twice or more leave n' = cells (1 - exp(-n / cells)) of them
    cells = np.pi / 2 * (width / FRINGE) ** 2
    assert 1 - np.exp(-n / cells) == pytest.approx(LEAST_FILLING, rel=0.25)
