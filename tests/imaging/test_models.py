"""From IM0 to IM1: the core's removal, the mean over spws, the CLEAN beam, and files of both."""

import numpy as np
import pytest
from astropy.io import fits

from minispiral.errors import MinispiralError
from minispiral.imaging.beam import Beam, convolve, mean_beam
from minispiral.imaging.core import remove_core
from minispiral.imaging.grid import components, peak_offset, pixel_offsets, regrid, round_down
from minispiral.imaging.models import (
    ModelImage,
    average,
    read_components,
    read_model,
    write_components,
    write_model,
)
from minispiral.visibilities.transform import component_visibilities

CELL = 0.1
BEAM = Beam(2.0, 1.0, 30.0)


def model_image(pixels: np.ndarray, beam: Beam = BEAM, frequency: float = 2e11) -> ModelImage:
    header = fits.Header()
    header["NAXIS"] = 4
    for axis, (kind, value, step) in enumerate(
        [
            ("RA---SIN", 266.4, -CELL / 3600),
            ("DEC--SIN", -29.0, CELL / 3600),
            ("FREQ", frequency, 2e9),
            ("STOKES", 1.0, 1.0),
        ],
        start=1,
    ):
        header[f"CTYPE{axis}"], header[f"CRVAL{axis}"] = kind, value
        header[f"CDELT{axis}"], header[f"CRPIX{axis}"] = step, 1.0
    return ModelImage(pixels, CELL, beam, header)


def test_offsets_count_from_the_middle_east_and_north_positive():
    x, y = pixel_offsets((8, 6), 0.5)
    assert x.shape == (8, 1) and y.shape == (1, 6)
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


# the core


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
    assert np.all(result[inside] == 0) and np.all(result[~inside] == 0.01)
    assert flux == pytest.approx(pixels[inside].sum())
    assert pixels[place] == 2.0  # the input is left alone


def test_surroundings_take_the_cores_place():
    result, _, flux = remove_core(field_with_core((32, 32)), CELL, BEAM, "surroundings")
    np.testing.assert_allclose(result, 0.01)
    assert flux == pytest.approx(2.0 - 0.01 + 0.5 - 0.01)


def test_an_empty_model_is_refused():
    with pytest.raises(MinispiralError, match="CLEAN found no positive component"):
        remove_core(np.zeros((8, 8)), CELL, BEAM)


# the beam


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


# the mean over spws, and files


def test_im1_is_the_mean_of_pixels_and_frequencies():
    images = [model_image(np.full((4, 4), v), frequency=f) for v, f in [(1, 2e11), (4, 3e11)]]
    im1 = average(images)
    assert np.all(im1.pixels == 2.5) and im1.header["CRVAL3"] == 2.5e11


def test_models_of_another_size_or_phase_centre_are_refused():
    with pytest.raises(MinispiralError, match="6 and 4 pixels cannot be averaged"):
        average([model_image(np.zeros((4, 4))), model_image(np.zeros((6, 6)))])
    shifted = model_image(np.zeros((4, 4)))
    shifted.header["CRVAL2"] += 1 / 3600
    with pytest.raises(MinispiralError, match="phase centres are 1 arcsec apart"):
        average([model_image(np.zeros((4, 4))), shifted])


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


def test_fits_keeps_pixels_orientation_beam_and_coordinates(tmp_path):
    pixels = np.random.default_rng(1).random((6, 8))
    write_model(tmp_path / "im1.fits", model_image(pixels))
    read = read_model(tmp_path / "im1.fits")
    assert np.array_equal(read.pixels, pixels) and read.cell == pytest.approx(CELL)
    assert (read.beam.major, read.beam.minor, read.beam.angle) == pytest.approx((2, 1, 30))
    assert read.header["CTYPE3"] == "FREQ" and read.header["BUNIT"] == "Jy/pixel"


def test_components_survive_their_text_file(tmp_path):
    listed = np.array([[1.25, -3.5, 1e-3], [-0.1, 0.0, -2e-5]])
    write_components(tmp_path / "CCs.dat", listed, "title")
    np.testing.assert_allclose(read_components(tmp_path / "CCs.dat"), listed, rtol=1e-8)


@pytest.mark.parametrize("text", ["1 2\n", "1 2 x\n"])
def test_an_ill_formed_component_file_is_refused(tmp_path, text):
    (tmp_path / "CCs.dat").write_text(text)
    with pytest.raises(MinispiralError, match=r"CCs.dat: expected"):
        read_components(tmp_path / "CCs.dat")


@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.43, -0.21), (-1.234, 2.077)])
def test_the_peak_of_a_beam_is_found_between_pixels(offset):
    cell, x, y = 0.1, *pixel_offsets((64, 48), 0.1)
    east, north = x - offset[0], y - offset[1]
    image = 2.0 * np.exp(-((east + 0.5 * north) ** 2) / 0.2 - north**2 / 0.08)
    assert peak_offset(image, cell) == pytest.approx(offset, abs=1e-6)


def test_an_image_without_a_peak_is_refused():
    with pytest.raises(MinispiralError, match="no peak"):
        peak_offset(np.zeros((8, 8)), 0.1)
