"""Turns on data of a known sky: light curves, their errors, and the sky itself."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.constants import c

from minispiral.sky.averages import Averages
from minispiral.sky.coverage import SkyFrame
from minispiral.sky.equations import SkySums
from minispiral.sky.grid import Coverage, choose_grid, envelope_width
from minispiral.sky.image import STOPPED
from minispiral.sky.track import (
    SpwData,
    SpwFluxes,
    add_sums,
    measure_fluxes,
    minispiral_visibilities,
)
from minispiral.sky.turns import Turn, next_sky
from minispiral.visibilities.sky_model import SkyModel
from minispiral.visibilities.smearing import EARTH_RATE

pytestmark = pytest.mark.slow  # six seconds

FREQUENCY, DISH, BINS, ANTENNAS = 220e9, 12.0, 120, 14
SIGMA = 0.02  # Jy, of a visibility
DECLINATION, LATITUDE = np.radians([-29.0, -23.0])
CORE = (0.0, 0.0)
BROKEN = 70
SETTINGS = {"core": "zero", "regularization": 1e-3, "primary_beam": True}


def uv() -> np.ndarray:
    """Baselines of up to 90 m over four hours: ``(2, n_bin, n_baseline)``, m."""
    rng = np.random.default_rng(8)
    east, north = 45 * rng.uniform(-1, 1, (2, ANTENNAS)) ** 3 + 20 * rng.normal(size=(2, ANTENNAS))
    first, second = np.triu_indices(ANTENNAS, 1)
    x = -np.sin(LATITUDE) * (north[first] - north[second])
    y, z = east[first] - east[second], np.cos(LATITUDE) * (north[first] - north[second])
    h = (EARTH_RATE * np.linspace(-7200, 7200, BINS))[:, None]
    u = np.sin(h) * x + np.cos(h) * y
    v = -np.sin(DECLINATION) * (np.cos(h) * x - np.sin(h) * y) + np.cos(DECLINATION) * z
    return np.stack([u, v])


BASELINES = uv()
LONGEST = float(np.hypot(*BASELINES).max()) * FREQUENCY / c
COVERAGE = (Coverage(FREQUENCY, DISH, LONGEST),)
GRID = choose_grid(COVERAGE)
FRAME = SkyFrame(GRID, (266.4, -29.0), FREQUENCY, DISH, envelope_width(COVERAGE, FREQUENCY, DISH))
HOURS = np.linspace(-2, 2, BINS)
EXTENDED = 1.1 * (1 + 0.1 * np.sin(HOURS))  # what QA2 makes of a constant minispiral
COMPACT = 2.5 + 0.02 * np.sin(3 * HOURS)


def true_sky() -> np.ndarray:
    """Patches, a ridge and a halo, 1 Jy in all."""
    n = np.arange(GRID.size) - GRID.size // 2
    x, y = -n[:, None] * GRID.cell, n[None] * GRID.cell
    sky = np.zeros(GRID.shape)
    for flux, east, north, width in (
        (0.2, 4.0, 3.0, 1.2),
        (0.25, -5.0, 1.0, 1.8),
        (0.15, 1.0, -6.0, 1.0),
        (0.2, -2.0, 7.0, 2.2),
        (0.2, 0.0, 0.0, 7.0),
    ):
        gaussian = np.exp(-((x - east) ** 2 + (y - north) ** 2) / (2 * width**2))
        sky += flux * gaussian / gaussian.sum()
    return sky


def data(seed: int, noise: float = SIGMA) -> Averages:
    rng = np.random.default_rng(seed)
    rows = BASELINES.reshape(2, -1)
    place = np.repeat(np.arange(BINS), BASELINES.shape[2])
    model = SkyModel(true_sky(), GRID.cell, CORE, DISH)
    values = EXTENDED[place] * model.minispiral_visibilities(rows, FREQUENCY) + COMPACT[place]
    values = values + noise * (rng.standard_normal((2, len(place))).T @ [1, 1j])
    broken = (place == BROKEN) & (rng.random(len(place)) < 0.3)
    values = np.where(broken, values * np.exp(1j), values)
    times = np.arange(BINS) * 120.0
    weight = np.full(len(place), SIGMA**-2)
    first, second = (np.tile(k, BINS) for k in np.triu_indices(ANTENNAS, 1))
    names = np.array([f"A{k:02d}" for k in range(ANTENNAS)])
    bins = np.arange(BINS)
    return Averages(FREQUENCY, times, bins, place, rows, values, weight, first, second, names)


@cache
def found(seed: int = 1, noise: float = SIGMA, strength: float = 1e-3):
    """The sky that data with this noise give, and why its turns stopped."""
    settings, averages = {**SETTINGS, "regularization": strength}, SpwData(data(seed, noise))
    sky, before = None, []
    for number in range(1, 9):
        fluxes = [fit(averages, sky)]
        sums = SkySums(GRID)
        add_sums(sums, averages, fluxes[0], CORE)
        turn = Turn(number, number == 8, sky, fluxes, before)
        sky, before = next_sky(turn, FRAME, settings, [CORE], lambda sums=sums: sums), fluxes
        if STOPPED in sky.header:
            break
    return sky


def fit(averages: SpwData, sky) -> SpwFluxes:
    model = None if sky is None else SkyModel(sky.pixels, sky.cell, CORE, sky.dish_m)
    seen = None if model is None else minispiral_visibilities(averages.averages, model)
    return measure_fluxes(averages, seen, 1.0 if sky is None else sky.pixels.sum(), CORE)


def light_curve(averages: Averages, sky) -> tuple[np.ndarray, SpwFluxes]:
    fluxes = fit(SpwData(averages), sky)
    return np.log(fluxes.core / fluxes.extended), fluxes


TRUTH = np.log(COMPACT / EXTENDED)
GOOD = np.arange(BINS) != BROKEN


def scatter(values: np.ndarray) -> float:
    return float(np.std(values[GOOD]))


def test_the_light_curve_follows_the_truth_within_its_errors():
    curve, fluxes = light_curve(data(1), found())
    error = fluxes.error / fluxes.extended
    deviation = curve - TRUTH
    deviation -= np.median(deviation[GOOD])
    assert np.std((deviation / error)[GOOD]) == pytest.approx(1, abs=0.2)
    assert np.median(fluxes.chi2) == pytest.approx(1, abs=0.03)
    hour = np.add.reduceat(np.where(GOOD, deviation, 0), np.arange(0, BINS, 30)) / 30
    assert np.abs(hour).max() < 3 * np.median(error) / np.sqrt(30)
    # what is common to minispiral and core within half a beam goes to the core
    scale = np.median((fluxes.core / COMPACT)[GOOD])
    assert scale == pytest.approx(1, abs=0.02)


def test_the_broken_integration_takes_no_part():
    _, fluxes = light_curve(data(1), found())
    assert np.flatnonzero(~fluxes.used).tolist() == [BROKEN]


def test_the_skys_own_error_is_small_against_an_integrations():
    # the same data, fitted with skies of other noise
    clean = data(1, noise=0.0)
    _, fluxes = light_curve(data(1), found())
    error = np.median(fluxes.error / fluxes.extended)
    skies = [found(seed) for seed in (2, 3)]
    curves = [light_curve(clean, sky)[0] - TRUTH for sky in skies]
    assert max(map(scatter, curves)) < 0.25 * error
    assert scatter(curves[0] - curves[1]) / np.sqrt(2) < 0.15 * error


@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_the_light_curve_does_not_hang_on_the_strength(factor):
    curve, fluxes = light_curve(data(1), found())
    other, _ = light_curve(data(1), found(strength=1e-3 * factor))
    error = np.median(fluxes.error / fluxes.extended)
    assert scatter(other - curve) < error / 5


def test_the_sky_is_one_that_an_astronomer_believes():
    pixels, radius = found().pixels, GRID.radius()
    assert pixels.min() >= 0
    assert pixels.sum() == pytest.approx(1, rel=0.35)
    edge = pixels[(radius > 0.85 * radius.max() / np.sqrt(2)) & (radius < radius.max())]
    assert edge.mean() < 0.02 * pixels[radius < 8].mean()
    assert not pixels[GRID.size // 2, GRID.size // 2]


def test_the_core_s_pixel_gets_its_surroundings_where_asked_for():
    averages = SpwData(data(1))
    fluxes, sums = fit(averages, found()), SkySums(GRID)
    add_sums(sums, averages, fluxes, CORE)
    turn = Turn(3, False, found(), [fluxes], [replace(fluxes, extended=2 * EXTENDED**2)])
    header = found().header.copy()
    del header[STOPPED]
    turn = replace(turn, sky=replace(found(), header=header))
    surrounded = next_sky(turn, FRAME, {**SETTINGS, "core": "surroundings"}, [CORE], lambda: sums)
    middle = GRID.size // 2
    around = surrounded.pixels[middle - 1 : middle + 2, middle - 1 : middle + 2]
    assert around[1, 1] == pytest.approx((around.sum() - around[1, 1]) / 8)
