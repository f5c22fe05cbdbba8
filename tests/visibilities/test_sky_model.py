"""Minispiral and core as the fit takes them: 1 Jy each, wherever they lie."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.visibilities.primary_beam import primary_beam
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.transform import (
    component_visibilities,
    image_visibilities,
    uv_wavelengths,
)

FREQUENCY, CELL = 230e9, 0.25


def test_its_visibilities_are_the_direct_sums_of_1_jy():
    rng = np.random.default_rng(1)
    image = np.zeros((64, 64))
    i, j = rng.integers(8, 56, (2, 30))
    image[i, j] = rng.uniform(0.1, 1, 30)
    uvw = rng.uniform(-300, 300, (3, 100))
    u, v = uv_wavelengths(uvw, FREQUENCY)
    sky = SkyModel(image, CELL, (1.5, -0.5))
    i, j = np.nonzero(image)
    flux = image[i, j] / image.sum()
    np.testing.assert_allclose(
        sky.minispiral_visibilities(uvw, FREQUENCY),
        component_visibilities(u, v, (32 - i) * CELL, (j - 32) * CELL, flux),
        atol=1e-6,
    )
    one = np.ones(1)
    np.testing.assert_allclose(
        sky.core_visibilities(u, v), component_visibilities(u, v, 1.5 * one, -0.5 * one, one)
    )


def test_a_core_at_the_phase_centre_is_1_everywhere():
    assert SkyModel(np.ones((2, 2)), CELL).core_visibilities(np.zeros(5), np.zeros(5)) == 1


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_a_minispiral_without_flux_is_refused(value):
    with pytest.raises(MinispiralError, match="cannot be scaled"):
        SkyModel(np.full((4, 4), value), CELL)


def test_each_frequency_is_seen_through_its_own_primary_beam():
    image, uvw = np.random.default_rng(2).random((32, 32)), np.array([[30.0], [10.0], [0.0]])
    sky = SkyModel(image, CELL, dish_m=100.0)
    for frequency in (FREQUENCY, 2 * FREQUENCY, FREQUENCY):  # in blocks one after the other
        seen = image / image.sum() * primary_beam(image.shape, CELL, frequency, 100.0)
        np.testing.assert_allclose(
            sky.minispiral_visibilities(uvw, frequency),
            image_visibilities(uvw, frequency, seen, CELL),
            atol=1e-6,
        )
