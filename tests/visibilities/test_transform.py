"""Model visibilities against direct sums."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minispiral.errors import MinispiralError
from minispiral.imaging.grid import cell_size, components
from minispiral.visibilities.transform import (
    component_visibilities,
    core_visibilities,
    image_visibilities,
    trimmed,
    unit_image,
    uv_wavelengths,
)

FREQUENCY = 230e9


LIGHT = 299792458.0


def random_uvw(rng, n: int, longest_m: float = 300.0) -> np.ndarray:
    return rng.uniform(-longest_m, longest_m, (3, n)) * [[1], [1], [0.1]]


def random_model(rng, size: int = 128, n: int = 200) -> np.ndarray:
    model = np.zeros((size, size))
    model[tuple(rng.integers(size // 4, 3 * size // 4, (2, n)))] = rng.normal(1, 0.5, n)
    return model


@pytest.mark.parametrize("seed", range(4))
def test_gridded_model_equals_the_direct_sum(seed):
    rng = np.random.default_rng(seed)
    model, uvw = random_model(rng), random_uvw(rng, 500)
    cell = cell_size(300 * FREQUENCY / LIGHT, 4)
    direct = component_visibilities(*uv_wavelengths(uvw, FREQUENCY), *components(model, cell).T)
    gridded = image_visibilities(uvw, FREQUENCY, model, cell)
    assert np.max(np.abs(gridded - direct)) < 1e-6 * np.abs(model).sum()


@given(
    st.tuples(st.integers(2, 17), st.integers(2, 17)),
    st.lists(st.tuples(st.integers(0, 16), st.integers(0, 16)), min_size=1, max_size=4),
)
@settings(deadline=None)
def test_a_trimmed_image_has_the_same_visibilities(shape, places):
    image = np.zeros(shape)
    for k, (x, y) in enumerate(places, start=1):
        image[x % shape[0], y % shape[1]] += k
    uvw = random_uvw(np.random.default_rng(1), 20)
    part = trimmed(image)
    assert part.sum() == image.sum()
    assert part.size <= image.size
    direct = component_visibilities(*uv_wavelengths(uvw, FREQUENCY), *components(image, 0.1).T)
    np.testing.assert_allclose(image_visibilities(uvw, FREQUENCY, part, 0.1), direct, atol=1e-5)
    assert image_visibilities(uvw[:, :0], FREQUENCY, image, 0.1).shape == (0,)


def test_little_is_left_of_an_image_with_a_source_in_its_middle():
    image = np.zeros((64, 64))
    image[32, 32] = image[31, 34] = 1
    assert trimmed(image).shape == (4, 6)
    assert trimmed(np.zeros((64, 64))).size > 0


def test_a_component_to_the_east_has_positive_phase_at_positive_u():
    model = np.zeros((64, 64))
    model[32 - 10, 32] = 1.0  # right ascension falls along the first axis
    uvw = np.array([[10.0], [0.0], [0.0]])
    phase = np.angle(image_visibilities(uvw, FREQUENCY, model, 0.1))[0]
    assert phase == pytest.approx(2 * np.pi * 10 * FREQUENCY / LIGHT * np.radians(1 / 3600))


def test_a_component_to_the_north_has_positive_phase_at_positive_v():
    model = np.zeros((64, 64))
    model[32, 32 + 10] = 1.0
    uvw = np.array([[0.0], [10.0], [0.0]])
    assert np.angle(image_visibilities(uvw, FREQUENCY, model, 0.1))[0] > 0


@pytest.mark.parametrize("total", [0.0, -1.0, np.nan])
def test_a_model_without_flux_cannot_be_normalised(total):
    with pytest.raises(MinispiralError, match="total flux density"):
        unit_image(np.array([[total]]))


def test_a_normalised_model_has_a_flux_of_one():
    np.testing.assert_allclose(unit_image(np.array([[0.5, 1.5], [0.0, 2.0]])).sum(), 1, rtol=1e-15)


def test_a_core_at_the_phase_centre_is_one_everywhere():
    u, v = np.array([1e5, -3e5]), np.array([2e5, 1e5])
    assert core_visibilities(u, v, (0.0, 0.0)) == 1
    phase = np.angle(core_visibilities(u, v, (0.2, 0.1)))
    np.testing.assert_allclose(phase, 2 * np.pi * np.radians((0.2 * u + 0.1 * v) / 3600))
