r"""Whether gains that were solved for each hand took polarisation away.

QA2 may have solved for gains of each antenna and hand on a point without polarisation. The gains
then absorbed the difference of the parallel hands, which is Q of linear feeds, or V of circular
ones: nothing of it remains in the data, not even its noise. The tests look for this in three ways.

Noise. Let q_t, s_t be Q and its error of single integrations, or of scans, because gains may have
been solved for either; x = sum q_t^2 / s_t^2 over n of them. For any source, x is at least that of
noise: a chi-square of n degrees of freedom falls below `UNLIKELY` by chance with that probability.
s_t comes from the scatter among baselines, which the gains hardly change.

The feeds' frame. If QA2 turned the data by the parallactic angle psi after it had solved for gains,
then Q in the frame of the feeds is missing, which is a mixture of Q and U::

    Q_f = Re[(Q + iU) e^(-2i(psi + phi))]

The angle phi of the feeds in their antenna (which differs between ALMA's bands) is the one that
makes x least. This costs a degree of freedom: x is the smaller eigenvalue of the 2 x 2 matrix of
sums of products of Re and Im of (Q + iU) e^(-2i psi) / s.

Locked to the feeds. Gains that are smoother than integrations leave noise. But while the feeds turn
by `TURN` or more, no sky keeps its polarisation at one angle to them. So if the rms of Q_f, less
its noise, is below `LOCKED` of that of U_f, the gains took Q_f away. If the data were not turned by
psi, Q itself is Q_f: then Q is so small, while U varies by more than `VARIED` of its rms (a
constant source at an EVPA of 45 deg also has a small Q).

Of 3000 simulated courses of Sgr A*'s polarisation, of 24 minutes to 5 hours, none came nearer to
being locked than 0.17.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from astropy.table import Table
from scipy.special import gammainc

from minispiral.gains.curve import Fit

UNLIKELY = 1e-5  # of each test that a sound spw has to pass
FEWEST = 4  # integrations, or scans, that the test needs
TURN, LOCKED, VARIED = 30.0, 0.1, 0.5  # deg; ratios
SEEN = 3.0  # rms of U in units of its noise, from which on it is compared with that of Q

# columns of the light curves that are made of a Stokes parameter
_MADE_OF = {"Q": ("Q", "P", "P_debiased", "EVPA"), "U": ("U",), "V": ("V",)}


@dataclass(frozen=True)
class Feeds:
    """What an array's feeds are, and how they turn.

    `correlations` are those of a spw; `angle` gives the parallactic angle (deg) at times (MJD in
    s), as `minispiral.measures.elevation.parallactic_angle` does of a field and a place.
    """

    correlations: Sequence[str]
    angle: Callable[[np.ndarray], np.ndarray]

    @property
    def linear(self) -> bool:
        """Whether they are X and Y."""
        return self.correlations[0][0] in "XY"

    def turned(self, times: np.ndarray) -> np.ndarray:
        """Parallactic angle at times, rad, without jumps: ``(n,)``."""
        return np.asarray(np.unwrap(np.radians(self.angle(times))))


@dataclass(frozen=True)
class Taken:
    """Stokes parameters that are not measured, as gains took them away; and how that shows."""

    names: tuple[str, ...] = ()
    reason: str = ""

    def as_meta(self) -> dict[str, str]:
        """The same for a table's ``meta``."""
        return {"names": "".join(self.names), "reason": self.reason}


def taken_away(fit: Fit, scans: np.ndarray, good: np.ndarray, feeds: Feeds) -> Taken:
    """Return which Stokes parameters gains of each hand took away from a spw's fits.

    Parameters
    ----------
    fit : columns of a fit, ``(n,)`` each
    scans : (n,), labels
    good : (n,) bool
        Integrations that count.
    """
    name = "Q" if feeds.linear else "V"
    rows = good & np.isfinite(fit[name]) & (fit[f"{name}_err"] > 0)
    if rows.sum() < FEWEST:
        return Taken()
    value, error = fit[name][rows], fit[f"{name}_err"][rows]
    _, scan = np.unique(scans[rows], return_inverse=True)
    words = _without_noise(value[np.newaxis], error[np.newaxis], scan)
    if words:
        return Taken((name,), f"{name} has less than its noise, in {words}")
    if not feeds.linear or not np.isfinite(fit["U"][rows]).all():
        return Taken()
    angle = feeds.turned(fit["time"][rows])
    linear, errors = value + 1j * fit["U"][rows], np.stack([error, fit["U_err"][rows]])
    turned = linear * np.exp(-2j * angle)
    words = _without_noise(_parts(turned), errors, scan)
    if words:
        return Taken(("Q", "U"), f"Q in the feeds' frame has less than its noise, in {words}")
    if np.degrees(np.ptp(angle)) < TURN:
        return Taken()
    noise = np.mean(errors**2, axis=1)
    if _varies(linear.imag) and _locked(np.diag(_products(_parts(linear))) - noise, noise):
        return Taken(("Q",), "Q stays far below U while the feeds turn")
    if _locked(np.linalg.eigvalsh(_products(_parts(turned)) - np.diag(noise)), noise):
        return Taken(("Q", "U"), "the EVPA keeps its angle to the feeds while they turn")
    return Taken()


def without_taken(curve: Table, taken: Taken) -> Table:
    """Return a light curve in which what was taken away, and what is made of it, is missing.

    In ``meta``, as ``not_measured``, what and why.
    """
    curve = curve.copy()
    for name in (column for stokes in taken.names for column in _MADE_OF[stokes]):
        for column in {name, f"{name}_err"} & set(curve.colnames):
            curve[column] = np.nan
    curve.meta["not_measured"] = taken.as_meta()
    return curve


def in_words(names: str, reason: str) -> str:
    """Say what is missing of a spw, why, and what to do; names and reason as in ``meta``."""
    missing = [column for stokes in names for column in _MADE_OF[stokes]]
    listed = ", ".join(name for name in missing if name != "P_debiased")
    return (
        f"{listed} not measured: the calibration solved gains for each hand on an unpolarised "
        f"point, which took polarisation away ({reason}): calibrate again with one gain for both "
        "hands (gaintype T)"
    )


def not_measured(light_curves: Sequence[Table]) -> list[list[str | int]]:
    """Rows of track, spw, names of Stokes parameters, and why they are missing, of light curves."""
    return [
        [str(curve["track"][0]), int(curve["spw"][0]), taken["names"], taken["reason"]]
        for curve in light_curves
        if (taken := curve.meta.get("not_measured")) and taken["names"]
    ]


def _parts(linear: np.ndarray) -> np.ndarray:
    return np.stack([linear.real, linear.imag])


def _without_noise(values: np.ndarray, errors: np.ndarray, scan: np.ndarray) -> str:
    """Say where one value, or a mixture of two, lacks its noise: ``(1 or 2, n)`` each."""
    number = np.bincount(scan)
    means = np.array([np.bincount(scan, row) / number for row in values])
    of_means = np.array([np.sqrt(np.bincount(scan, row**2)) / number for row in errors])
    for x, s, what in ((values, errors, "integrations"), (means, of_means, "scans")):
        n = x.shape[1]
        least = np.linalg.eigvalsh((x / s) @ (x / s).T)[0]
        if n >= FEWEST and gammainc((n - len(x) + 1) / 2, least / 2) < UNLIKELY:
            return what
    return ""


def _products(values: np.ndarray) -> np.ndarray:
    """Mean products of two values, ``(2, 2)``."""
    return values @ values.T / values.shape[1]


def _locked(variances: np.ndarray, noise: np.ndarray) -> bool:
    """Whether the first of two variances without noise is far below the second."""
    seen = variances[1] > SEEN**2 * noise[1]
    return bool(seen and variances[0] < LOCKED**2 * variances[1])


def _varies(values: np.ndarray) -> bool:
    return bool(np.std(values) > VARIED * np.sqrt(np.mean(values**2)))
