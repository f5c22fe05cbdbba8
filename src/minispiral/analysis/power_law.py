r"""Which spectral windows are off the power law through the others.

With nu_k the frequency of spw k and y_k = ln I_k, averaged over the same minutes of all spws, the
law is y = a + alpha ln nu. Least squares through all spws would spread the deviation of one over
its neighbours. So those spws are left out without which the others lie best on a line, as few as
bring the rest within the limit: the least trimmed squares of Rousseeuw (1984, J. Am. Stat. Assoc.
79, 871), whole subsets compared. Where the spws come in close pairs, one end of the line may
follow a wrong spw as well as the right one: subsets whose sums of squares hardly differ are all
kept, and the reader has to know all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

BIN_S = 60.0  # within which the core is taken as constant
SCALE_ERROR = 1e-3  # to which flux scales of spws agree at best; it judges sums of squares
MARGIN = 4.0  # in squares of it: subsets this close to the best are as good
MOST_LEFT_OUT = 3
FEWEST = 3  # spws that are needed to judge a line


@dataclass(frozen=True)
class Outliers:
    """Spws left out, by their places, and by what share each is off the line through the others.

    `scatter` is the largest deviation of one of the others.
    """

    places: tuple[int, ...]
    off: tuple[float, ...]
    scatter: float
    squares: float


def mean_log_flux(times_s: Sequence[np.ndarray], fluxes: Sequence[np.ndarray]) -> np.ndarray | None:
    """Mean of ln I of each spw over the minutes in which all have some: ``(n_spw,)``; or None.

    Parameters
    ----------
    times_s, fluxes : for each spw, of its good integrations (s, Jy)
    """
    bins = [np.floor(times / BIN_S).astype(int) for times in times_s]
    common = set.intersection(*(set(each.tolist()) for each in bins)) if bins else set()
    if not common:
        return None
    minutes = np.array(sorted(common))
    means = []
    for each, flux in zip(bins, fluxes, strict=True):
        used = np.isin(each, minutes) & (flux > 0)
        place = np.searchsorted(minutes, each[used])
        total = np.bincount(place, np.log(flux[used]), minlength=len(minutes))
        number = np.bincount(place, minlength=len(minutes))
        means.append(np.divide(total, number, out=np.full(len(minutes), np.nan), where=number > 0))
    known = np.isfinite(means).all(axis=0)
    return np.mean(np.array(means)[:, known], axis=1) if known.any() else None


def off_the_law(frequency: np.ndarray, log_flux: np.ndarray, limit: float) -> list[Outliers]:
    """Find spws that are more than `limit` off the power law through the others.

    Parameters
    ----------
    frequency : (n_spw,), Hz
    log_flux : (n_spw,)
    limit : of the deviation, as a share of the flux

    Returns
    -------
    The possible sets of spws, the best first; none where all lie on a law, or are too few:
    fewer than four. Where no set brings the rest within the limit, the best of the largest.
    """
    n, x = len(frequency), np.log(frequency / np.mean(frequency))
    most = min(MOST_LEFT_OUT, n - FEWEST, (n - 1) // 2)
    for number in range(1, most + 1):
        trials = [_without(x, log_flux, places) for places in combinations(range(n), number)]
        trials.sort(key=lambda trial: trial.squares)
        best = trials[0]
        if best.scatter <= limit or number == most:
            if best.scatter <= limit and max(map(abs, best.off)) <= limit:
                return []
            near = best.squares + MARGIN * max(SCALE_ERROR**2, best.squares / (n - number - 2))
            return [trial for trial in trials if trial.squares <= near]
    return []


def _without(x: np.ndarray, y: np.ndarray, places: tuple[int, ...]) -> Outliers:
    kept = ~np.isin(np.arange(len(x)), places)
    slope, offset = (
        np.polyfit(x[kept], y[kept], 1) if np.ptp(x[kept]) > 0 else (0.0, y[kept].mean())
    )
    residual = y - offset - slope * x
    return Outliers(
        places,
        tuple(np.expm1(residual[list(places)]).tolist()),
        float(np.expm1(np.max(np.abs(residual[kept])))),
        float(np.sum(residual[kept] ** 2)),
    )
