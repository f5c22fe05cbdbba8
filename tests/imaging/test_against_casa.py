"""CASA is the judge: model visibilities, orientation of images, and the streaming fit."""

from pathlib import Path

import numpy as np
import pandas
import pytest

from minispiral import casa
from minispiral.config.defaults import defaults
from minispiral.fit.track import fit_measurement_set
from minispiral.imaging.beam import Beam
from minispiral.imaging.clean import ImageSettings, clean
from minispiral.imaging.core import remove_core
from minispiral.imaging.models import import_image, read_clean_model, read_model, write_model
from minispiral.ms.inspection import inspect
from minispiral.ms.split import split_spw
from minispiral.simulation.track import simulate_track
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.transform import image_visibilities, point_visibilities, uv_wavelengths

pytestmark = pytest.mark.slow

SIZE, CELL = 512, 0.2
IMAGE = {**defaults()["image"], "imsize": SIZE, "niter": 3000}


@pytest.fixture(scope="module")
def split_ms(tmp_path_factory) -> Path:
    """A split measurement set of one spw, as the fit gets it."""
    folder = tmp_path_factory.mktemp("casa")
    settings = {"antennas": 24, "scans": 2, "scan_minutes": 0.5, "frequencies_ghz": [227.1]}
    settings["broken_integrations"] = 0
    simulate_track(folder / "track.ms", folder / "truth.csv", settings)
    with casa.session():
        inspection = inspect(folder / "track.ms", "Sgr A*", [0], "data")
        split_spw(folder / "track.ms", folder / "split.ms", inspection, 0, "data")
    return folder / "split.ms"


@pytest.fixture(scope="module")
def im0(split_ms) -> Path:
    mask = split_ms.parent / "mask.crtf"
    mask.write_text("#CRTFv0\ncircle[[256pix, 256pix], 60pix]\n")
    with casa.session():
        clean(split_ms, split_ms.parent / "im0", ImageSettings(IMAGE, CELL, mask))
    return split_ms.parent / "im0"


def lopsided_model() -> np.ndarray:
    """Some hundred components, none of them where a mirrored image would have them too."""
    rng = np.random.default_rng(1)
    pixels = np.zeros((SIZE, SIZE))
    x, y = (
        rng.integers(SIZE // 2 + 2, SIZE // 2 + 34, 300),
        rng.integers(SIZE // 2 - 30, SIZE // 2, 300),
    )
    pixels[x, y] = rng.normal(1, 0.5, 300)
    pixels[SIZE // 2, SIZE // 2] = 100.0
    return pixels / pixels.sum()


def columns(ms: Path, *names: str) -> list[np.ndarray]:
    with casa.table(ms) as table:
        return [table.getcol(name) for name in names]


def test_model_visibilities_are_those_of_ft(split_ms, im0, tmp_path):
    with casa.session():
        copy = tmp_path / "copy.ms"
        casa.tasks().split(str(split_ms), outputvis=str(copy), datacolumn="data")
        with casa.image(im0 / "im0.model") as image:
            pixels = image.getchunk()[:, :, 0, 0]
        casa.tasks().ft(vis=str(copy), model=str(im0 / "im0.model"), usescratch=True)
        by_casa, uvw = columns(copy, "MODEL_DATA", "UVW")
    assert np.count_nonzero(pixels) > 100
    assert np.std(by_casa.imag) > 0.05
    difference = np.abs(image_visibilities(uvw, 227.1e9, pixels, CELL) - by_casa[0, 0])
    assert difference.max() < 1e-3 * pixels.sum()
    assert np.sqrt(np.mean(difference**2)) < 1e-4 * pixels.sum()


def test_orientation_survives_casa_fits_and_back(im0, tmp_path):
    pixels = lopsided_model()
    with casa.session() as scratch:
        model = read_clean_model(im0, scratch)
        assert model.pixels.shape == (SIZE, SIZE)
        assert model.cell == pytest.approx(CELL)
        assert isinstance(model.beam, Beam)
        assert 1 < model.beam.minor <= model.beam.major < 10
        model.pixels[:] = pixels
        write_model(tmp_path / "im1.fits", model)
        import_image(tmp_path / "im1.fits", tmp_path / "im1.image")
        with casa.image(tmp_path / "im1.image") as image:
            np.testing.assert_allclose(image.getchunk().squeeze(), pixels, atol=1e-8)
            beam = image.restoringbeam()
            # CASA's own coordinates: pixel (i, j) lies at these offsets from the middle
            position = image.coordsys().toworld([270, 200, 0, 0])["numeric"]
            middle = image.coordsys().toworld([SIZE // 2, SIZE // 2, 0, 0])["numeric"]
    assert beam["major"]["value"] == pytest.approx(model.beam.major, rel=1e-5)
    east = (position[0] - middle[0]) * np.cos(middle[1])
    assert np.degrees(east) * 3600 == pytest.approx((SIZE // 2 - 270) * CELL, rel=1e-3)
    assert np.degrees(position[1] - middle[1]) * 3600 == pytest.approx(
        (200 - SIZE // 2) * CELL, rel=1e-3
    )
    np.testing.assert_array_equal(read_model(tmp_path / "im1.fits").pixels, pixels)


def test_a_region_file_is_the_mask(im0):
    with casa.session(), casa.image(im0 / "im0.mask") as image:
        mask = image.getchunk().squeeze()
    x, y = np.indices(mask.shape)
    np.testing.assert_array_equal(mask > 0, np.hypot(x - 256, y - 256) <= 60)


def test_the_core_is_found_at_the_phase_centre(im0):
    with casa.session() as scratch:
        model = read_clean_model(im0, scratch)
    _, position, flux = remove_core(model.pixels, model.cell, model.beam)
    assert position == (0.0, 0.0)
    truth = pandas.read_csv(im0.parent / "truth.csv")
    assert flux == pytest.approx((truth.I * truth.qa2_gain).mean(), rel=0.03)


@pytest.mark.parametrize("offset", [(0.0, 0.0), (0.3, -0.5)])
def test_the_streaming_fit_returns_what_was_put_in(split_ms, tmp_path, offset):
    model = lopsided_model()
    with casa.session():
        copy = tmp_path / "copy.ms"
        casa.tasks().split(str(split_ms), outputvis=str(copy), datacolumn="data")
        time, uvw = columns(copy, "TIME", "UVW")
        times, index = np.unique(time, return_inverse=True)
        extended, compact = np.linspace(0.9, 1.2, len(times)), np.linspace(2.0, 3.0, len(times))
        u, v = uv_wavelengths(uvw, 227.1e9)
        visibility = extended[index] * image_visibilities(uvw, 227.1e9, model, CELL)
        visibility += compact[index] * point_visibilities(u, v, offset)
        with casa.table(copy, writable=True) as table:
            data = table.getcol("DATA")
            data[0], data[3], data[1:3] = visibility * 1.1, visibility * 0.9, 0.0
            data[:, :, 5], data[:, :, 6] = 1e6, np.nan  # flagged by FLAG_ROW; not a number
            table.putcol("DATA", data)
            row_flags = table.getcol("FLAG_ROW")
            row_flags[5] = True
            table.putcol("FLAG_ROW", row_flags)
            antenna = table.getcol("ANTENNA2")
            antenna[7] = table.getcell("ANTENNA1", 7)  # an autocorrelation
            table.putcol("ANTENNA2", antenna)
            data[:, :, 7] = 1e6
            table.putcol("DATA", data)
        whole = fit_measurement_set(copy, SkyModel(model, CELL, offset))
        blocks = fit_measurement_set(copy, SkyModel(model, CELL, offset), block_rows=100)
    np.testing.assert_allclose(whole["I_extended"], extended, rtol=1e-5)
    np.testing.assert_allclose(whole["I_compact"], compact, rtol=1e-5)
    np.testing.assert_array_equal(whole["n_vis"], np.bincount(np.delete(index, [5, 6, 7])))
    for name in ("I_extended", "I_compact", "I_long_baselines", "n_vis", "scan", "time"):
        np.testing.assert_allclose(blocks[name], whole[name], rtol=1e-9)
