r"""From fitted fluxes to light curves: good integrations, reference flux, gains, their errors.

The minispiral is constant, so the gain that makes it so, g(t) = R / F_ext(t) with R the reference
flux, makes the core's true light curve (memo, equation 2.9)::

    I = g F_core    Q, U, V = g (q, u, v)    P = g sqrt(q^2 + u^2)    EVPA = atan2(u, q) / 2

with small letters for what was fitted. F_ext is the integration's own, or comes from neighbouring
integrations too (`minispiral.gains.description`): R / exp(L), with L = ln F_ext and its error s_L
in a `GainCurve`, whose noise factors f go on the fit's errors. First-order errors, which contain
the gain's own::

    s_I as in `minispiral.gains.curve.flux_variance`
    s_Q^2 = g^2 [(f_q s_q)^2 + (q s_L)^2]                        (U, V alike)
    s_P^2 = g^2 [s_p^2 + (p s_L)^2]
    s_EVPA as in `minispiral.light_curves.linear_polarization`   (the gain cancels)

The noise of q, u, v is taken as independent of that of F_ext: they come from other sums or
differences of the correlations (for hands of unequal weight it nearly is). R is common to all
integrations; its own error is a scale, not noise, and so is what errors of L have in common.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minispiral.errors import MinispiralError
from minispiral.gains.curve import Fit, GainCurve, flux_variance, own_gains
from minispiral.light_curves import flagging
from minispiral.light_curves.linear_polarization import linear_polarization
from minispiral.light_curves.minispiral import MIN_SIGNAL_TO_NOISE, measure_minispiral
from minispiral.light_curves.user_flags import HandFlag, flags_of_spws
from minispiral.measures.scatter import robust_scatter

MAX_ROUNDS = 20


@dataclass(frozen=True)
class Limits:
    """What a good integration's core may be: Stokes I and polarised flux, Jy, after scaling.

    And the lines of the user's flag table that concern its track and spw.
    """

    flux_range: tuple[float, float]
    max_polarized_flux: float | None = None
    user_flags: Sequence[HandFlag] = ()


@dataclass(frozen=True)
class TrackFlux:
    """One track's minispiral in one spw: `median` and `scatter` of F_ext (Jy) of `n_good`."""

    median: float
    scatter: float
    n_good: int


def scale(fit: Fit, reference: float, curve: GainCurve | None = None) -> dict[str, np.ndarray]:
    """Scale fitted fluxes so that the minispiral has the flux `reference` (Jy).

    Parameters
    ----------
    curve : of the gain; each integration's own where it is left out

    Returns
    -------
    dict of (n,) arrays
        I, Q, U, V, P, EVPA (deg), gain, each with its _err, and P_debiased. NaN where the fit
        has none.
    """
    if curve is None:
        curve = own_gains(fit)
    with np.errstate(invalid="ignore", divide="ignore"):
        gain = reference * np.exp(-curve.log_extended)
        relative = np.sqrt(curve.variance)
        curves = {
            "I": gain * fit["I_compact"],
            "I_err": gain * np.sqrt(flux_variance(fit, curve)),
        }
        noise = {name: curve.noise[name] * fit[f"{name}_err"] for name in "QUV"}
        for name in "QUV":
            curves[name] = gain * fit[name]
            curves[f"{name}_err"] = gain * np.hypot(noise[name], fit[name] * relative)
        fitted = linear_polarization(fit["Q"], fit["U"], noise["Q"], noise["U"])
        curves |= {
            "P": gain * fitted.p,
            "P_err": gain * np.hypot(fitted.p_err, fitted.p * relative),
            "P_debiased": gain * fitted.p_debiased,
            "EVPA": fitted.evpa,
            "EVPA_err": fitted.evpa_err,
        }
    return {**curves, "gain": gain, "gain_err": gain * relative}


def limits_of(keys: Mapping[str, Any], spw: int) -> Limits:
    """Limits of a track's spw: keys track, flux_range, max_polarized_flux, and table, a path."""
    tables = [] if keys["table"] is None else [keys["table"]]
    (flags_of_spw,) = flags_of_spws(tables, keys["track"], [spw])
    return Limits(tuple(keys["flux_range"]), keys["max_polarized_flux"], flags_of_spw)


def flag_reasons(fit: Fit, reference: float, limits: Limits) -> np.ndarray:
    """Why each integration is not to be used, ``(n,) str``, or `flagging.UNFLAGGED`.

    The reasons in the column ``flag`` of `fit` (the automatic flagger's), where it has one, go
    first; then come fits without a positive F_ext or an error, the limits, and the user's table.
    Fluxes are scaled by each integration's own gain, since a smooth one is learnt from good ones.
    """
    curves = scale(fit, reference)
    reasons = np.full(len(curves["I"]), flagging.UNFLAGGED, dtype="U32")
    if "flag" in fit:
        reasons[:] = fit["flag"]
    low, high = limits.flux_range
    unknown = ~(np.isfinite(curves["gain"]) & np.isfinite(curves["I_err"]))
    flagging.add_reason(reasons, unknown, flagging.NO_FIT)
    with np.errstate(invalid="ignore"):
        outside = (curves["I"] < low) | (curves["I"] > high)
        flagging.add_reason(reasons, outside, flagging.FLUX_RANGE)
        if limits.max_polarized_flux is not None:
            polarized = curves["P"] > limits.max_polarized_flux
            flagging.add_reason(reasons, polarized, flagging.POLARIZED)
    for user_flag in limits.user_flags:
        matched = user_flag.matches(fit["time"], curves["I"])
        flagging.add_reason(reasons, matched, flagging.TABLE)
    return reasons


def good_integrations(fit: Fit, reference: float, limits: Limits) -> np.ndarray:
    """Which integrations are good, ``(n,) bool``: those without a reason not to be used."""
    return flag_reasons(fit, reference, limits) == flagging.UNFLAGGED


def reference_flux(fits: Sequence[Fit], limits: Sequence[Limits]) -> float:
    """Median of F_ext over the good integrations of all tracks, Jy.

    Which integrations are good depends on the reference, so both are found together: starting
    from all with a positive F_ext, until the set of good ones no longer changes (or, should an
    integration on the very edge of the limits come and go, for `MAX_ROUNDS` rounds).

    Raises
    ------
    MinispiralError
        If no integration has a positive F_ext, or none is good.
    """
    kept = [np.isfinite(fit["I_extended"]) & (fit["I_extended"] > 0) for fit in fits]
    if not any(positive.any() for positive in kept):
        raise MinispiralError(
            "the fitted flux of the minispiral is positive in no integration, so there is no "
            "reference flux: look at the models IM0 and IM1 and at the data's flags"
        )
    for _ in range(MAX_ROUNDS):
        values = [fit["I_extended"][good] for fit, good in zip(fits, kept, strict=True)]
        if not sum(len(v) for v in values):
            raise MinispiralError(_why_none_is_good(fits))
        reference = float(np.median(np.concatenate(values)))
        previous = kept
        kept = [good_integrations(f, reference, lim) for f, lim in zip(fits, limits, strict=True)]
        if all(np.array_equal(a, b) for a, b in zip(kept, previous, strict=True)):
            break
    return reference


def _why_none_is_good(fits: Sequence[Fit]) -> str:
    """Say why there is no reference flux: no minispiral was found, or the limits leave none."""
    measured = [
        measure_minispiral(fit, fit.get("flag", np.full(len(fit["time"]), flagging.UNFLAGGED)))
        for fit in fits
    ]
    if all(minispiral.doubtful for minispiral in measured):
        best = max(minispiral.signal_to_noise for minispiral in measured)
        return (
            "no minispiral was found, and so there is no reference flux: its flux in an "
            f"integration is {best:.1f} times its error at best ({MIN_SIGNAL_TO_NOISE:g} is the "
            "least): look at field, split.data_column, and IM0 with its mask"
        )
    return (
        "no good integration is left to take the reference flux from: widen scale.flux_range, or "
        "look at the fit"
    )


def track_flux(extended: np.ndarray) -> TrackFlux:
    """Median and scatter of a track's F_ext (Jy), the scatter one that outliers do not move."""
    if not len(extended):
        return TrackFlux(np.nan, np.nan, 0)
    median = float(np.median(extended))
    return TrackFlux(median, robust_scatter(extended - median), len(extended))
