"""Images of intervals are those of their visibilities, whatever the blocks that these come in."""

import numpy as np
import pytest

from minispiral.visibilities.dirty_image import DirtyImage
from minispiral.visibilities.time_images import TimeImages

SHAPE, CELL, FREQUENCY = (32, 32), 0.3, 227e9
START, SECONDS, NUMBER = 5e9, 60.0, 4


def made(blocks: int) -> tuple[TimeImages, tuple[np.ndarray, ...]]:
    rng = np.random.default_rng(4)
    n = 300
    time = START + rng.uniform(0, 3 * SECONDS, n)  # none in the last interval
    time[0] = START - 1e-6  # rounded
    uvw = rng.normal(0, 60, (3, n))
    weight = rng.uniform(0.5, 2, n) * (np.arange(n) % 7 > 0)
    values = rng.standard_normal(n) + 1j * rng.standard_normal(n)
    images = TimeImages(SHAPE, CELL, START, SECONDS, NUMBER)
    for rows in np.array_split(np.arange(n), blocks):
        images.add(time[rows], uvw[:, rows], FREQUENCY, weight[rows], values[rows])
    return images, (time, uvw, weight, values)


def test_each_interval_has_the_dirty_image_of_its_visibilities():
    images, (time, uvw, weight, values) = made(1)
    for k in range(NUMBER):
        rows = np.clip((time - START) // SECONDS, 0, None) == k
        dirty = DirtyImage(SHAPE, CELL)
        dirty.add(uvw[:, rows], FREQUENCY, weight[rows], values[rows])
        np.testing.assert_allclose(images.images[k], dirty.image * dirty.weight, atol=1e-6)
        assert images.weight[k] == pytest.approx(dirty.weight)
        squares = np.sum((weight * np.abs(values))[rows] ** 2)
        assert images.squares[k] == pytest.approx(squares)
    used = (weight > 0) & (time < START + SECONDS)
    assert (images.first[0], images.last[0]) == (time[used].min(), time[used].max())
    assert images.weighted_time[0] == pytest.approx(np.sum((weight * time)[used]), rel=1e-15)
    assert not images.images[-1].any()


def test_blocks_add_up():
    whole, parts = made(1)[0], made(5)[0]
    for name in ("images", "weight", "squares", "weighted_time", "first", "last"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-9, atol=1e-9)
