r"""Polarimetry over the spectral windows: Faraday rotation, spectral index, depolarisation.

For each integration, with lambda_k the wavelength and nu_k the frequency of spw k::

    EVPA_k = EVPA_0 + RM lambda_k^2              (Burn 1966, MNRAS 133, 67)
    ln I_k = ln I_0 + alpha ln nu_k
    D = m(lowest nu) / m(highest nu),  m = P / I the polarised fraction

EVPA and ln I are fitted by weighted least squares, whose formal errors are quoted. Q, U of
different spws are independent, and so are their gains, unless one gain is described for several
spws together; then they share its error, which hardly changes alpha. In EVPA and m the gain
cancels, so its error does not enter. P is debiased in m. The flux scale of each spw has an error of
its own, common to all integrations, which these errors of alpha do not contain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.constants import c

from minispiral.light_curves.linear_polarization import linear_polarization
from minispiral.light_curves.lines import fit_lines

HALF_TURN = 180.0
# deg; what EVPAs averaged over a track may deviate from the law of lambda^2 by other than noise
BRANCH_FLOOR = 1.0
# branches of the half-turn ambiguity this close in chi-square to the best are as good as it
BRANCH_MARGIN = 9.0
# share of the range in lambda^2 below which two spws count as one
SAME_WAVELENGTH = 1e-4

# what flux scales and EVPAs of spws are known to at best, and the errors of spectral index and
# rotation measure (rad/m^2, half of Sgr A*'s) from which on it is worth a word that these follow
SCALE_ERROR, EVPA_ERROR_DEG = 0.01, BRANCH_FLOOR
MAX_INDEX_ERROR, MAX_ROTATION_ERROR = 0.5, 2.5e5


def wrap(angle: np.ndarray) -> np.ndarray:
    """Bring angles in deg, which an EVPA has only modulo 180, to -90 <= angle < 90."""
    return (angle + HALF_TURN / 2) % HALF_TURN - HALF_TURN / 2


def unwrap_evpa(evpa: np.ndarray, error: np.ndarray, wavelength2: np.ndarray) -> np.ndarray:
    """Resolve the 180 deg ambiguity between spws: ``(n_spw, n)``, deg, on one line in lambda^2.

    The differences to the first spw, averaged over the track, where they are nearly constant,
    choose the branch: of all sets of half turns that the closest pair of spws leaves possible, the
    one that lies best on a line, and of equally good ones that with the smallest rotation measure
    (two spws cannot decide more). Each integration then goes to the branch nearest to it.

    Parameters
    ----------
    evpa, error : (n_spw, n), deg
    wavelength2 : (n_spw,), m^2
    """
    difference = wrap(evpa - evpa[0])
    weight = np.nan_to_num(1 / (error**2 + error[0] ** 2))
    mean = _mean_angle(difference, weight)
    return evpa[0] + mean_branch(mean, weight, wavelength2) + wrap(difference - mean)


def _mean_angle(angle: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted mean of angles modulo 180 deg along the last axis, ``(n_spw, 1)``."""
    turn = np.exp(2j * np.radians(np.nan_to_num(angle)))
    return np.degrees(np.angle((weight * turn).sum(-1, keepdims=True))) / 2


def mean_branch(mean: np.ndarray, weight: np.ndarray, wavelength2: np.ndarray) -> np.ndarray:
    """Add half turns to the mean EVPA differences ``(n_spw, 1)`` so that they lie on a line."""
    x = wavelength2 - wavelength2[0]
    if np.ptp(x) == 0:
        return mean  # spws of one frequency allow no choice
    variance = 1 / np.maximum(weight.sum(-1), 1e-30) + BRANCH_FLOOR**2
    gaps = np.diff(np.sort(x))
    # beyond, the closest pair of spws has turned by more than 90 deg
    steepest = HALF_TURN / 2 / gaps[gaps > SAME_WAVELENGTH * np.ptp(x)].min()
    # a trial slope every tenth of a turn over all spws
    n = int(np.ceil(steepest * np.ptp(x) / (HALF_TURN / 20)))
    branches = {}
    for slope in np.linspace(-steepest, steepest, 2 * n + 1):
        unwrapped = slope * x + wrap(mean[:, 0] - slope * x)
        branches[tuple(np.round((unwrapped - mean[:, 0]) / HALF_TURN))] = unwrapped
    angles = np.array(list(branches.values())).T  # (n_spw, n_branch)
    line = fit_lines(x, angles, np.sqrt(variance)[:, None] * np.ones_like(angles))
    residual = angles - line.offset - line.slope * x[:, None]
    chi2 = np.sum(residual**2 / variance[:, None], axis=0)
    equally_good = chi2 < chi2.min() + BRANCH_MARGIN
    best = np.argmin(np.where(equally_good, np.abs(line.slope), np.inf))
    return angles[:, best, None]


@dataclass(frozen=True)
class SpwCurve:
    """One spw at n integrations: frequency (Hz), scaled I, and Stokes parameters as fitted (Jy).

    `gain_err` is the gain's relative error, `gain_group` the spws that have the gain in common.
    """

    frequency: float
    i: np.ndarray
    i_err: np.ndarray
    core: np.ndarray
    core_err: np.ndarray
    q: np.ndarray
    q_err: np.ndarray
    u: np.ndarray
    u_err: np.ndarray
    gain_err: np.ndarray | float = 0.0
    gain_group: tuple[int, ...] = ()

    def at(self, rows: np.ndarray) -> "SpwCurve":
        """Some of the integrations: an index ``(m,)`` or a mask ``(n,)``."""
        arrays = {
            field.name: getattr(self, field.name)[rows]
            for field in fields(self)
            if isinstance(getattr(self, field.name), np.ndarray)
        }
        return replace(self, **arrays)


def averaged(curve: SpwCurve, place: np.ndarray, n: int, own_gains: bool) -> SpwCurve:
    """Average integrations that lie in longer ones of another spw, weighted as the core's flux is.

    With weights w = 1/s^2 of the core's error s, each mean is sum w x / sum w. Noise is independent
    from integration to integration, and so is the gain's error where each has its own gain; that of
    a smooth gain is theirs in common.

    Parameters
    ----------
    place : (n_integration,) int
        The one of the `n` longer integrations with each; every one has some, and none is -1.
    own_gains : whether each integration has its own gain
    """
    weight = curve.core_err**-2.0
    share = weight / np.bincount(place, weight, n)[place]

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, share * values, n)

    def noise(errors: np.ndarray) -> np.ndarray:
        return np.sqrt(np.bincount(place, (share * errors) ** 2, n))

    gain_err = np.broadcast_to(curve.gain_err, curve.i.shape)
    if own_gains:
        i_err, gain_err = noise(curve.i_err), noise(gain_err)
    else:
        of_gain = curve.i * gain_err
        of_fit = np.sqrt(np.maximum(curve.i_err**2 - of_gain**2, 0))
        i_err, gain_err = np.hypot(noise(of_fit), mean(of_gain)), mean(gain_err)
    return replace(
        curve,
        i=mean(curve.i),
        i_err=i_err,
        core=mean(curve.core),
        core_err=noise(curve.core_err),
        q=mean(curve.q),
        q_err=noise(curve.q_err),
        u=mean(curve.u),
        u_err=noise(curve.u_err),
        gain_err=gain_err,
    )


def polarimetry(curves: Sequence[SpwCurve]) -> dict[str, np.ndarray]:
    """Measure the polarisation's dependence on frequency at each integration.

    Parameters
    ----------
    curves : two or more spws at the same integrations

    Returns
    -------
    dict of (n,) arrays
        rotation_measure (rad/m^2), EVPA_intrinsic (deg, -90 to 90), spectral_index,
        depolarisation, each with its _err. All but the spectral index are of the spws that have Q
        and U, and NaN where these are fewer than two.
    """
    frequency = np.array([curve.frequency for curve in curves])
    spectrum = fit_lines(
        np.log(frequency),
        np.log([k.i for k in curves]),
        np.array([k.i_err / k.i for k in curves]),
        _gain_covariance(curves),
    )
    polarized = [k for k in curves if np.isfinite(k.q + k.u).any()]
    if len(polarized) < 2:
        return _missing(len(curves[0].i)) | _with_error(
            "spectral_index", spectrum.slope, spectrum.slope_err
        )
    frequency = np.array([curve.frequency for curve in polarized])
    wavelength2 = (c / frequency) ** 2
    linear = [linear_polarization(k.q, k.u, k.q_err, k.u_err) for k in polarized]
    evpa_err = np.array([k.evpa_err for k in linear])
    evpa = unwrap_evpa(np.array([k.evpa for k in linear]), evpa_err, wavelength2)
    faraday = fit_lines(wavelength2, evpa, evpa_err)
    fractions = [k.p_debiased / curve.core for k, curve in zip(linear, polarized, strict=True)]
    relative = [
        np.hypot(k.p_err / k.p, curve.core_err / curve.core)
        for k, curve in zip(linear, polarized, strict=True)
    ]
    low, high = np.argmin(frequency), np.argmax(frequency)
    depolarisation = fractions[low] / fractions[high]
    return {
        **_with_error("rotation_measure", np.radians(faraday.slope), np.radians(faraday.slope_err)),
        **_with_error("EVPA_intrinsic", wrap(faraday.offset), faraday.offset_err),
        **_with_error("spectral_index", spectrum.slope, spectrum.slope_err),
        **_with_error(
            "depolarisation",
            depolarisation,
            depolarisation * np.hypot(relative[low], relative[high]),
        ),
    }


def caution(frequencies: Sequence[float], polarized: Sequence[float]) -> str:
    """Say in words where spws are too close to each other for what is fitted over them, or nothing.

    A slope over x_k has the error s / sqrt(sum (x_k - mean x)^2), with s that of a value: here what
    calibration leaves, which the quoted errors do not contain.

    Parameters
    ----------
    frequencies, polarized : Hz, of all spws, and of those with Q and U
    """
    index = _slope_error(np.log(np.asarray(frequencies, float)), SCALE_ERROR)
    rotation = _slope_error(
        (c / np.asarray(polarized, float)) ** 2, float(np.radians(EVPA_ERROR_DEG))
    )
    if np.isinf(index):
        return "spws are all at one frequency: nothing can be fitted over them"
    words = []
    if index > MAX_INDEX_ERROR:
        words.append(
            f"flux scales that differ by {100 * SCALE_ERROR:g} % shift the spectral index by "
            f"{index:.2g}"
        )
    if len(polarized) > 1 and rotation > MAX_ROTATION_ERROR:
        words.append(
            f"EVPAs that differ by {EVPA_ERROR_DEG:g} deg shift the rotation measure by "
            f"{rotation:.1e} rad/m2"
        )
    if not words:
        return ""
    listed = ", ".join(f"{frequency / 1e9:.2f}" for frequency in sorted(frequencies))
    return f"spws ({listed} GHz) are too close to each other: {'; '.join(words)}"


def _slope_error(x: np.ndarray, error: float) -> float:
    spread = float(np.sqrt(np.sum((x - x.mean()) ** 2))) if len(x) else 0.0
    return error / spread if spread > 0 else np.inf


def _gain_covariance(curves: Sequence[SpwCurve]) -> np.ndarray:
    """Covariance of ln I of different spws: the variance of a gain that they share."""
    covariance = np.zeros((len(curves), len(curves), len(curves[0].i)))
    for j, curve_j in enumerate(curves):
        for k, curve_k in enumerate(curves):
            if j != k and curve_j.gain_group and curve_j.gain_group == curve_k.gain_group:
                covariance[j, k] = curve_j.gain_err * curve_k.gain_err
    return covariance


def _with_error(name: str, value: np.ndarray, error: np.ndarray) -> dict[str, np.ndarray]:
    return {name: value, f"{name}_err": error}


def _missing(n: int) -> dict[str, np.ndarray]:
    """All columns without a value, in their order."""
    names = ("rotation_measure", "EVPA_intrinsic", "spectral_index", "depolarisation")
    nothing = np.full(n, np.nan)
    return {key: v for name in names for key, v in _with_error(name, nothing, nothing).items()}
