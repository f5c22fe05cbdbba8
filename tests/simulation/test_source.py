"""The true sky against analytic transforms, known statistics and hand-computed numbers."""

import numpy as np
import pytest

from minispiral.simulation import source


def random_baselines(n, longest=2e5, seed=0):
    """Return u and v of `n` baselines, wavelengths."""
    return np.random.default_rng(seed).uniform(-longest, longest, (2, n))


def one_gaussian(x, y, flux, fwhm):
    return source.Gaussians(*(np.array([value], float) for value in (x, y, flux, fwhm)))


def test_a_point_has_the_phase_that_casa_writes():
    u, v = random_baselines(100)
    visibility = source.gaussian_visibility(u, v, one_gaussian(3.3, -7.1, 0.8, 0.0))
    phase = 2 * np.pi * (u * 3.3 - v * 7.1) / 206264.80624709636
    np.testing.assert_allclose(visibility, 0.8 * np.exp(1j * phase), rtol=1e-12)


def test_a_gaussian_is_the_sum_over_a_finely_sampled_image():
    x, y, flux, fwhm = 2.37, -1.21, 0.9, 1.7
    cell = 0.15
    grid = cell * np.arange(-60, 61)
    east, north = np.meshgrid(grid + 2.0, grid - 1.0, indexing="ij")
    brightness = np.exp(-4 * np.log(2) * ((east - x) ** 2 + (north - y) ** 2) / fwhm**2)
    brightness *= flux * cell**2 / (np.pi * fwhm**2 / (4 * np.log(2)))
    u, v = random_baselines(20)
    phase = 2 * np.pi * source.ARCSEC * (u[:, None, None] * east + v[:, None, None] * north)
    expected = (brightness * np.exp(1j * phase)).sum(axis=(1, 2))
    visibility = source.gaussian_visibility(u, v, one_gaussian(x, y, flux, fwhm))
    np.testing.assert_allclose(visibility, expected, atol=1e-9)


def test_visibility_falls_to_half_where_the_transform_of_the_fwhm_says():
    # a Gaussian of FWHM w has a transform of FWHM 4 ln 2 / (pi w)
    fwhm = 1.3
    half = 2 * np.log(2) / (np.pi * fwhm * source.ARCSEC)
    visibility = source.gaussian_visibility(half, 0.0, one_gaussian(0, 0, 1, fwhm))
    assert visibility == pytest.approx(0.5, abs=1e-12)


def test_zero_spacing_is_the_total_flux_density():
    sky = source.minispiral(1.1)
    assert source.gaussian_visibility(0.0, 0.0, sky) == pytest.approx(1.1, rel=1e-12)


def test_the_reversed_baseline_has_the_conjugate():
    u, v = random_baselines(50)
    sky = source.minispiral(1.1)
    np.testing.assert_allclose(
        source.gaussian_visibility(-u, -v, sky),
        source.gaussian_visibility(u, v, sky).conj(),
        atol=1e-14,
    )


@pytest.mark.parametrize("block_rows", [1, 7, 64, 10**6])
def test_blocks_do_not_change_the_result(block_rows):
    u, v = random_baselines(64)
    sky = source.minispiral(1.1)
    np.testing.assert_array_equal(
        source.gaussian_visibility(u, v, sky, block_rows), source.gaussian_visibility(u, v, sky)
    )


def test_transform_keeps_the_shape_of_its_baselines():
    u, v = random_baselines(12)
    sky = source.minispiral(1.1)
    shaped = source.gaussian_visibility(u.reshape(3, 4), v.reshape(3, 4), sky)
    np.testing.assert_array_equal(shaped.ravel(), source.gaussian_visibility(u, v, sky))


def test_minispiral_is_always_the_same_and_leaves_the_core_alone():
    sky, again = source.minispiral(1.1), source.minispiral(2.2)
    np.testing.assert_array_equal(sky.x, again.x)
    np.testing.assert_allclose(2 * sky.flux, again.flux, rtol=1e-12)
    distance = np.hypot(sky.x, sky.y)
    assert distance.min() > 2.0
    assert np.abs([sky.x, sky.y]).max() < 21.0
    assert (sky.flux > 0).all()
    # what the Gaussians' wings leave within 1 arcsec of the core, in Jy per square arcsec
    peak = sky.flux * 4 * np.log(2) / (np.pi * sky.fwhm**2)
    assert (peak * np.exp(-4 * np.log(2) * (distance - 1) ** 2 / sky.fwhm**2)).sum() < 2e-3


def test_minispiral_lies_on_no_pixel_grid():
    sky = source.minispiral(1.1)
    for cell in (0.05, 0.1, 0.2, 0.25):
        fraction = np.abs(np.concatenate([sky.x, sky.y]) / cell % 1 - 0.5)
        assert (fraction > 0.4999).mean() < 0.05


def test_flux_density_follows_the_spectral_index():
    assert source.flux_at(1.1, 220e9, -0.1) == 1.1
    ratio = source.flux_at(1.1, 229.1e9, -0.1) / source.flux_at(1.1, 213.1e9, -0.1)
    assert ratio == pytest.approx((229.1 / 213.1) ** -0.1, rel=1e-14)


def test_ornstein_uhlenbeck_has_its_covariance_on_uneven_times():
    times = np.array([0.0, 1.0, 1.5, 4.0, 11.0])
    rms, timescale, n = 0.3, 3.0, 20000
    rng = np.random.default_rng(5)
    walks = np.array([source.ornstein_uhlenbeck(times, rms, timescale, rng) for _ in range(n)])
    expected = rms**2 * np.exp(-np.abs(times[:, None] - times) / timescale)
    measured = walks.T @ walks / n
    # the variance of a sample covariance of Gaussians (Isserlis)
    error = np.sqrt((expected**2 + rms**4) / n)
    assert np.abs((measured - expected) / error).max() < 4
    assert np.abs(walks.mean(axis=0)).max() < 4 * rms / np.sqrt(n)


def test_smooth_walk_keeps_the_variance_and_is_smooth_between_integrations():
    rng = np.random.default_rng(6)
    times = 4.9981e9 + np.arange(0.0, 1200.0, 4.0)
    walks = np.array([source.smooth_walk(times, 0.1, 3600.0, rng) for _ in range(2000)])
    # 2000 independent values at a time: 1.6 % error of the rms, and the spline's loss (1 - 2 %)
    np.testing.assert_allclose(walks.std(axis=0), 0.1, rtol=0.08)
    third = np.diff(walks, n=3, axis=1).std() / np.diff(walks, axis=1).std()
    # differences of white increments grow as sqrt(6) = 2.4 from the first to the third
    assert third < 0.05


def test_core_has_the_mean_and_rms_asked_for():
    rng = np.random.default_rng(7)
    core = source.Core(flux_jy=2.4, rms=0.1)
    first = np.array(
        [source.core_stokes([0.0, 6.0], [220e9], core, rng)[0, 0, 0] for _ in range(1500)]
    )
    assert first.mean() == pytest.approx(2.4, abs=4 * 0.24 / np.sqrt(1500))
    assert first.std() / first.mean() == pytest.approx(0.1, abs=4 * 0.1 / np.sqrt(3000))


def test_core_varies_by_per_cents_within_a_track_and_hardly_within_an_integration():
    rng = np.random.default_rng(8)
    times = np.arange(0.0, 2400.0, 6.0)
    tracks = [source.core_stokes(times, [220e9], source.Core(), rng)[0, 0] for _ in range(100)]
    ranges = [np.ptp(track) / track.mean() for track in tracks]
    assert 0.03 < np.median(ranges) < 0.2
    assert np.median([np.abs(np.diff(track) / track[1:]).max() for track in tracks]) < 0.01


def test_core_without_variability_is_constant():
    core = source.Core(flux_jy=2.4, rms=0.0)
    stokes = source.core_stokes(np.arange(10.0), [220e9], core, np.random.default_rng(0))
    np.testing.assert_allclose(stokes[0], 2.4, rtol=1e-14)


def test_evpa_is_linear_in_wavelength_squared_with_the_rotation_measure():
    frequencies = np.array([213.1e9, 215.1e9, 227.1e9, 229.1e9])
    core = source.Core(rotation_measure=-4e5)
    _, q, u, _ = source.core_stokes(
        np.arange(0.0, 600.0, 6.0), frequencies, core, np.random.default_rng(9)
    )
    evpa = 0.5 * np.unwrap(np.arctan2(u, q), axis=0)
    wavelength_squared = (299792458.0 / frequencies) ** 2
    slopes = np.polyfit(wavelength_squared, evpa, 1)[0]
    np.testing.assert_allclose(slopes, -4e5, rtol=1e-6)


def test_polarisation_is_the_fraction_asked_for():
    rng = np.random.default_rng(10)
    core = source.Core()
    stokes = np.array(
        [source.core_stokes([0.0, 6.0], [220e9], core, rng)[:, 0, 0] for _ in range(2000)]
    )
    fraction = np.hypot(stokes[:, 1], stokes[:, 2]) / stokes[:, 0]
    assert fraction.mean() == pytest.approx(0.07, rel=4 * 0.15 / np.sqrt(2000))
    np.testing.assert_allclose(stokes[:, 3] / stokes[:, 0], -0.01, rtol=1e-12)


def test_core_rotates_by_tens_of_degrees_in_tens_of_minutes():
    rng = np.random.default_rng(11)
    times = np.arange(0.0, 1800.0, 6.0)
    ranges = []
    for _ in range(100):
        _, q, u, _ = source.core_stokes(times, [220e9], source.Core(), rng)
        ranges.append(np.degrees(np.ptp(0.5 * np.unwrap(np.arctan2(u[0], q[0])))))
    assert 20 < np.median(ranges) < 180


def test_noise_against_a_number_computed_by_hand():
    # 2 x 1.380649e-23 x 90 / (0.68 x 113.0973) = 3231.37 Jy; / 0.88 = 3672.01 Jy;
    # / sqrt(2 x 1.875e9 x 6) = 150000: 24.480 mJy
    assert source.thermal_noise(90.0, 1.875e9, 6.0) == pytest.approx(0.024480, rel=1e-4)


def test_noise_falls_with_the_root_of_time_and_bandwidth():
    once = source.thermal_noise(90.0, 1e9, 1.0)
    assert source.thermal_noise(90.0, 2e9, 2.0) == pytest.approx(once / 2)
    assert source.thermal_noise(180.0, 1e9, 1.0) == pytest.approx(2 * once)


def test_noise_growth_is_that_of_an_atmosphere_before_a_receiver():
    """By the radiative transfer written out: receiver and air, referred to above the air."""
    airmass, tau, receiver = np.array([1.0, 1.5, 3.0]), 0.1, 60.0
    system = np.exp(tau * airmass) * (receiver + 270 * (1 - np.exp(-tau * airmass)))
    np.testing.assert_allclose(
        source.noise_growth(airmass, tau, system[0]), system / system[0], rtol=1e-12
    )
    assert source.noise_growth(2.0, 0.1, 90.0) ** 2 == pytest.approx(2, abs=0.03)
    np.testing.assert_array_equal(source.noise_growth(airmass, 0.0, 90.0), 1)
    # a receiver without noise of its own: the sky's alone
    np.testing.assert_allclose(
        source.sky_temperature(tau), np.exp(tau) * 270 * (1 - np.exp(-tau)), rtol=1e-12
    )
