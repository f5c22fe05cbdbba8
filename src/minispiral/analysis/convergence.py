r"""What each iteration changed, and whether another is worth it.

The light curve's change is the root mean square, over integrations good in both, of
(I_n - I_{n-1}) / s_I, after the median ratio of the two, a common factor, is taken out; that of the
minispiral's flux is the ratio of its medians less 1. Another iteration is worth it while one of
these, or the fit's chi-square or the image's residual, still changes by more than WORTHWHILE.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from astropy.table import Table

from minispiral.columns.analysis import CONVERGENCE
from minispiral.columns.column import described
from minispiral.io.tables import columns, rounded_table
from minispiral.measures.scatter import robust_scatter

# change of the light curve in its errors, of the minispiral's flux, of chi-square, of the residual
WORTHWHILE = {
    "light_curve_change": 0.3,
    "minispiral_flux_change": 0.005,
    "chi2_change": 0.05,
    "image_residual_change": 0.1,
}
# turns of fluxes and sky that were done, the fluxes' last change in errors, what stopped them
TURNS = ("turns", "turns_change", "turns_stopped")


def convergence_table(
    fits: Sequence[Table],
    light_curves: Sequence[Table],
    residuals: Sequence[float],
    iterations: int,
    turns: Mapping[tuple[str, int], Mapping[str, Any]] | None = None,
) -> Table:
    """Make the table: a row for each track, spw and iteration, in the order of the arguments.

    Columns: track, spw, iteration, good (share of the integrations), scatter of neighbouring
    integrations of I (relative), minispiral_flux (median of F_ext as fitted, Jy), chi2 (median,
    reduced), image_residual (rms, Jy/beam), solutions_failed (share of the antenna gains of the
    fit, NaN without any); their changes from the iteration before, NaN for the first, relative but
    for light_curve_change, which is in errors; another_is_worth_it; and, where a sky is found by
    turns, how these ended (`TURNS`), missing for tracks that take none.

    Parameters
    ----------
    fits, light_curves, residuals : of each spw of each track, all its iterations together
    iterations : number of those, the first included
    turns : how they ended, by track and iteration (`minispiral.sky.history.ends_of_turns`)
    """
    rows: list[dict[str, Any]] = []
    for k, (fit, curve, residual) in enumerate(zip(fits, light_curves, residuals, strict=True)):
        row = _measure(fit, curve, residual, k % iterations)
        before = rows[-1] if k % iterations else None
        row |= _changes(row, before, curve, light_curves[k - 1])
        if turns:
            row |= turns.get((row["track"], row["iteration"]), dict.fromkeys(TURNS, np.ma.masked))
        rows.append(row)
    return described(rounded_table(rows), CONVERGENCE)


def _measure(fit: Table, curve: Table, residual: float, iteration: int) -> dict[str, Any]:
    fitted, scaled = columns(fit), columns(curve)
    good = np.asarray(curve["good"], bool)
    flux = scaled["I"][good]
    return {
        "track": str(curve["track"][0]),
        "spw": int(curve["spw"][0]),
        "iteration": iteration,
        "good": good.mean(),
        "scatter": robust_scatter(np.diff(np.log(flux))) / np.sqrt(2),
        "minispiral_flux": _median(fitted["I_extended"][good]),
        "chi2": _median(fitted["chi2"][good]),
        "image_residual": residual,
        "solutions_failed": float(fit.meta.get("solutions_failed", np.nan)),
    }


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else np.nan


def _changes(
    row: Mapping[str, Any], before: Mapping[str, Any] | None, curve: Table, previous: Table
) -> dict[str, Any]:
    changes: dict[str, Any] = dict.fromkeys(WORTHWHILE, np.nan)
    if before is not None:
        changes["light_curve_change"] = light_curve_change(columns(curve), columns(previous))
        for name in ("minispiral_flux", "chi2", "image_residual"):
            changes[f"{name}_change"] = row[name] / before[name] - 1
    # what is not known, as after the first iteration, may yet change
    settled = all(abs(changes[name]) <= limit for name, limit in WORTHWHILE.items())
    return {**changes, "another_is_worth_it": not settled}


def light_curve_change(
    curve: Mapping[str, np.ndarray], previous: Mapping[str, np.ndarray]
) -> float:
    """Root mean square change of I in its errors, a common factor apart; NaN if none is shared."""
    both = np.asarray(curve["good"], bool) & np.asarray(previous["good"], bool)
    if not both.any():
        return np.nan
    now, then = curve["I"][both], previous["I"][both]
    then = then * np.median(now / then)
    return float(np.sqrt(np.mean(((now - then) / curve["I_err"][both]) ** 2)))
