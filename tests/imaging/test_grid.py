"""The pixel grid: offsets, cells, components, another grid, the peak."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.imaging.grid import (
    cell_size,
    components,
    peak_offset,
    pixel_offsets,
    regrid,
    round_down,
)
from minispiral.visibilities.transform import component_visibilities

CELL = 0.1


def test_cell_size_is_a_fraction_of_the_finest_fringe():
    assert cell_size(206264.806, 10) == pytest.approx(0.1, rel=1e-6)


def test_offsets_count_from_the_middle_east_and_north_positive():
    x, y = pixel_offsets((8, 6), 0.5)
    assert x.shape == (8, 1)
    assert y.shape == (1, 6)
    assert (x[0, 0], x[4, 0], y[0, 0], y[0, 3]) == (2.0, 0.0, -1.5, 0.0)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.1112, 0.11), (0.1199, 0.11), (0.12, 0.12), (12.9, 12.0), (0.0056, 0.0056)],
)
def test_cells_are_rounded_down_to_two_digits(value, rounded):
    assert round_down(value, 2) == rounded


def test_components_are_the_pixels_that_are_not_zero():
    pixels = np.zeros((8, 8))
    pixels[2, 7], pixels[4, 4] = -0.5, 2.0
    assert components(pixels, 0.5).tolist() == [[1.0, 1.5, -0.5], [0.0, 0.0, 2.0]]


def test_a_model_on_another_grid_keeps_its_visibilities():
    rng = np.random.default_rng(1)
    model = np.zeros((128, 128))
    model[tuple(rng.integers(40, 90, (2, 300)))] = rng.normal(1, 0.5, 300)
    u, v = rng.uniform(-1, 1, (2, 500)) / (18 * np.radians(CELL / 3600)) / np.sqrt(2)
    moved = regrid(model, CELL, 0.087)
    before = component_visibilities(u, v, *components(model, CELL).T)
    after = component_visibilities(u, v, *components(moved, 0.087).T)
    assert np.max(np.abs(after - before)) < 1e-3 * np.abs(model).sum()
    assert moved.sum() == pytest.approx(model.sum())
    assert regrid(model, CELL, CELL) is model


@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.43, -0.21), (-1.234, 2.077)])
def test_the_peak_of_a_beam_is_found_between_pixels(offset):
    cell, x, y = 0.1, *pixel_offsets((64, 48), 0.1)
    east, north = x - offset[0], y - offset[1]
    image = 2.0 * np.exp(-((east + 0.5 * north) ** 2) / 0.2 - north**2 / 0.08)
    assert peak_offset(image, cell) == pytest.approx(offset, abs=1e-6)


def test_an_image_without_a_peak_is_refused():
    with pytest.raises(MinispiralError, match="no peak"):
        peak_offset(np.zeros((8, 8)), 0.1)
