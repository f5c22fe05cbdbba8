"""The true sky of a simulation: the minispiral, the variable core, and the receivers' noise.

Offsets are on the sky, in arcsec from the phase centre: x east (towards increasing right
ascension), y north. The baseline (u, v) is in wavelengths, with the sign that CASA writes in a
measurement set, so that a point of S Jy at (x, y) has the visibility S exp(+2 pi i (u x + v y)).
Nothing here knows of CASA.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import Boltzmann, speed_of_light
from scipy.interpolate import CubicSpline

ARCSEC = np.pi / (180 * 3600)
FWHM_PER_SIGMA = np.sqrt(8 * np.log(2))
JANSKY = 1e-26

#: Frequency at which the flux densities of the sky are given, Hz.
REFERENCE_FREQUENCY = 220e9
#: Spectral index of optically thin free-free emission, the minispiral's.
FREE_FREE_INDEX = -0.1
#: Physical temperature of the atmosphere, K.
ATMOSPHERE = 270.0
#: Spacing of the random numbers below a smooth light curve, s.
NODE_SPACING = 60.0
#: Rows that are transformed at a time: the temporaries then stay in the processor's cache.
TRANSFORM_ROWS = 8192


@dataclass(frozen=True)
class Gaussians:
    """Circular Gaussian components, each array of shape ``(n_component,)``."""

    x: NDArray[np.float64]
    """Offset to the east, arcsec."""
    y: NDArray[np.float64]
    """Offset to the north, arcsec."""
    flux: NDArray[np.float64]
    """Flux density at `REFERENCE_FREQUENCY`, Jy."""
    fwhm: NDArray[np.float64]
    """Full width at half maximum, arcsec; 0 is a point."""


@dataclass(frozen=True)
class Arm:
    """A piece of a logarithmic spiral; angles count from east towards north."""

    radii: tuple[float, float]
    """Distance from the core at both ends, arcsec."""
    angles: tuple[float, float]
    """Polar angle at both ends, deg."""
    fwhms: tuple[float, float]
    """Width of the components at both ends, arcsec."""
    share: float
    """Share of the minispiral's flux density."""
    components: int
    """Number of components along the arm."""


#: Northern Arm, Eastern Arm, Western Arc and Bar, roughly as in Sgr A West.
ARMS = (
    Arm(radii=(20.0, 2.6), angles=(80.0, 20.0), fwhms=(1.8, 0.7), share=0.40, components=14),
    Arm(radii=(19.0, 3.2), angles=(5.0, -75.0), fwhms=(2.0, 0.8), share=0.22, components=11),
    Arm(radii=(12.5, 17.5), angles=(140.0, 262.0), fwhms=(1.4, 2.2), share=0.18, components=11),
    Arm(radii=(9.0, 2.8), angles=(188.0, 250.0), fwhms=(1.1, 0.7), share=0.20, components=6),
)


@dataclass(frozen=True)
class Core:
    """What the compact core's light curves follow."""

    flux_jy: float = 2.4
    """Mean Stokes I at `REFERENCE_FREQUENCY`, Jy."""
    rms: float = 0.1
    """Rms of Stokes I as a fraction of its mean."""
    timescale_s: float = 8 * 3600.0
    """Correlation time of the damped random walk of ln I, s."""
    fast_share: float = 0.3
    """Share of the rms that varies on `fast_timescale_s` instead; 0 leaves it out."""
    fast_timescale_s: float = 1500.0
    """Correlation time of that faster part, s."""
    spectral_index: float = 0.0
    """Of Stokes I: I ~ frequency**spectral_index."""
    polarized_fraction: float = 0.07
    """Mean of P / I."""
    polarized_rms: float = 0.15
    """Rms of ln(P / I)."""
    circular_fraction: float = -0.01
    """V / I."""
    evpa_deg: float = 30.0
    """Mean intrinsic EVPA (at wavelength 0), deg."""
    evpa_rms_deg: float = 40.0
    """Rms of the EVPA, deg."""
    polarization_timescale_s: float = 2400.0
    """Correlation time of P / I and of the EVPA, s."""
    rotation_measure: float = -4e5
    """Of the EVPA, rad/m^2."""


def minispiral(flux_jy: float) -> Gaussians:
    """Return the minispiral: four arms of Gaussians that add up to `flux_jy` Jy.

    Always the same sky: the components lie on logarithmic spirals r(t) = r0 (r1/r0)^t,
    phi(t) = phi0 + (phi1 - phi0) t (`ARMS`), moved and dimmed by a golden-ratio sequence, so that
    no position falls on a pixel grid and no random generator is involved. None lies nearer than
    2 arcsec to the core. `flux_jy` is the flux density at `REFERENCE_FREQUENCY`, and the sky is
    the apparent one, seen through the antennas' primary beam.
    """
    pieces = [_arm_components(arm, index) for index, arm in enumerate(ARMS)]
    x, y, flux, fwhm = (np.concatenate(column) for column in zip(*pieces, strict=True))
    return Gaussians(x, y, flux_jy * flux / flux.sum(), fwhm)


def _arm_components(arm: Arm, index: int) -> tuple[NDArray[np.float64], ...]:
    """Return (x, y, flux, fwhm) of one arm; its flux densities add up to its share."""
    k = np.arange(arm.components)
    t = (k + 0.5) / arm.components
    # equidistributed numbers in [-1/2, 1/2): multiples of the golden ratio and of sqrt(2)
    jitter, spread = ((k + 17 * index) * np.array([[0.6180339887], [1.4142135624]])) % 1 - 0.5
    radius = arm.radii[0] * (arm.radii[1] / arm.radii[0]) ** t * (1 + 0.06 * jitter)
    angle = np.radians(arm.angles[0] + (arm.angles[1] - arm.angles[0]) * (t + 0.02 * spread))
    fwhm = arm.fwhms[0] * (arm.fwhms[1] / arm.fwhms[0]) ** t * (1 + 0.3 * spread)
    flux = np.exp(2.5 * jitter)
    return radius * np.cos(angle), radius * np.sin(angle), arm.share * flux / flux.sum(), fwhm


def flux_at(flux: ArrayLike, frequency: ArrayLike, index: float) -> NDArray[np.float64]:
    """Return flux (frequency / `REFERENCE_FREQUENCY`)**index, for a frequency in Hz."""
    return np.asarray(flux) * (np.asarray(frequency) / REFERENCE_FREQUENCY) ** index


def gaussian_visibility(
    u: ArrayLike, v: ArrayLike, sky: Gaussians, block_rows: int = TRANSFORM_ROWS
) -> NDArray[np.complex128]:
    """Return the visibility of Gaussian components, by their analytic Fourier transform.

    V(u, v) = sum_k S_k exp(+2 pi i (u x_k + v y_k)) exp(-2 pi^2 s_k^2 (u^2 + v^2)),
    with s_k = FWHM_k / sqrt(8 ln 2) and x, y, s in radians.

    Parameters
    ----------
    u, v
        Baselines as in a measurement set, wavelengths, of one shape.
    sky
        The components; their flux densities are taken as they are, at every frequency.
    block_rows
        Baselines that are transformed at a time; bounds the memory, and nothing else.

    Returns
    -------
    ndarray
        Visibilities of the shape of `u`, complex, Jy.
    """
    u, v = np.broadcast_arrays(np.asarray(u, float), np.asarray(v, float))
    return in_blocks(lambda a, b: _transform(a, b, sky), u, v, block_rows)


def in_blocks(
    transform: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.complex128]],
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    block_rows: int = TRANSFORM_ROWS,
) -> NDArray[np.complex128]:
    """Return the transform at baselines of any shape, a block of `block_rows` at a time."""
    flat_u, flat_v = u.ravel(), v.ravel()
    visibility = np.empty(flat_u.size, complex)
    for start in range(0, flat_u.size, block_rows):
        rows = slice(start, start + block_rows)
        visibility[rows] = transform(flat_u[rows], flat_v[rows])
    return visibility.reshape(u.shape)


def _transform(
    u: NDArray[np.float64], v: NDArray[np.float64], sky: Gaussians
) -> NDArray[np.complex128]:
    """Return `gaussian_visibility` of one block of baselines."""
    decay = -2 * np.pi**2 * (u**2 + v**2)
    exponent = np.empty(u.size, complex)
    visibility = np.zeros(u.size, complex)
    columns = (
        2 * np.pi * ARCSEC * sky.x,
        2 * np.pi * ARCSEC * sky.y,
        sky.flux,
        (ARCSEC * sky.fwhm / FWHM_PER_SIGMA) ** 2,
    )
    for x, y, flux, variance in zip(*columns, strict=True):
        exponent.real = variance * decay
        exponent.imag = x * u + y * v
        visibility += flux * np.exp(exponent)
    return visibility


def ornstein_uhlenbeck(
    times: ArrayLike, rms: float, timescale: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw a stationary damped random walk, by its exact recursion.

    x_0 = rms n_0, x_i = a_i x_(i-1) + rms sqrt(1 - a_i^2) n_i, with a_i = exp(-dt_i / timescale)
    and standard normal n_i. Mean 0, covariance rms^2 exp(-|dt| / timescale), whatever the steps
    (Uhlenbeck & Ornstein 1930; Gillespie 1996, Phys. Rev. E 54, 2084).

    Parameters
    ----------
    times
        Ascending times, shape ``(n_time,)``, in the unit of `timescale`.
    rms, timescale
        Standard deviation (the unit of the result) and correlation time.
    rng
        The source of random numbers; takes ``n_time`` of them.

    Returns
    -------
    ndarray
        The walk, shape ``(n_time,)``.
    """
    times = np.asarray(times, float)
    decay = np.exp(-np.diff(times) / timescale)
    kicks = rms * rng.standard_normal(times.size)
    kicks[1:] *= np.sqrt(1 - decay**2)
    walk = kicks
    for i, factor in enumerate(decay, start=1):
        walk[i] += factor * walk[i - 1]
    return walk


def smooth_walk(
    times: ArrayLike, rms: float, timescale: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw a damped random walk that is smooth from one integration to the next.

    A cubic spline through `ornstein_uhlenbeck` at nodes every `NODE_SPACING` seconds: red noise
    on longer times, none on shorter ones, as measured for Sgr A* in the millimetre.

    Parameters
    ----------
    times
        Ascending times, shape ``(n_time,)``, s.
    rms, timescale
        Standard deviation (the unit of the result) and correlation time (s).
    rng
        The source of random numbers.

    Returns
    -------
    ndarray
        The walk at `times`, shape ``(n_time,)``.
    """
    elapsed = np.asarray(times, float) - np.min(times)
    nodes = NODE_SPACING * np.arange(int(elapsed.max() / NODE_SPACING) + 3)
    return CubicSpline(nodes, ornstein_uhlenbeck(nodes, rms, timescale, rng))(elapsed)


def core_stokes(
    times: ArrayLike, frequencies: ArrayLike, core: Core, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw the core's light curves in all four Stokes parameters.

    I(t, f) = mean exp(x(t) - s^2/2) (f/f0)^index, x a damped random walk with variance
    s^2 = ln(1 + rms^2), so that I has the given mean and rms; P = p(t) I with ln p another walk;
    EVPA(t, f) = EVPA_0(t) + RM lambda^2; Q + iU = P exp(2i EVPA); V = circular_fraction I.

    Parameters
    ----------
    times
        Ascending times, shape ``(n_time,)``, s.
    frequencies
        Shape ``(n_spw,)``, Hz.
    core
        Means, scatters and timescales.
    rng
        The source of random numbers.

    Returns
    -------
    ndarray
        Stokes I, Q, U, V, shape ``(4, n_spw, n_time)``, Jy.
    """
    frequencies = np.asarray(frequencies, float)[:, np.newaxis]
    sigma = np.sqrt(np.log1p(core.rms**2))
    slow = smooth_walk(times, sigma * np.sqrt(1 - core.fast_share**2), core.timescale_s, rng)
    fast = smooth_walk(times, sigma * core.fast_share, core.fast_timescale_s, rng)
    total = core.flux_jy * np.exp(slow + fast - sigma**2 / 2)
    fraction = core.polarized_fraction * np.exp(
        smooth_walk(times, core.polarized_rms, core.polarization_timescale_s, rng)
        - core.polarized_rms**2 / 2
    )
    intrinsic = core.evpa_deg + smooth_walk(
        times, core.evpa_rms_deg, core.polarization_timescale_s, rng
    )
    stokes_i = flux_at(total, frequencies, core.spectral_index)
    evpa = np.radians(intrinsic) + core.rotation_measure * (speed_of_light / frequencies) ** 2
    linear = fraction * stokes_i * np.exp(2j * evpa)
    return np.stack([stokes_i, linear.real, linear.imag, core.circular_fraction * stokes_i])


def thermal_noise(
    system_temperature: float,
    bandwidth: float,
    integration: float,
    diameter: float = 12.0,
    aperture_efficiency: float = 0.68,
    correlator_efficiency: float = 0.88,
) -> float:
    """Return the noise of one visibility of one correlation, in Jy.

    sigma = 2 k T_sys / (eta_a A eta_c sqrt(2 bandwidth integration)), with A = pi D^2 / 4 and two
    equal antennas: the standard deviation of the real part and of the imaginary part each, whose
    inverse square is CASA's WEIGHT (Thompson, Moran & Swenson 2017, eq. 6.50). The defaults of
    the efficiencies are ALMA's in band 6 (ALMA Technical Handbook, sections 9.2 and 9.3).

    Parameters
    ----------
    system_temperature
        K.
    bandwidth
        Of the channel, Hz.
    integration
        Integration time, s.
    diameter
        Of the antennas, m.
    aperture_efficiency, correlator_efficiency
        Between 0 and 1.
    """
    area = np.pi * diameter**2 / 4
    flux = 2 * Boltzmann * system_temperature / (aperture_efficiency * area) / JANSKY
    return float(flux / (correlator_efficiency * np.sqrt(2 * bandwidth * integration)))


def sky_temperature(opacity: float) -> float:
    """Return the atmosphere's part of the system temperature at the zenith, K.

    T_atm (exp(tau) - 1), as it is referred to above the atmosphere: see `noise_growth`.
    """
    return float(ATMOSPHERE * np.expm1(opacity))


def noise_growth(
    airmass: ArrayLike, opacity: float, system_temperature: float
) -> NDArray[np.float64]:
    """Return the noise at an airmass over that at the zenith.

    Referred to above the atmosphere, T_sys(A) = exp(tau A) (T_rx + T_atm (1 - exp(-tau A))); the
    receivers' T_rx follows from T_sys(1) (ALMA Technical Handbook, chapter 9, where all of the
    beam is on the sky)::

        T_sys(A) / T_sys(1) = exp(tau (A - 1)) + T_atm (exp(tau (A - 1)) - 1) / T_sys(1)

    Parameters
    ----------
    airmass
        Of any shape, which the result has.
    opacity
        tau, of the atmosphere at the zenith.
    system_temperature
        T_sys(1), K; at least `sky_temperature`.
    """
    excess = np.expm1(opacity * (np.asarray(airmass, float) - 1))
    return 1 + excess * (1 + ATMOSPHERE / system_temperature)
