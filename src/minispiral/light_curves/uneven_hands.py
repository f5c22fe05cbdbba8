r"""Gains that differ between the hands: what they make of Stokes I, and how to undo it.

With gains g_1 and g_2 of the parallel hands and d = (g_1 - g_2) / (g_1 + g_2), where S is Q of
linear feeds and V of circular ones, the core and the unpolarised minispiral M are fitted as ::

    F_core / F_ext = (I + d S) / M    S' / F_ext = (S + d I) / M    M_S / F_ext = d

Here S' is the fitted S, and M_S half the difference of the minispiral's flux between both hands
(`minispiral.fit.normal_equations`), which shows d. QA2 that has solved for each hand on an
unpolarised point makes both hands of the core equal: S' = 0, d = -S / I, and I comes out too small
by (S / I)^2, which is half a per cent for 7 % of polarisation, and varies while the feeds turn.
Hence ::

    I = (I' - d S') / (1 - d^2)

and the Stokes parameters of the cross hands, whose gains are sqrt(g_1 g_2), over sqrt(1 - d^2). As
d is smooth, neighbouring integrations tell of it (`minispiral.gains.process`). It is used where the
data ask for it: where its evidence against d = 0 is above `EVIDENCE`.
"""

from dataclasses import dataclass

import numpy as np

from minispiral.gains.curve import Fit
from minispiral.measures.scatter import robust_scatter

EVIDENCE = 50.0  # d of a per cent, which changes I by 0.01 %, has more in a short track
AGREEMENT = 7.0  # of neighbours, times sqrt(n), without which no evidence reaches that
OUTLIER = 5.0  # standard deviations
FEWEST = 20  # integrations
MOST = 500  # values of the process: neighbours are averaged where there are more
LARGEST = 0.5  # of |d|: beyond, this is no polarisation


@dataclass(frozen=True)
class UnevenHands:
    """The difference d of the hands in each integration and its error, ``(n,)``; 0 for none.

    `evidence`, its logarithm, against no difference; NaN where the data do not tell.
    """

    difference: np.ndarray
    error: np.ndarray
    evidence: float

    @property
    def kept(self) -> bool:
        """Whether the hands differ."""
        return bool(self.difference.any())


def uneven_hands(fit: Fit, good: np.ndarray) -> UnevenHands:
    """Find the difference of a spw's hands.

    Parameters
    ----------
    fit : columns of a fit, ``(n,)`` each
    good : ``(n,) bool``, integrations that count
    """
    none = np.zeros(len(good))
    with np.errstate(invalid="ignore", divide="ignore"):
        value = fit["hands_extended"] / fit["I_extended"]
        error = np.abs(fit["I_extended_err"] / fit["I_extended"])
    rows = good & np.isfinite(value) & np.isfinite(error) & (error > 0)
    if rows.sum() < FEWEST:
        return UnevenHands(none, none, np.nan)
    time, value, error = _averaged(fit["time"][rows], value[rows], error[rows])
    if _agreement(value) * np.sqrt(len(value)) < AGREEMENT:
        return UnevenHands(none, none, 0.0)
    # imported here, as few tracks need it
    from minispiral.gains.process import Series, fit_process

    process = fit_process(Series.unbroken(time, value, error))
    evidence = process.evidence - _evidence_of_none(value, error)
    if not evidence > EVIDENCE:
        return UnevenHands(none, none, float(evidence))
    known = process.predict(fit["time"], np.zeros(len(good), int))
    if np.abs(known.mean).max() > LARGEST:
        return UnevenHands(none, none, float(evidence))
    return UnevenHands(known.mean, np.sqrt(known.variance), float(evidence))


def with_even_hands(fit: Fit, difference: np.ndarray, parallel: str) -> dict[str, np.ndarray]:
    """Fitted fluxes as hands of equal gains would have them, by the equations above.

    Parameters
    ----------
    parallel : Q for linear feeds, V for circular ones, which stays as it is
    """
    even = dict(fit)
    own = np.where(np.isfinite(fit[parallel]), fit[parallel], 0.0)
    even["I_compact"] = (fit["I_compact"] - difference * own) / (1 - difference**2)
    for name in sorted(set("QUV") - {parallel}):
        even[name] = fit[name] / np.sqrt(1 - difference**2)
    return even


def _averaged(
    time: np.ndarray, value: np.ndarray, error: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of as many neighbours as leave `MOST` values, and their errors; without outliers."""
    far = np.abs(value - np.median(value))
    kept = far <= OUTLIER * np.hypot(robust_scatter(value - np.median(value)), error)
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


def _evidence_of_none(value: np.ndarray, error: np.ndarray) -> float:
    """Logarithm of the evidence that values are noise f s about zero, as that of a process."""
    n = len(value)
    factor2 = np.mean((value / error) ** 2)
    log_likelihood = -np.sum(np.log(2 * np.pi * factor2 * error**2)) / 2 - n / 2
    return float(log_likelihood - np.log(n) / 2)
