r"""A sky that a pixel grid or CLEAN components describe badly: patches, ridges, and a faint halo.

All are elliptical Gaussians, of covariance C (arcsec^2) about the place m. Seen through a
Gaussian primary beam exp(-1/2 |r - q|^2 / b) that points at q, with b = FWHM^2 / (8 ln 2), each is
a Gaussian again, with K = C (C + b)^-1::

    S' = S sqrt(b^2 / |C + b|) exp(-1/2 (m - q)^T (C + b)^-1 (m - q))
    m' = m + K (q - m),   C' = b K

so that the visibilities of the apparent sky are known analytically, without a grid. Offsets and
baselines as in `minispiral.simulation.source`. Nothing here knows of CASA.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minispiral.simulation.source import ARCSEC, ARMS, FWHM_PER_SIGMA, Arm, in_blocks

#: Shares of the true flux density, before the primary beam.
RIDGE_SHARE, PATCH_SHARE, HALO_SHARE = 0.6, 0.3, 0.1
#: Gaussians along each ridge, and their length in steps from one to the next: no gap is seen.
RIDGE_PIECES, RIDGE_OVERLAP = 10, 1.8
PATCHES = 24
#: Least and largest distance of a patch from the core, and FWHM, arcsec.
PATCH_RADII, PATCH_FWHMS = (4.0, 24.0), (0.6, 2.5)
#: Place and FWHM of the halo, arcsec.
HALO_PLACE, HALO_FWHM = (1.5, -2.0), 18.0
#: Equidistributed numbers are multiples of these, without their whole part.
GOLDEN, ROOT_2 = 0.6180339887, 1.4142135624


@dataclass(frozen=True)
class EllipticalGaussians:
    """Elliptical Gaussians: the arrays' first axis is ``n_component``."""

    place: NDArray[np.float64]
    """Offset east and north, shape ``(n_component, 2)``, arcsec."""
    flux: NDArray[np.float64]
    """Flux density, shape ``(n_component,)``, Jy."""
    covariance: NDArray[np.float64]
    """Shape ``(n_component, 2, 2)``, arcsec^2; zero is a point."""


def smooth_sky() -> EllipticalGaussians:
    """Return the true sky, of 1 Jy: always the same, without a random generator.

    Ridges along the arms of `minispiral.simulation.source.ARMS`, as wide as these and of a
    brightness that varies slowly; patches of 0.6 to 2.5 arcsec between them; a halo over all. But
    for the halo nothing lies within 2.5 arcsec of the core.
    """
    parts = [(RIDGE_SHARE * arm.share, _ridge(arm)) for arm in ARMS]
    parts += [(PATCH_SHARE, _patches()), (HALO_SHARE, _halo())]
    return EllipticalGaussians(
        np.concatenate([part.place for _, part in parts]),
        np.concatenate([share * part.flux / part.flux.sum() for share, part in parts]),
        np.concatenate([part.covariance for _, part in parts]),
    )


def seen_through(
    sky: EllipticalGaussians, beam_fwhm: float, pointing: tuple[float, float] = (0.0, 0.0)
) -> EllipticalGaussians:
    """Return the sky as a Gaussian primary beam shows it (equation at the top of this module).

    Parameters
    ----------
    sky
        The true sky.
    beam_fwhm
        Full width of the beam at half maximum, arcsec.
    pointing
        Where its centre is, arcsec east and north, from where the sky's offsets count.
    """
    beam = (beam_fwhm / FWHM_PER_SIGMA) ** 2
    total = sky.covariance + beam * np.eye(2)
    away = np.array(pointing) - sky.place
    share = np.linalg.solve(total, away[..., np.newaxis])[..., 0]
    narrowing = sky.covariance @ np.linalg.inv(total)
    dimming = np.sqrt(beam**2 / np.linalg.det(total)) * np.exp(-np.sum(away * share, axis=1) / 2)
    return EllipticalGaussians(
        sky.place + np.einsum("kij,kj->ki", narrowing, away),
        sky.flux * dimming,
        beam * narrowing,
    )


def visibility(
    u: NDArray[np.float64], v: NDArray[np.float64], sky: EllipticalGaussians
) -> NDArray[np.complex128]:
    """Return the visibility of elliptical Gaussians, by their analytic Fourier transform.

    V(w) = sum_k S_k exp(+2 pi i w . m_k) exp(-2 pi^2 w^T C_k w), with w = (u, v).

    Parameters
    ----------
    u, v
        Baselines as in a measurement set, wavelengths, of one shape.
    sky
        The apparent sky.

    Returns
    -------
    ndarray
        Visibilities of the shape of `u`, complex, Jy.
    """
    return in_blocks(lambda a, b: _transform(a, b, sky), u, v)


def _transform(
    u: NDArray[np.float64], v: NDArray[np.float64], sky: EllipticalGaussians
) -> NDArray[np.complex128]:
    """Return `visibility` of one block of baselines."""
    squares = u * u, 2 * u * v, v * v
    total = np.zeros(u.size, complex)
    places = 2 * np.pi * ARCSEC * sky.place
    decays = -2 * (np.pi * ARCSEC) ** 2 * sky.covariance
    for (x, y), flux, c in zip(places, sky.flux, decays, strict=True):
        amplitude = np.exp(c[0, 0] * squares[0] + c[0, 1] * squares[1] + c[1, 1] * squares[2])
        amplitude *= flux
        phase = x * u + y * v
        # real functions, which processors do four to eight at a time: thrice as fast as a complex
        total.real += amplitude * np.cos(phase)
        total.imag += amplitude * np.sin(phase)
    return total


def _ridge(arm: Arm) -> EllipticalGaussians:
    """Overlapping Gaussians along an arm, each as long as its part of the arm."""
    t = (np.arange(RIDGE_PIECES) + 0.5) / RIDGE_PIECES
    radius = arm.radii[0] * (arm.radii[1] / arm.radii[0]) ** t
    angle = np.radians(arm.angles[0] + (arm.angles[1] - arm.angles[0]) * t)
    # along the logarithmic spiral r(t), phi(t): dr/dt = r ln(r1/r0), r dphi/dt
    outwards = radius * np.log(arm.radii[1] / arm.radii[0])
    around = radius * np.radians(arm.angles[1] - arm.angles[0])
    across = arm.fwhms[0] * (arm.fwhms[1] / arm.fwhms[0]) ** t
    along = np.maximum(RIDGE_OVERLAP * np.hypot(outwards, around) / RIDGE_PIECES, across)
    brightness = np.exp(0.8 * np.sin(2 * np.pi * (1.3 * t + arm.share)))
    return EllipticalGaussians(
        _at(radius, angle),
        brightness * across * along,
        _covariance(along, across, angle + np.arctan2(around, outwards)),
    )


def _patches() -> EllipticalGaussians:
    """Round Gaussians, spread over the field evenly by the golden angle."""
    k = np.arange(PATCHES)
    jitter, spread = ((k + 1) * np.array([[GOLDEN], [ROOT_2]])) % 1
    low, high = PATCH_RADII
    radius = np.sqrt(low**2 + (high**2 - low**2) * (k + 0.5) / PATCHES)
    fwhm = PATCH_FWHMS[0] * (PATCH_FWHMS[1] / PATCH_FWHMS[0]) ** spread
    return EllipticalGaussians(
        _at(radius, 2 * np.pi * GOLDEN * k),
        fwhm * np.exp(1.5 * jitter),
        _covariance(fwhm, fwhm, np.zeros(PATCHES)),
    )


def _halo() -> EllipticalGaussians:
    width = np.array([HALO_FWHM])
    return EllipticalGaussians(
        np.array([HALO_PLACE]), np.ones(1), _covariance(width, width, np.zeros(1))
    )


def _at(radius: NDArray[np.floating], angle: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return offsets, shape ``(n, 2)``, from radius and angle (rad, east towards north)."""
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _covariance(
    along: NDArray[np.float64], across: NDArray[np.float64], angle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return covariances, shape ``(n, 2, 2)``, from both FWHMs and the long axis's angle (rad)."""
    axes = np.stack(
        [
            np.stack([np.cos(angle), -np.sin(angle)], -1),
            np.stack([np.sin(angle), np.cos(angle)], -1),
        ],
        axis=1,
    )
    variances = (np.stack([along, across], axis=1) / FWHM_PER_SIGMA) ** 2
    return np.einsum("kia,ka,kja->kij", axes, variances, axes)
