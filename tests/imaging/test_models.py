"""From IM0 to IM1: the mean over spws, and files of both."""

import numpy as np
import pytest
from astropy.io import fits

from minispiral.errors import MinispiralError
from minispiral.imaging.beam import Beam
from minispiral.imaging.models import (
    ModelImage,
    average,
    read_components,
    read_model,
    write_components,
    write_model,
)

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


def test_im1_is_the_mean_of_pixels_and_frequencies():
    images = [model_image(np.full((4, 4), v), frequency=f) for v, f in [(1, 2e11), (4, 3e11)]]
    im1 = average(images)
    assert np.all(im1.pixels == 2.5)
    assert im1.header["CRVAL3"] == 2.5e11


def test_models_of_another_size_or_phase_centre_are_refused():
    with pytest.raises(MinispiralError, match="6 and 4 pixels cannot be averaged"):
        average([model_image(np.zeros((4, 4))), model_image(np.zeros((6, 6)))])
    shifted = model_image(np.zeros((4, 4)))
    shifted.header["CRVAL2"] += 1 / 3600
    with pytest.raises(MinispiralError, match="phase centres are 1 arcsec apart"):
        average([model_image(np.zeros((4, 4))), shifted])


def test_fits_keeps_pixels_orientation_beam_and_coordinates(tmp_path):
    pixels = np.random.default_rng(1).random((6, 8))
    write_model(tmp_path / "im1.fits", model_image(pixels))
    read = read_model(tmp_path / "im1.fits")
    assert np.array_equal(read.pixels, pixels)
    assert read.cell == pytest.approx(CELL)
    assert (read.beam.major, read.beam.minor, read.beam.angle) == pytest.approx((2, 1, 30))
    assert read.header["CTYPE3"] == "FREQ"
    assert read.header["BUNIT"] == "Jy/pixel"


def test_components_survive_their_text_file(tmp_path):
    listed = np.array([[1.25, -3.5, 1e-3], [-0.1, 0.0, -2e-5]])
    write_components(tmp_path / "CCs.dat", listed, "title")
    np.testing.assert_allclose(read_components(tmp_path / "CCs.dat"), listed, rtol=1e-8)


@pytest.mark.parametrize("text", ["1 2\n", "1 2 x\n"])
def test_an_ill_formed_component_file_is_refused(tmp_path, text):
    (tmp_path / "CCs.dat").write_text(text)
    with pytest.raises(MinispiralError, match=r"CCs.dat: expected"):
        read_components(tmp_path / "CCs.dat")
