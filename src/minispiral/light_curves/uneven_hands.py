r"""Gains that differ between the hands: what they make of Stokes I, and how to undo it.

With gains g_1 and g_2 of the parallel hands and d = (g_1 - g_2) / (g_1 + g_2), where S is Q of
linear feeds and V of circular ones, the core and the unpolarised minispiral M are fitted as ::

    F_core / F_ext = (I + d S) / M    S' / F_ext = (S + d I) / M    M_S / F_ext = d

Here S' is the fitted S, and M_S the fitted S of the minispiral (``Q_extended`` and the like of
`minispiral.fit.normal_equations`), which shows d. QA2 that has solved for each hand on an
unpolarised point makes both hands of the core equal: S' = 0, d = -S / I, and I comes out too small
by (S / I)^2, which is half a per cent for 7 % of polarisation, and varies while the feeds turn.
Data of linear feeds may have been turned into the sky's frame afterwards, by the parallactic angle,
which turns S, S' and d in the plane of Q and U. So with d as a vector, in any frame::

    I = (I' - d . S') / (1 - |d|^2)        S = S' - d I

What is at right angles to d in that plane, and V of linear feeds, has the gains sqrt(g_1 g_2) and
comes out too small by |d|^2 / 2 of itself, which is left. As d is smooth, neighbouring integrations
tell of it (`minispiral.gains.process`). It is used where the data ask for it: where the evidence of
a component against none is above `EVIDENCE`.
"""

from dataclasses import dataclass, field

import numpy as np

from minispiral.gains.curve import Fit
from minispiral.measures.scatter import OUTLIER, robust_scatter

EVIDENCE = 50.0  # d of a per cent, which changes I by 0.01 %, has more in a short track
AGREEMENT = 5.0  # of neighbours, times sqrt(n), below which the evidence of many is less
MANY = 100  # integrations
FEWEST = 20  # integrations
MOST = 500  # values of the process: neighbours are averaged where there are more
LARGEST = 0.5  # of |d|: beyond, this is no polarisation


@dataclass(frozen=True)
class UnevenHands:
    """Components of d by the Stokes parameter, and their errors, ``(n,)`` each.

    `evidence`, its logarithm, of each against none. Only those that the data ask for are there.
    """

    components: dict[str, np.ndarray] = field(default_factory=dict)
    errors: dict[str, np.ndarray] = field(default_factory=dict)
    evidence: dict[str, float] = field(default_factory=dict)

    def size(self, n: int) -> np.ndarray:
        """Length of d in each of n integrations: ``(n,)``."""
        return np.sqrt(sum((d**2 for d in self.components.values()), np.zeros(n)))


def uneven_hands(fit: Fit, good: np.ndarray) -> UnevenHands:
    """Find the difference of a spw's hands.

    Parameters
    ----------
    fit : columns of a fit, ``(n,)`` each
    good : ``(n,) bool``, integrations that count
    """
    found = UnevenHands()
    for name in "QUV":
        _add_component(found, name, fit, good)
    return found


def _add_component(found: UnevenHands, name: str, fit: Fit, good: np.ndarray) -> None:
    if f"{name}_extended" not in fit:
        return
    with np.errstate(invalid="ignore", divide="ignore"):
        value = fit[f"{name}_extended"] / fit["I_extended"]
        error = np.abs(fit["I_extended_err"] / fit["I_extended"])
    rows = good & np.isfinite(value) & np.isfinite(error) & (error > 0)
    if rows.sum() < FEWEST:
        return
    time, value, error = _averaged(fit["time"][rows], value[rows], error[rows])
    n = len(value)
    if n < FEWEST or (n > MANY and _agreement(value) * np.sqrt(n) < AGREEMENT):
        return
    # imported here, as few tracks need it
    from minispiral.gains.process import Series, constant_evidence, fit_process

    series = Series.unbroken(time, value, error)
    process = fit_process(series)
    evidence = process.evidence - constant_evidence(series, 0.0)
    found.evidence[name] = float(evidence)
    if not evidence > EVIDENCE:
        return
    known = process.predict(fit["time"], np.zeros(len(good), int))
    if np.abs(known.mean).max() <= LARGEST:
        found.components[name] = known.mean
        found.errors[name] = np.sqrt(known.variance)


def with_even_hands(fit: Fit, hands: UnevenHands) -> dict[str, np.ndarray]:
    """Fitted fluxes as hands of equal gains would have them, by the equations above.

    Errors of Q, U and V contain those of d, as if they were independent.
    """
    even = dict(fit)
    if not hands.components:
        return even
    core = fit["I_compact"]
    for name, d in hands.components.items():
        core = core - d * np.where(np.isfinite(fit[name]), fit[name], 0.0)
    core = core / (1 - sum(d**2 for d in hands.components.values()))
    even["I_compact"] = core
    for name, d in hands.components.items():
        even[name] = fit[name] - d * core
        even[f"{name}_err"] = np.hypot(fit[f"{name}_err"], core * hands.errors[name])
    return even


def _averaged(
    time: np.ndarray, value: np.ndarray, error: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of as many neighbours as leave `MOST` values, and their errors; without outliers."""
    deviation = value - np.median(value)
    kept = np.abs(deviation) <= OUTLIER * np.hypot(robust_scatter(deviation), error)
    time, value, weight = time[kept], value[kept], error[kept] ** -2.0
    place = np.arange(len(time)) // -(-len(time) // MOST)
    total = np.bincount(place, weight)
    return (
        np.bincount(place, weight * time) / total,
        np.bincount(place, weight * value) / total,
        total**-0.5,
    )


def _agreement(value: np.ndarray) -> float:
    """Correlation of neighbours about zero: 1 / sqrt(n) by chance, where there is noise alone."""
    square = float(np.sum(value**2))
    return float(np.sum(value[1:] * value[:-1])) / square if square > 0 else 0.0
