"""Turns of fluxes and sky: what is left out, when they stop, and the file of the sky."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.imaging.beam import Beam, convolve
from minispiral.imaging.models import read_model, write_model
from minispiral.io.records import read_records, write_records
from minispiral.sky.coverage import SkyFrame, TrackCoverage, sky_frame
from minispiral.sky.grid import Coverage, SkyGrid
from minispiral.sky.image import STOPPED, THERMAL, main_lobe, residual_image, sky_image
from minispiral.sky.track import SpwFluxes, like_neighbours
from minispiral.sky.turns import TOLERANCE, Turn, change_of, largest_change, next_sky
from minispiral.visibilities.dirty_image import DirtyImage

N = 200
GRID = SkyGrid(48, 0.5)
FRAME = SkyFrame(GRID, (266.4, -29.0), 220e9, 12.0, 26.5)
SETTINGS = {"core": "zero", "regularization": 0.01, "primary_beam": True}


def fluxes(extended: np.ndarray, error: float = 0.01) -> SpwFluxes:
    ones = np.ones(N)
    return SpwFluxes(np.arange(N) * 4.0, extended, error * ones, ones, ones, np.ones(N, bool))


def sky(stopped: str | None = None):
    image = sky_image(np.ones(GRID.shape), GRID, Beam(2, 1, 30), (266.4, -29.0), 220e9, 12.0)
    if stopped:
        image.header[STOPPED] = stopped
    return image


def never() -> None:
    raise AssertionError("the sums are not needed")


def test_the_change_is_in_errors_and_knows_no_common_factor():
    extended = 1 + 0.1 * np.sin(np.arange(N))
    moved = extended * (1 + 0.003 * np.where(np.arange(N) % 2, 1, -1))
    assert change_of(fluxes(extended), fluxes(3 * extended, 0.03)) == pytest.approx(0, abs=1e-9)
    expected = np.sqrt(np.mean((0.003 * moved / 0.01) ** 2))
    changes = [change_of(fluxes(extended), fluxes(f * moved, f * 0.01)) for f in (1, 7)]
    assert changes == pytest.approx([expected, expected], rel=0.02)
    assert largest_change(
        [fluxes(extended)] * 2, [fluxes(extended), fluxes(moved)]
    ) == pytest.approx(expected, rel=0.02)


def test_the_turns_stop_when_the_fluxes_do():
    before = fluxes(np.ones(N))
    after = fluxes(1 + 0.5 * TOLERANCE * 0.01 * np.where(np.arange(N) % 2, 1, -1))
    turn = Turn(3, False, sky(), [after], [before])
    stopped = next_sky(turn, FRAME, SETTINGS, [(0, 0)], never)
    assert stopped.header[STOPPED] == "in turn 3 fluxes changed by 0.05 of errors"
    assert np.array_equal(stopped.pixels, sky().pixels)


def test_after_the_stop_the_sky_stays_as_it_is():
    last = sky(stopped="in turn 3 fluxes changed by 0.05 of errors")
    assert next_sky(Turn(4, False, last, []), FRAME, SETTINGS, [(0, 0)], never) is last


def test_an_integration_far_worse_than_its_neighbours_is_left_out_and_drift_is_not():
    rng = np.random.default_rng(0)
    chi2 = np.linspace(1, 2.2, N) * rng.chisquare(600, N) / 600
    broken = [20, 21, 120]
    chi2[broken] *= 2
    known = np.ones(N, bool)
    known[5] = False
    used = like_neighbours(chi2, known)
    assert set(np.flatnonzero(~used)) == {5, *broken}
    assert not like_neighbours(chi2, np.zeros(N, bool)).any()


@pytest.mark.parametrize("angle", [-60.0, 0.0, 25.0, 80.0])
def test_the_main_lobe_of_a_gaussian_beam_is_that_beam(angle):
    point = np.zeros((96, 96))
    point[48, 48] = 1
    found = main_lobe(7 * convolve(point, 0.25, Beam(3.0, 1.9, angle)), 0.25)
    assert (found.major, found.minor, found.angle) == pytest.approx((3.0, 1.9, angle), rel=1e-6)


def test_the_sky_is_read_as_it_was_written(tmp_path):
    pixels = np.random.default_rng(1).random(GRID.shape)
    image = sky_image(pixels, GRID, Beam(2, 1, 30), (266.4, -29.0), 220e9, 12.0)
    write_model(tmp_path / "sky.fits", image)
    again = read_model(tmp_path / "sky.fits")
    assert np.array_equal(again.pixels, pixels)
    assert (again.cell, again.dish_m) == (pytest.approx(0.5), 12.0)
    assert again.phase_centre_deg == (266.4, -29.0)
    plain = sky_image(pixels, GRID, Beam(2, 1, 30), (266.4, -29.0), 220e9, None)
    assert plain.dish_m is None


def test_the_residuals_image_has_the_datas_beam_and_no_mark_of_the_sky():
    rng = np.random.default_rng(5)
    uvw = np.stack([rng.normal(0, 60, 4000), rng.normal(0, 30, 4000), np.zeros(4000)])
    weight = np.full(4000, 25.0)
    dirty = DirtyImage((96, 96), 0.25)
    im1 = sky(stopped="in turn 3")
    assert residual_image(dirty, im1).beam == im1.beam  # no data
    dirty.add(uvw, 220e9, weight, np.zeros(4000, complex))
    image = residual_image(dirty, im1)
    assert STOPPED not in image.header
    assert image.dish_m is None
    assert image.header[THERMAL] == pytest.approx((4000 * 25) ** -0.5)
    # the transform of a Gaussian of sigma u is one of sigma 1 / (2 pi u); v is half of u
    minor = 2.3548 / (2 * np.pi * 60 * 220e9 / 299792458) / np.radians(1 / 3600)
    assert image.beam.minor == pytest.approx(minor, rel=0.05)
    assert image.beam.major == pytest.approx(2 * minor, rel=0.05)
    assert abs(image.beam.angle) < 5


def test_fluxes_are_written_without_loss(tmp_path):
    spws = [fluxes(np.random.default_rng(k).random(N)) for k in range(2)]
    write_records(tmp_path / "fluxes.npz", spws)
    for one, other in zip(spws, read_records(tmp_path / "fluxes.npz", SpwFluxes), strict=True):
        for name in SpwFluxes.__dataclass_fields__:
            assert np.array_equal(getattr(one, name), getattr(other, name))


def test_tracks_of_other_phase_centres_have_no_sky_in_common():
    spws = (Coverage(220e9, 12.0, 1e5),)
    here, elsewhere = TrackCoverage((266.4, -29.0), spws), TrackCoverage((266.41, -29.0), spws)
    assert sky_frame([here, here]).dish_m == 12.0
    with pytest.raises(MinispiralError, match=r"model\.scope: track"):
        sky_frame([here, elsewhere])
