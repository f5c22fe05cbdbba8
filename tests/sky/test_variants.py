"""IM1 found in other ways, on data of a known sky."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.constants import c

from minispiral.analysis.systematics import Change, change
from minispiral.analysis.variant_fluxes import AveragedFluxes, difference, references
from minispiral.analysis.variants import DEFAULT, VARIANTS, Variant
from minispiral.imaging.beam import Beam
from minispiral.io.records import read_records, write_records
from minispiral.light_curves.user_flags import UserFlag
from minispiral.sky.averages import Averages
from minispiral.sky.coverage import SkyFrame
from minispiral.sky.grid import Coverage, choose_grid, envelope_width
from minispiral.sky.image import sky_image
from minispiral.sky.track import SpwData, fit_fluxes
from minispiral.sky.variants import (
    TrackData,
    find_sky,
    fit_tracks,
    halves_of_antennas,
    reader,
    rows_of,
)
from minispiral.visibilities.pointing import Pointing
from minispiral.visibilities.primary_beam import primary_beam
from minispiral.visibilities.sky_model import SkyModel
from tests.helpers.averages import CORE, DISH, Array

FREQUENCIES = (180e9, 260e9)
STEP = 270.0
TIMES = np.arange(40) * STEP  # three hours
ARRAY = Array(12, TIMES)
UV = 0.5 * ARRAY.rows.uv  # of a compact array, whose sky has few pixels
SETTINGS = {"core": "zero", "regularization": 1e-3, "primary_beam": True}
COVERAGE = tuple(Coverage(f, DISH, float(np.hypot(*UV).max()) * f / c) for f in FREQUENCIES)
FRAME = SkyFrame(
    choose_grid(COVERAGE),
    (266.4, -29.0),
    float(np.mean(FREQUENCIES)),
    DISH,
    envelope_width(COVERAGE, float(np.mean(FREQUENCIES)), DISH),
)
COMPACT = 2.5 + 0.1 * np.sin(TIMES / 2000)


def wide_sky() -> SkyModel:
    """Patches far out in the primary beam, where its width matters."""
    grid = FRAME.grid
    n = np.arange(grid.size) - grid.size // 2
    x, y = -n[:, None] * grid.cell, n[None] * grid.cell
    pixels = np.zeros(grid.shape)
    for flux, east, north, width in ((0.4, 9, 4, 1.5), (0.3, -8, 6, 1.8), (0.3, 2, -10, 1.6)):
        gaussian = np.exp(-((x - east) ** 2 + (y - north) ** 2) / (2 * width**2))
        pixels += flux * gaussian / gaussian.sum()
    return SkyModel(pixels, grid.cell, CORE, DISH)


@cache
def data() -> tuple[Averages, ...]:
    sky, spws = wide_sky(), []
    for number, frequency in enumerate(FREQUENCIES):
        model = sky.minispiral_visibilities(UV, frequency)
        averages = ARRAY.data(1.1, COMPACT, sigma=0.002, seed=number, minispiral=model)
        spws.append(replace(averages, frequency=frequency, uv=UV))
    return tuple(spws)


def track(spws: tuple[int, ...] = (0, 1), pointing: Pointing | None = None) -> TrackData:
    return TrackData("a", spws, CORE, lambda: [SpwData(data()[spw]) for spw in spws], pointing)


def visibilities(spw: int) -> np.ndarray:
    return wide_sky().minispiral_visibilities(data()[spw].uv, FREQUENCIES[spw])


@cache
def found(name: str, spws: tuple[int, ...] = (0, 1)):
    variant = Variant(DEFAULT, "") if name == DEFAULT else VARIANTS[name]
    of_spws = track(spws)
    return list(fit_tracks([of_spws], find_sky(variant, [of_spws], FRAME, SETTINGS, 6)))


def changes(name: str, spws: tuple[int, ...] = (0, 1)) -> list[Change]:
    return compared(found(DEFAULT, spws), found(name, spws))


def compared(default: list[AveragedFluxes], other: list[AveragedFluxes]) -> list[Change]:
    scales = [references(fluxes, []) for fluxes in (default, other)]
    return [
        change(*difference(one, another, *(scale[None, one.spw] for scale in scales)))
        for one, another in zip(default, other, strict=True)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    # half of the time tells less of what is minispiral and what core, within a beam of it
    ("name", "spws", "scale"),
    [("weak", (0, 1), 1e-3), ("no_beam", (0,), 1e-3), ("time_1", (0, 1), 1e-2)],
)
def test_where_the_model_is_right_the_light_curve_stays(name, spws, scale):
    """Within the error of a mean; a single frequency's beam is in its sky as well as over it."""
    for spw, moved in zip(spws, changes(name, spws), strict=True):
        noise = fit_fluxes(SpwData(data()[spw]), visibilities(spw), 1.0, CORE)
        error = float(np.median(noise.error / noise.extended)) / np.sqrt(600 / STEP)
        assert abs(moved.scale - 1) < scale
        assert moved.rms_mean < error


@pytest.mark.slow
def test_without_the_beam_spws_that_share_a_sky_drift_apart():
    for moved, unmoved in zip(changes("no_beam"), changes("weak"), strict=True):
        assert moved.rms_mean > 10 * unmoved.rms_mean


def test_a_wrong_sky_moves_the_light_curve_as_least_squares_say():
    """The sky as the beam of their mean frequency has it, for both spws."""
    grid, right = FRAME.grid, wide_sky()
    seen = right.minispiral * primary_beam(grid.shape, grid.cell, FRAME.frequency_hz, DISH)
    beam, place = Beam(1, 1, 0), ((266.4, -29.0), FRAME.frequency_hz)
    images = [
        sky_image(pixels, grid, beam, *place, dish)
        for pixels, dish in ((right.minispiral, DISH), (seen, None))
    ]
    default, other = (list(fit_tracks([track()], image)) for image in images)
    model = SkyModel(seen, grid.cell, CORE)
    expected = []
    for spw, moved in enumerate(compared(default, other)):
        ratios = [
            least_squares(data()[spw], rows)
            for rows in (visibilities(spw), model.minispiral_visibilities(*place_of(spw)))
        ]
        (q, reference), (other_q, other_reference) = ratios
        c = np.log(other_reference * other_q / (reference * q))
        expected.append(float(np.abs(c).max()))
        assert moved.scale == pytest.approx(np.exp(np.median(c)), abs=1e-6)
        line = np.polyfit(TIMES / 3600, c, 1)
        assert moved.slope == pytest.approx(line[0], abs=3 * moved.slope_err + 1e-4)
    assert min(expected) > 1e-3  # more than with any sky that fits


def place_of(spw: int) -> tuple[np.ndarray, float]:
    return data()[spw].uv, FREQUENCIES[spw]


def least_squares(rows: Averages, minispiral: np.ndarray) -> tuple[np.ndarray, float]:
    """Core over minispiral of each bin, and the median of the minispiral."""
    fluxes = []
    for place in range(rows.number):
        here = rows.bin == place
        matrix = np.stack([minispiral[here], np.ones(here.sum())], axis=1)
        matrix = np.concatenate([matrix.real, matrix.imag])
        values = np.concatenate([rows.values[here].real, rows.values[here].imag])
        fluxes.append(np.linalg.lstsq(matrix, values, rcond=None)[0])
    extended, core = np.transpose(fluxes)
    return core / extended, float(np.median(extended))


def test_the_array_points_where_it_does_in_the_fit():
    offset = np.tile([0.4, -0.3], (2, 1))
    pointing = Pointing(TIMES[[0, -1]], offset, 0.01 * np.ones((2, 2)), 1e3)
    sky = wide_sky()
    image = sky_image(sky.minispiral, FRAME.grid, Beam(1, 1, 0), (266.4, -29.0), 220e9, DISH)
    elsewhere = sky.minispiral_visibilities(
        *place_of(0), offset=np.tile(offset[0], (2, len(data()[0].bin), 1))
    )
    (fitted,) = fit_tracks([track((0,), pointing)], image)
    expected = fit_fluxes(SpwData(data()[0]), elsewhere, 1.0, CORE)
    np.testing.assert_allclose(fitted.extended, expected.extended, rtol=1e-9)
    (without,) = fit_tracks([track((0,))], image)
    assert np.abs(without.extended / fitted.extended - 1).max() > 1e-3


def test_halves_of_the_antennas_share_no_baseline_and_reach_as_far():
    rows = data()[0]
    half = halves_of_antennas(rows)
    assert abs(np.bincount(half)[0] - np.bincount(half)[1]) <= 1
    parts = [rows_of(rows, VARIANTS[name]) for name in ("antennas_1", "antennas_2")]
    seen = [set(part.antenna1) | set(part.antenna2) for part in parts]
    assert not seen[0] & seen[1]
    assert seen[0] | seen[1] == set(range(len(rows.antennas)))
    lengths = [np.median(np.hypot(*part.uv)) for part in parts]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.3)


def test_halves_in_time_are_one_after_the_other_and_all_of_it():
    rows = data()[0]
    first, second = (rows_of(rows, VARIANTS[name]) for name in ("time_1", "time_2"))
    assert first.bin.max() < second.bin.min()
    assert len(first.bin) + len(second.bin) == len(rows.bin)
    assert rows_of(rows, VARIANTS["weak"]) is rows


def test_averages_are_read_with_the_flags_of_their_spw(tmp_path):
    write_records(tmp_path / "averages.npz", list(data()))
    flag = UserFlag("a", "1", 0.0, 1.0)
    read = reader(tmp_path / "averages.npz", [[], [flag]])
    for _ in range(2):  # in each turn
        spws = list(read())
        assert [list(spw.flags) for spw in spws] == [[], [flag]]
        assert np.array_equal(spws[1].averages.values, data()[1].values)


def test_fluxes_are_written_without_loss(tmp_path):
    spws = [
        AveragedFluxes("20170407", 3, *(np.arange(5.0) + k for k in range(4)), np.arange(5) > 2)
    ]
    write_records(tmp_path / "fluxes.npz", spws)
    (again,) = read_records(tmp_path / "fluxes.npz", AveragedFluxes)
    assert (again.track, again.spw) == ("20170407", 3)
    assert np.array_equal(again.used, spws[0].used)
