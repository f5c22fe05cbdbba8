"""The CLEAN beam: convolution with it, and the mean of several."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.imaging.beam import Beam, convolve, fit_beam, mean_beam
from minispiral.imaging.grid import pixel_offsets

CELL = 0.1
BEAM = Beam(2.0, 1.0, 30.0)


def moments(image: np.ndarray) -> np.ndarray:
    x, y = pixel_offsets(image.shape, CELL)
    x, y = np.broadcast_to(x, image.shape), np.broadcast_to(y, image.shape)
    return np.cov(np.array([x.ravel(), y.ravel()]), aweights=image.ravel().clip(0), ddof=0)


@pytest.mark.parametrize("angle", [-60.0, 0.0, 30.0, 90.0])
def test_a_component_becomes_the_beam(angle):
    pixels = np.zeros((128, 128))
    pixels[60, 70] = 0.7
    image = convolve(pixels, CELL, Beam(2.0, 1.0, angle))
    assert image[60, 70] == pytest.approx(0.7)  # Jy per beam
    # flux: Jy per beam over pixels, divided by the beam's area pi a b / (4 ln 2)
    area = np.pi * 2.0 * 1.0 / (4 * np.log(2)) / CELL**2
    assert image.sum() / area == pytest.approx(0.7, rel=1e-4)
    axis = np.array([np.sin(np.radians(angle)), np.cos(np.radians(angle))])  # north through east
    across = np.array([axis[1], -axis[0]])
    sigma = np.sqrt([axis @ moments(image) @ axis, across @ moments(image) @ across])
    np.testing.assert_allclose(sigma * 2.3548, [2.0, 1.0], rtol=2e-3)


def test_the_mean_beam_of_equal_beams_is_that_beam():
    mean = mean_beam([BEAM] * 4)
    assert (mean.major, mean.minor, mean.angle) == pytest.approx((2.0, 1.0, 30.0))


def test_the_mean_beam_of_crossed_beams_is_round():
    mean = mean_beam([Beam(2.0, 1.0, 10.0), Beam(2.0, 1.0, 100.0)])
    assert mean.major == pytest.approx(mean.minor) == pytest.approx(np.sqrt(2.5))


def psf(beam: Beam, cell: float, size: int = 64) -> np.ndarray:
    point = np.zeros((size, size))
    point[size // 2, size // 2] = 1
    return convolve(point, cell, beam)


@pytest.mark.parametrize("cell", [0.1, 0.4, 1.0])
@pytest.mark.parametrize("angle", [-60.0, 0.0, 30.0, 89.0])
def test_the_fitted_beam_is_the_psfs(cell, angle):
    """However coarse the pixels, down to a lobe of one."""
    fitted = fit_beam(psf(Beam(2.0, 1.4, angle), cell), cell)
    assert (fitted.major, fitted.minor, fitted.angle) == pytest.approx((2.0, 1.4, angle), rel=1e-6)


def test_sidelobes_do_not_widen_the_fitted_beam():
    image = psf(BEAM, CELL, 128) * 3
    for shift in (16, 30):
        image += 2.0 * np.roll(psf(BEAM, CELL, 128), shift, axis=0)
    fitted = fit_beam(image, CELL)
    assert not fitted.unlike(BEAM, 1.1)


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (np.zeros((32, 32)), "blank"),
        (np.broadcast_to(np.cos(np.arange(-16, 16) / 5)[:, None] ** 2, (32, 32)), "all sides"),
    ],
)
def test_a_psf_without_a_lobe_has_no_beam(image, says):
    with pytest.raises(MinispiralError, match=says):
        fit_beam(image, CELL)


def test_beams_are_unlike_by_either_axis_or_if_none():
    assert not BEAM.unlike(Beam(2.5, 0.8, 0.0), 1.5)
    assert BEAM.unlike(Beam(3.1, 1.0, 30.0), 1.5)
    assert BEAM.unlike(Beam(2.0, 0.6, 30.0), 1.5)
    assert BEAM.unlike(Beam(1e-6, 1e-6, 0.0), 1.5)
    assert BEAM.unlike(Beam(np.nan, 1.0, 0.0), 1.5)
