"""The core's removal from a model."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.imaging.beam import Beam
from minispiral.imaging.core import remove_core
from minispiral.imaging.grid import pixel_offsets

CELL = 0.1


BEAM = Beam(2.0, 1.0, 30.0)


def field_with_core(place: tuple[int, int]) -> np.ndarray:
    pixels = np.full((64, 64), 0.01)
    pixels[place] = 2.0
    pixels[place[0] + 3, place[1]] = 0.5  # 0.3 arcsec away, within half of sqrt(2 1) = 1.41
    return pixels


@pytest.mark.parametrize("place", [(32, 32), (40, 25)])
def test_half_a_beam_around_the_core_is_taken_out(place):
    pixels = field_with_core(place)
    result, position, flux = remove_core(pixels, CELL, BEAM)
    x, y = pixel_offsets(pixels.shape, CELL)
    assert position == pytest.approx((x[place[0], 0], y[0, place[1]]))
    inside = np.hypot(x - position[0], y - position[1]) < np.sqrt(2) / 2
    assert np.all(result[inside] == 0)
    assert np.all(result[~inside] == 0.01)
    assert flux == pytest.approx(pixels[inside].sum())
    assert pixels[place] == 2.0  # the input is left alone


def test_surroundings_take_the_cores_place():
    result, _, flux = remove_core(field_with_core((32, 32)), CELL, BEAM, "surroundings")
    np.testing.assert_allclose(result, 0.01)
    assert flux == pytest.approx(2.0 - 0.01 + 0.5 - 0.01)


def test_an_empty_model_is_refused():
    with pytest.raises(MinispiralError, match="CLEAN found no positive component"):
        remove_core(np.zeros((8, 8)), CELL, BEAM)
