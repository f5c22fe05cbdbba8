"""The dirty image of visibilities: noise is noise, and a source is where and what it is."""

import numpy as np
import pytest

from minispiral.imaging.grid import pixel_offsets
from minispiral.visibilities.dirty_image import DirtyImage
from minispiral.visibilities.transform import point_visibilities, uv_wavelengths

FREQUENCY = 220e9
SHAPE, CELL = (48, 64), 0.2
N = 30_000


def rows(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Baselines of up to 190 m, for fringes of 1.5 arcsec, and weights that differ."""
    rng = np.random.default_rng(seed)
    angle, length = rng.uniform(0, 2 * np.pi, N), rng.uniform(10, 190, N)
    uvw = np.stack([length * np.cos(angle), length * np.sin(angle), np.zeros(N)])
    return uvw, rng.uniform(0.5, 2, N) * 1e4


def noise(weight: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.standard_normal(N) + 1j * rng.standard_normal(N)) / np.sqrt(weight)


def test_noise_has_the_rms_that_the_weights_expect_and_no_structure():
    images = []
    for seed in range(8):
        dirty = DirtyImage(SHAPE, CELL)
        for spw in range(2):
            uvw, weight = rows(10 * seed + spw)
            dirty.add(uvw, FREQUENCY, weight, noise(weight, 1000 + 10 * seed + spw))
        images.append(dirty.image / dirty.thermal_rms)
    # of about 100 beams an image, eight times
    assert np.sqrt(np.mean(np.square(images))) == pytest.approx(1, abs=0.1)
    mean = np.mean(images, axis=0) * np.sqrt(len(images))
    assert np.abs(mean).max() < 5
    assert np.abs(images).max() < 6


def test_a_point_left_in_the_data_is_at_its_place_with_its_flux():
    uvw, weight = rows(1)
    x, y = pixel_offsets(SHAPE, CELL)
    place = (30, 20)
    offset = float(x[place[0], 0]), float(y[0, place[1]])
    dirty = DirtyImage(SHAPE, CELL)
    dirty.add(
        uvw, FREQUENCY, weight, 0.05 * point_visibilities(*uv_wavelengths(uvw, FREQUENCY), offset)
    )
    assert np.unravel_index(np.argmax(dirty.image), SHAPE) == place
    assert dirty.image[place] == pytest.approx(0.05, rel=1e-6)
    centre = SHAPE[0] // 2, SHAPE[1] // 2
    assert dirty.beam[centre] == pytest.approx(1, rel=1e-6)
    shift = place[0] - centre[0], place[1] - centre[1]
    inner = dirty.beam[12:36, 16:48]
    moved = dirty.image[12 + shift[0] : 36 + shift[0], 16 + shift[1] : 48 + shift[1]]
    np.testing.assert_allclose(moved, 0.05 * inner, atol=1e-7)


def test_blocks_add_up_and_rows_without_weight_do_not_count():
    uvw, weight = rows(2)
    visibilities = noise(weight, 3)
    weight[::3] = 0
    visibilities[::3] = np.nan
    whole, parts, used = DirtyImage(SHAPE, CELL), DirtyImage(SHAPE, CELL), weight > 0
    whole.add(uvw[:, used], FREQUENCY, weight[used], visibilities[used])
    for block in np.array_split(np.arange(N), 5):
        parts.add(uvw[:, block], FREQUENCY, weight[block], visibilities[block])
    np.testing.assert_allclose(parts.image, whole.image, atol=1e-6 * whole.thermal_rms)
    assert parts.thermal_rms == pytest.approx(whole.thermal_rms)


def test_no_data_make_an_empty_image():
    dirty = DirtyImage(SHAPE, CELL)
    dirty.add(np.zeros((3, 2)), FREQUENCY, np.zeros(2), np.zeros(2, complex))
    assert not dirty.image.any()
    assert np.isnan(dirty.thermal_rms)
