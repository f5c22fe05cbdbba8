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


def patches() -> np.ndarray:
    """Two patches, far out in a beam of 27 arcsec, to the north-east and the south."""
    n = np.arange(96) - 48
    x, y = -n[:, None] * CELL * 2, n[None] * CELL * 2
    return sum(
        flux * np.exp(-((x - east) ** 2 + (y - north) ** 2) / 2 / 1.5**2)
        for flux, east, north in ((1.0, 8.0, 5.0), (0.5, -1.0, -9.0))
    )


def with_beams_at(one: np.ndarray, other: np.ndarray, uvw: np.ndarray) -> np.ndarray:
    """Visibilities of the patches for antennas whose beams are centred there, written out."""
    width = np.degrees(1.13 * 299792458 / FREQUENCY / 12.0) * 3600
    n = np.arange(96) - 48
    x, y = -n[:, None] * CELL * 2, n[None] * CELL * 2
    image = patches()
    seen = image / image.sum()
    for east, north in (one, other):
        seen = seen * np.sqrt(2 ** (-4 * ((x - east) ** 2 + (y - north) ** 2) / width**2))
    return image_visibilities(uvw, FREQUENCY, seen, CELL * 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [((1.0, 0.0), (1.0, 0.0)), ((0.0, 1.0), (0.2, -0.7)), ((-0.6, 0.8), (0.9, 0.1))],
)
def test_antennas_see_the_sky_through_both_their_beams_to_the_second_order(one, other):
    uvw = np.random.default_rng(3).uniform(-40, 40, (3, 50))
    sky = SkyModel(patches(), 2 * CELL, dish_m=12.0)
    left = []
    for size in (2.0, 1.0):
        offset = size * np.array([one, other])
        exact = with_beams_at(*offset, uvw)
        model = sky.minispiral_visibilities(
            uvw, FREQUENCY, offset=np.repeat(offset[:, None], 50, axis=1)
        )
        left.append(np.abs(model - exact).max())
    assert left[0] / left[1] == pytest.approx(8, rel=0.2)  # 4 if the second order were wrong


def test_beams_that_point_to_a_source_see_more_of_it():
    zero = np.zeros((3, 1))
    sky = SkyModel(np.pad([[1.0]], ((8, 55), (40, 23))), 0.5, dish_m=12.0)  # north-east
    east, north = sky.pointing_visibilities(zero, FREQUENCY).real[:, 0]
    assert east > 0
    assert north > 0
    assert east / north == pytest.approx(24 / 8)


def test_rows_have_the_pointing_of_their_own_times():
    uvw = np.random.default_rng(3).uniform(-40, 40, (3, 4))
    sky = SkyModel(patches(), 2 * CELL, dish_m=12.0)
    one = np.array([[0.0, 0.0], [0.3, 0.0], [0.0, -0.3], [0.1, 0.2]])
    offset = np.stack([one, -2 * one])
    together = sky.minispiral_visibilities(uvw, FREQUENCY, offset=offset)
    for k in range(4):
        alone = sky.minispiral_visibilities(uvw[:, [k]], FREQUENCY, offset=offset[:, [k]])
        np.testing.assert_allclose(alone, together[[k]], atol=1e-6)


def test_where_the_beam_is_in_the_model_pointing_changes_nothing():
    sky, uvw = SkyModel(patches(), CELL), np.ones((3, 5))
    assert not sky.pointing_visibilities(uvw, FREQUENCY).any()
