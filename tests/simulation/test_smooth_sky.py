"""The smooth sky against sums over finely sampled images, and against what it is to be."""

import numpy as np
import pytest

from minispiral.simulation import minispiral, source
from minispiral.simulation.settings import TrackSimulation
from minispiral.simulation.smooth_sky import (
    EllipticalGaussians,
    seen_through,
    smooth_sky,
    visibility,
)
from minispiral.visibilities.primary_beam import gaussian, primary_beam_width
from minispiral.visibilities.transform import point_visibilities

CELL = 0.1
SMOOTH = TrackSimulation(sky="smooth")


def brightness(sky, east, north):
    """Jy per pixel of elliptical Gaussians, by their definition."""
    image = np.zeros_like(east)
    for (x, y), flux, c in zip(sky.place, sky.flux, sky.covariance, strict=True):
        inverse = np.linalg.inv(c)
        away = np.stack([east - x, north - y], axis=-1)
        exponent = np.einsum("...i,ij,...j->...", away, inverse, away)
        image += flux * np.exp(-exponent / 2) / (2 * np.pi * np.sqrt(np.linalg.det(c)))
    return CELL**2 * image


def test_a_patch_off_centre_under_the_primary_beam_is_the_sum_over_its_image():
    along, across, angle = 1.6, 0.7, 0.6
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    covariance = turn @ np.diag([along**2, across**2]) @ turn.T
    patch = EllipticalGaussians(np.array([[9.3, -7.1]]), np.array([0.8]), covariance[np.newaxis])
    width, pointing = primary_beam_width(229.1e9, 12.0), (-1.0, 2.5)
    grid = CELL * np.arange(-90, 91)
    east, north = np.meshgrid(grid + 9.0, grid - 7.0, indexing="ij")
    seen = brightness(patch, east, north)
    seen *= gaussian(np.hypot(east - pointing[0], north - pointing[1]), width)
    u, v = np.random.default_rng(1).uniform(-1.2e5, 1.2e5, (2, 12))
    phase = 2 * np.pi * source.ARCSEC * (u[:, None, None] * east + v[:, None, None] * north)
    expected = (seen * np.exp(1j * phase)).sum(axis=(1, 2))
    np.testing.assert_allclose(
        visibility(u, v, seen_through(patch, width, pointing)), expected, atol=1e-10
    )
    assert 0.3 < seen.sum() / 0.8 < 0.7  # the beam matters here


def test_a_point_is_dimmed_by_the_beam_and_stays_where_it_is():
    point = EllipticalGaussians(np.array([[3.0, 4.0]]), np.array([1.0]), np.zeros((1, 2, 2)))
    seen = seen_through(point, 10.0)
    np.testing.assert_allclose(seen.flux, 0.5, rtol=1e-12)  # 5 arcsec are half the full width
    u, v = np.array([3e4]), np.array([-5e4])
    np.testing.assert_allclose(
        visibility(u, v, seen), 0.5 * point_visibilities(u, v, (3.0, 4.0)), rtol=1e-12
    )


def test_the_sky_is_always_the_same_smooth_and_leaves_the_core_alone():
    sky = smooth_sky()
    np.testing.assert_array_equal(sky.flux, smooth_sky().flux)
    assert sky.flux.sum() == pytest.approx(1, rel=1e-12)
    assert (sky.flux > 0).all()
    widths = source.FWHM_PER_SIGMA * np.sqrt(np.linalg.eigvalsh(sky.covariance))
    assert widths.min() == pytest.approx(0.6, abs=0.1)
    assert np.hypot(*sky.place.T)[:-1].min() > 2.5  # all but the halo, the last one
    # within an arcsec of the core, most of it the halo's
    east, north = np.meshgrid(*2 * [CELL * np.arange(-10, 11)], indexing="ij")
    assert brightness(sky, east, north).sum() < 2e-3


def test_ridges_have_no_gaps():
    """Along the crest of the Northern Arm, brightness never falls below a half of its course."""
    arm = source.ARMS[0]
    t = np.linspace(0.06, 0.94, 200)
    radius = arm.radii[0] * (arm.radii[1] / arm.radii[0]) ** t
    angle = np.radians(arm.angles[0] + (arm.angles[1] - arm.angles[0]) * t)
    crest = brightness(smooth_sky(), radius * np.cos(angle), radius * np.sin(angle))
    course = np.convolve(np.pad(crest, 15, "edge"), np.ones(31) / 31, "valid")
    assert (crest / course).min() > 0.5


def test_zero_spacing_is_the_apparent_flux_of_each_spw():
    zero, spws = np.zeros((4, 1)), np.arange(4)
    np.testing.assert_allclose(minispiral.unit_visibilities(zero, zero, spws, SMOOTH), 1)
    flux = minispiral.apparent_flux(SMOOTH)
    assert (np.diff(flux) < 0).all()  # the beam narrows
    # by hand: the flux of the true sky through the beam, pixel by pixel
    east, north = np.meshgrid(*2 * [0.25 * np.arange(-180, 181)], indexing="ij")
    image = brightness(smooth_sky(), east, north)
    radius = np.hypot(east, north)
    kept = [
        (image * gaussian(radius, primary_beam_width(hertz, 12.0))).sum()
        for hertz in (220e9, *SMOOTH.frequencies)
    ]
    expected = 1.1 * np.array(kept[1:]) / kept[0] * (SMOOTH.frequencies / 220e9) ** -0.1
    np.testing.assert_allclose(flux, expected, rtol=1e-6)


def test_the_beam_stays_at_the_phase_centre_where_the_core_is_off_it():
    offset = TrackSimulation(sky="smooth", core_offset_arcsec=(6.0, 0.0))
    # the brightest arm is in the east: with the core there, the beam shows less of it
    assert (minispiral.apparent_flux(offset) < 0.95 * minispiral.apparent_flux(SMOOTH)).all()


def test_the_other_sky_is_as_it_was():
    u, v = np.random.default_rng(2).uniform(-1e5, 1e5, (2, 20, 3))
    np.testing.assert_array_equal(
        minispiral.unit_visibilities(u, v, np.zeros(20, int), TrackSimulation()),
        source.gaussian_visibility(u, v, source.minispiral(1.0)),
    )
    np.testing.assert_array_equal(
        minispiral.apparent_flux(TrackSimulation()),
        source.flux_at(1.1, TrackSimulation().frequencies, -0.1),
    )
