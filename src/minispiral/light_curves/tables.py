"""The files other people's scripts read: names of columns, units and formats are a contract."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.light_curves import (
    ABSORPTION,
    LIGHT_CURVES,
    MINISPIRAL_FLUX,
    OTHER_SCALES,
    POLARIMETRY,
)
from minispiral.errors import MinispiralError
from minispiral.gains.curve import INTEGRATION, GainCurve, own_gains
from minispiral.io.tables import columns, stack
from minispiral.light_curves.absorption import SCALED, correct, fit_elevation_law, predict
from minispiral.light_curves.flagging import UNFLAGGED
from minispiral.light_curves.hand_gains import not_measured
from minispiral.light_curves.minispiral import measure_minispiral
from minispiral.light_curves.polarimetry import SpwCurve, averaged, caution, polarimetry
from minispiral.light_curves.polarization_floors import META as FLOORS
from minispiral.light_curves.scaling import Limits, flag_reasons, scale, track_flux
from minispiral.light_curves.uneven_hands import uneven_hands, with_even_hands
from minispiral.measures.integrations import scan_labels
from minispiral.measures.stated import BY_TRACK, META, Stated, largest
from minispiral.measures.time_scales import bjd_tdb, tai
from minispiral.measures.times import common_integrations, nearest_times, reach, within
from minispiral.measures.units import SECONDS_PER_DAY, six_digits

SAME_LENGTH = 0.99  # share of the longest integration from which on one is as long
MOST = 0.5  # share of the good integrations in the polarimetry, below which a report says so

Place = tuple[tuple[float, float], tuple[float, float, float]]

MINISPIRAL_COLUMNS = ("share", "signal_to_noise", "misfit", "doubtful")

# the memo's ascii light curve: heading -> column of light_curves.ecsv
ASCII_COLUMNS = {
    "MJD": "mjd",
    "I(Jy)": "I",
    "Ierr(Jy)": "I_err",
    "P(Jy)": "P",
    "Perr(Jy)": "P_err",
    "EVPA(deg)": "EVPA",
    "EVPAerr(deg)": "EVPA_err",
    "V(Jy)": "V",
    "Verr(Jy)": "V_err",
}


def light_curve_table(
    fit: Table,
    reference: float,
    limits: Limits,
    track: str,
    spw: int,
    absorption: Table | None = None,
    gains: GainCurve | None = None,
) -> Table:
    """Scale one spw's fit to the reference flux (Jy): the light curve with the contract's columns.

    The `gains` are each integration's own where they are left out. `fit` may have a column ``flag``
    with the automatic flagger's reasons. Bad integrations are kept, with ``good`` False and the
    reason in ``flag``. A table of `absorption`, where there is one, is divided out; ``absorption``
    is the divisor of the flux. Gains that differ between the hands are undone
    (`minispiral.light_curves.uneven_hands`); ``uneven_hands`` says by how much they do. In
    ``meta``, as ``minispiral``, what `minispiral.light_curves.minispiral` says of the one that
    scales it.
    """
    fitted = columns(fit)
    reasons = flag_reasons(fitted, reference, limits)
    gains = gains or own_gains(fitted)
    hands = uneven_hands(fitted, reasons == UNFLAGGED)
    curves = scale(with_even_hands(fitted, hands), reference, gains)
    for name in ("I_extended", "I_compact"):
        curves[f"{name}_err"] = gains.noise[name] * fitted[f"{name}_err"]
    ratio, ratio_err = np.ones(len(fit)), np.zeros(len(fit))
    if absorption is not None:
        model = columns(absorption)
        ratio, ratio_err = model["model"], model["model_err"]
        curves.update(correct(curves, ratio, ratio_err))
    values = {
        **fitted,
        **curves,
        "absorption": ratio,
        "absorption_err": ratio_err,
        "gain_weight": gains.weight,
        "uneven_hands": hands.size(len(fit)),
        "track": np.full(len(fit), track),
        "spw": np.full(len(fit), spw),
        "frequency": np.full(len(fit), fit.meta["frequency_hz"]),
        "mjd": fitted["time"] / SECONDS_PER_DAY,
        "good": reasons == UNFLAGGED,
        "flag": reasons,
    }
    table = Table({name: values[name] for name in LIGHT_CURVES if name not in OTHER_SCALES})
    described(table, LIGHT_CURVES)
    table.meta["reference_flux_jy"] = reference
    table.meta["minispiral"] = measure_minispiral(fitted, reasons).as_meta()
    if "interval_s" in fit.meta:
        table.meta["interval_s"] = fit.meta["interval_s"]
    return table


def collected(light_curves: Sequence[Table], stated: Mapping[str, Stated]) -> Table:
    """Stack light curves of spws and tracks.

    In ``meta``, as ``doubtful``, which have no minispiral that could scale them: pairs of track and
    spw; as ``not_measured`` what is missing, see `minispiral.light_curves.hand_gains.not_measured`;
    as ``systematic``, what is stated beside the errors, the largest of the tracks where they
    differ, and as ``systematic_by_track`` that of each; by track what
    `minispiral.light_curves.polarization_floors` measured.
    """
    table = stack(light_curves)
    table.meta[META] = largest(list(stated.values())).as_meta()
    table.meta[BY_TRACK] = {track: one.as_meta() for track, one in stated.items()}
    table.meta["doubtful"] = [
        [str(curve["track"][0]), int(curve["spw"][0])]
        for curve in light_curves
        if curve.meta["minispiral"]["doubtful"]
    ]
    table.meta["not_measured"] = not_measured(light_curves)
    table.meta[FLOORS] = {
        str(curve["track"][0]): curve.meta[FLOORS] for curve in light_curves if FLOORS in curve.meta
    }
    return table


def with_times(table: Table, places: Mapping[str, Place]) -> Table:
    """Give light curves their times in TAI, and in TDB at the barycentre, as last columns.

    Parameters
    ----------
    places : of each track the direction of its source (J2000, deg), and the place of its array
        (ITRF, m), see `minispiral.measures.time_scales.bjd_tdb`
    """
    mjd, tracks = columns(table)["mjd"], np.asarray(table["track"], str)
    barycentric = np.empty(len(table))
    for track in dict.fromkeys(tracks.tolist()):
        rows = tracks == track
        times, place = np.unique(mjd[rows], return_inverse=True)  # spws have the same ones
        barycentric[rows] = bjd_tdb(times, *places[track])[place]
    table["tai"] = tai(mjd)
    table["bjd_tdb"] = barycentric
    return described(table, LIGHT_CURVES)


def without_errors(curves: Table, rows: np.ndarray) -> Table:
    """Return light curves without the errors of all that is scaled by the gain, in ``(n,) bool``.

    Those of quantities in which the gain cancels, such as EVPA, stay.
    """
    if not rows.any():
        return curves
    curves = curves.copy()
    for name in (*SCALED, "gain"):
        curves[f"{name}_err"][rows] = np.nan
    return curves


def absorption_table(own: Table, others: Sequence[Table], elevation: np.ndarray) -> Table:
    """Table of what one spw's light curve lacks against the power law through the others'.

    Columns: mjd, elevation; ratio to the power law and its error; whether it was used; model, the
    polynomial in elevation, and its error. In ``meta``: the polynomial and how it was chosen.

    Parameters
    ----------
    own, others : light curves of one track, not corrected
    elevation : (n,), deg, at the times of `own`

    Raises
    ------
    MinispiralError
        If the others are not there when it is, or there are too few integrations.
    """
    values = columns(own)
    flux, error = np.array([_at_times(curve, own) for curve in others]).swapaxes(0, 1)
    frequencies = np.array([curve["frequency"][0] for curve in others])
    good = np.asarray(own["good"], bool)
    if good.any() and np.isfinite(error[:, good]).sum(axis=0).max() < 2:
        raise MinispiralError(
            f"spw {own['spw'][0]}: at none of its good integrations are two other spws good, whose "
            "power law gives the absorption: leave the spw out of scale.correct_spws"
        )
    predicted, predicted_err = predict(values["frequency"][0], frequencies, flux, error)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = values["I"] / predicted
        ratio_err = ratio * np.hypot(values["I_err"] / values["I"], predicted_err / predicted)
    used = good & np.isfinite(ratio) & (ratio_err > 0)
    law = fit_elevation_law(elevation[used], ratio[used], ratio_err[used], scan_labels(own[used]))
    model, model_err = law(elevation)
    table = Table(
        {
            "mjd": own["mjd"],
            "elevation": elevation,
            "ratio": ratio,
            "ratio_err": ratio_err,
            "used": used,
            "model": model,
            "model_err": model_err,
        }
    )
    described(table, ABSORPTION)
    table.meta = {
        "spws": [int(curve["spw"][0]) for curve in others],
        "order": law.order,
        "domain_deg": list(law.domain),
        "legendre_coefficients": law.coefficients.tolist(),
        "covariance": law.covariance.tolist(),
        "reduced_chi2": law.chi2,
        "cross_validation": list(law.scores),
    }
    return table


def _at_times(curve: Table, own: Table) -> np.ndarray:
    """I and its error at the times of another spw's: infinite where not good or not there."""
    values = columns(curve)
    tolerance = reach(own.meta["interval_s"], curve.meta["interval_s"]) / SECONDS_PER_DAY
    nearest, distance = nearest_times(values["mjd"], columns(own)["mjd"])
    usable = (distance < tolerance) & np.asarray(curve["good"], bool)[nearest]
    return np.stack([values["I"][nearest], np.where(usable, values["I_err"][nearest], np.inf)])


def polarimetry_table(fits: Sequence[Table], light_curves: Sequence[Table]) -> Table:
    """Table of a track's polarimetry over its spws, at the integrations good in all of them.

    In ``meta``, as ``caution``, whether the spws are too close to each other, in words; as
    ``not_measured``, which spws' polarisation has no part in it, since gains took it away; and what
    `minispiral.light_curves.polarization_floors` measured.
    Where spws have integrations of different lengths, at the longest ones, over which the others
    are averaged. In ``meta`` the frequencies (Hz), and by spw the share of its good integrations
    that are ``matched``: at times when all others have good ones.
    """
    filled = [k for k, curve in enumerate(light_curves) if np.any(curve["good"])]
    if len(filled) >= 2:  # a spw that is never good would leave no integration
        fits, light_curves = [fits[k] for k in filled], [light_curves[k] for k in filled]
    times, spws = [], []
    for fit, curve in zip(fits, light_curves, strict=True):
        good = np.asarray(curve["good"], bool)
        times.append(columns(curve)["mjd"][good])
        spws.append(_spw_curve(fit, curve, good))
    intervals = [fit.meta["interval_s"] / SECONDS_PER_DAY for fit in fits]
    longest = int(np.argmax(intervals))
    numbers = [len(of_spw) for of_spw in times]
    # integrations in each
    weights: list[np.ndarray] = [np.ones(number) for number in numbers]
    for k, interval in enumerate(intervals):
        if interval < SAME_LENGTH * intervals[longest]:
            place = within(times[k], times[longest], intervals[longest])
            held, place = place >= 0, place[place >= 0]
            used, number = np.unique(place, return_inverse=True)
            own = light_curves[k].meta["gains"]["description"] == INTEGRATION
            spws[k] = averaged(spws[k].at(held), number, len(used), own)
            times[k], weights[k] = times[longest][used], np.bincount(number)
    common = common_integrations(
        times, [np.ones(len(of_spw), bool) for of_spw in times], reach(*intervals)
    )
    spws = [spw.at(rows) for spw, rows in zip(spws, common, strict=True)]
    table = described(Table({"mjd": times[0][common[0]], **polarimetry(spws)}), POLARIMETRY)
    table.meta["frequencies_hz"] = [spw.frequency for spw in spws]
    polarized = [curve.frequency for curve in spws if np.isfinite(curve.q + curve.u).any()]
    table.meta["caution"] = caution(table.meta["frequencies_hz"], polarized)
    table.meta["not_measured"] = [row[1] for row in not_measured(light_curves)]
    if FLOORS in light_curves[0].meta:
        table.meta[FLOORS] = light_curves[0].meta[FLOORS]
    table.meta["matched"] = {
        int(curve["spw"][0]): six_digits(float(weight[rows].sum() / max(number, 1)))
        for curve, weight, rows, number in zip(light_curves, weights, common, numbers, strict=True)
    }
    return table


def unmatched(table: Table) -> dict[int, str]:
    """Say of which spws most good integrations have no part in a table of polarimetry."""
    return {
        spw: f"only at {100 * share:.0f} % of its good integrations are all other spws good too, "
        "and polarimetry.ecsv has no others: take out of spws those observed at other times"
        for spw, share in table.meta.get("matched", {}).items()
        if share < MOST
    }


def _spw_curve(fit: Table, curve: Table, rows: np.ndarray) -> SpwCurve:
    """One spw's `rows`: scaled I, and the core's I, Q, U as fitted with their noise factors.

    What the light curve lacks is missing.
    """
    fitted, scaled, gains = columns(fit), columns(curve), curve.meta["gains"]
    values = {}
    as_fitted = scaled["absorption"] / scaled["gain"]
    for key, stokes, name in (("core", "I", "I_compact"), ("q", "Q", "Q"), ("u", "U", "U")):
        # the light curve's where the hands' gains are undone in it
        even = np.where(scaled["uneven_hands"] > 0, scaled[stokes] * as_fitted, fitted[name])
        values[key] = np.where(np.isnan(scaled[stokes]), np.nan, even)[rows]
        values[f"{key}_err"] = gains["noise"][name] * fitted[f"{name}_err"][rows]
    return SpwCurve(
        frequency=fit.meta["frequency_hz"],
        i=scaled["I"][rows],
        i_err=scaled["I_err"][rows],
        gain_err=(scaled["gain_err"] / scaled["gain"])[rows],
        gain_group=tuple(gains["spws"]),
        **values,
    )


def write_ascii_light_curve(path: str | Path, table: Table) -> None:
    """Write the memo's Light_Curve_SPW*.dat: a header line, then the good integrations."""
    good = table[np.asarray(table["good"], bool)]
    data = np.column_stack([np.asarray(good[name], float) for name in ASCII_COLUMNS.values()])
    # 1e-10 days are 9 us; nine digits are beyond any light curve's noise
    np.savetxt(
        path, data, fmt=["%.10f"] + ["%.9g"] * (data.shape[1] - 1), header=" ".join(ASCII_COLUMNS)
    )


def minispiral_flux_table(light_curves: Sequence[Table]) -> Table:
    """Table of the minispiral's flux, one row for each spw and track, from their light curves.

    Columns: spw, frequency (Hz), reference_flux, track, and of the unscaled F_ext of the good
    integrations median and (robust) scatter, Jy, and their number n_good.
    """
    rows = []
    for curve in light_curves:
        good = np.asarray(curve["good"], bool)
        flux = track_flux(columns(curve)["I_extended"][good])
        rows.append(
            (
                curve["spw"][0],
                curve["frequency"][0],
                curve.meta["reference_flux_jy"],
                curve["track"][0],
                flux.median,
                flux.scatter,
                flux.n_good,
                *(curve.meta["minispiral"][name] for name in MINISPIRAL_COLUMNS),
            )
        )
    rows.sort(key=lambda row: row[0])
    return described(Table(rows=rows, names=list(MINISPIRAL_FLUX)), MINISPIRAL_FLUX)
