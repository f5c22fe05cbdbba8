r"""Light curves of bins of time, with errors that hold: what neighbours share does not average out.

A bin is the mean of its good integrations, and its error that of the mean by the covariance of the
light curve (`minispiral.gains.covariance`). With w the bins' weights, 1/n for each of the n
integrations of a bin, relative errors e, and their mean over the track <e>, which is the flux
scale's::

    I_bin = w I            error of  w (I e) - I_bin <e>
    Q_bin = w Q            its noise, and the error of  w (Q e_gain) - Q_bin <e_gain>   (U, V alike)

Bins share errors as integrations do: the error of the mean of several bins is that of a longer bin.
P, its debiased form and EVPA are those of Q_bin and U_bin; in EVPA the gain cancels. Bins count
from 0 h UTC of the track's first day, so that those of all spws, and of all tracks of that day, are
the same.
"""

import numpy as np
from astropy.table import Table

from minispiral.columns.column import described
from minispiral.columns.light_curves import BINS
from minispiral.errors import MinispiralError
from minispiral.gains.covariance import about_the_scale, bin_weights, errors_of_spw
from minispiral.gains.covariance_table import noise_of_spw
from minispiral.io.tables import columns
from minispiral.light_curves.linear_polarization import linear_polarization
from minispiral.measures.units import SECONDS_PER_DAY

LONGEST = 0.25  # bin, as a share of the track
COLUMNS = ("I", "Q", "U", "V", "P", "EVPA")


def bin_light_curves(curves: Table, covariance: Table, seconds: float) -> Table:
    """Bin the light curves of a track: a row for each spw and bin with a good integration.

    Columns: track, spw, frequency, mjd (mean of the integrations'), `seconds` of the bin, n (how
    many integrations), I, Q, U, V, P, EVPA, each with its _err, P_debiased. In ``meta`` what is
    stated beside the errors (`minispiral.measures.stated`).

    Parameters
    ----------
    curves : {track}/light_curves.ecsv
    covariance : {track}/covariance.ecsv
    seconds : length of the bins, above 0

    Raises
    ------
    MinispiralError
        If the length is not above 0, or above a quarter of the track, or the tables are not of the
        same integrations.
    """
    if not seconds > 0:
        raise MinispiralError(f"bins of {seconds:g} s: give a length above 0 s")
    same = len(curves) == len(covariance) and all(
        np.array_equal(curves[name], covariance[name]) for name in ("spw", "mjd", "good")
    )
    if not same:
        raise MinispiralError(
            "light_curves.ecsv and covariance.ecsv are not of the same integrations: take both "
            "from the same folder, as the workflow wrote them"
        )
    covered = float(np.ptp(curves["mjd"])) * SECONDS_PER_DAY if len(curves) else 0.0
    if seconds > LONGEST * covered:
        raise MinispiralError(
            f"bins of {seconds:g} s are longer than a quarter of the track, {covered:.0f} s: "
            "the errors leave out that of its flux scale, and do not hold for such means: take the "
            "mean in statistics.ecsv"
        )
    spws = list(dict.fromkeys(int(spw) for spw in curves["spw"]))
    parts = [_binned(curves, covariance, spw, seconds) for spw in spws]
    table = Table({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    described(table, BINS)
    table.meta = dict(curves.meta)  # what holds for the light curves holds for means too
    return table


def _binned(curves: Table, covariance: Table, spw: int, seconds: float) -> dict[str, np.ndarray]:
    rows = columns(curves[np.asarray(curves["spw"]) == spw])
    good = np.asarray(rows["good"], bool)
    rows = {name: values[good] for name, values in rows.items()}
    errors = errors_of_spw(covariance, spw).at(good)
    noise = {name: values[good] for name, values in noise_of_spw(covariance, spw).items()}
    weights, label = bin_weights(rows["mjd"] * SECONDS_PER_DAY, seconds)
    n = len(weights)
    binned, found, own = {"mjd": weights @ rows["mjd"]}, {}, {}
    for name in "IQUV":
        of_known, values = _of_known(weights, rows[name])
        shared = about_the_scale(of_known * values)
        binned[name] = np.where(of_known.any(axis=1), of_known @ values, np.nan)
        if name == "I":
            found["I_err"] = np.sqrt(errors.variance(shared))
        else:
            own[name] = np.sqrt(of_known**2 @ np.nan_to_num(noise[name]) ** 2)
            own[name] = np.where(np.isfinite(binned[name]), own[name], np.nan)
            of_gain = errors.variance(shared, core=False)
            found[f"{name}_err"] = np.sqrt(own[name] ** 2 + of_gain)
    fitted = linear_polarization(binned["Q"], binned["U"], own["Q"], own["U"])
    binned |= {"P": fitted.p, "P_debiased": fitted.p_debiased, "EVPA": fitted.evpa}
    relative = np.sqrt(errors.variance(about_the_scale(weights), core=False))
    found |= {"P_err": np.hypot(fitted.p_err, fitted.p * relative), "EVPA_err": fitted.evpa_err}
    ordered: dict[str, np.ndarray] = {}
    for name in COLUMNS:
        ordered |= {name: binned[name], f"{name}_err": found[f"{name}_err"]}
    return {
        "track": np.full(n, rows["track"][0] if n else ""),
        "spw": np.full(n, spw),
        "frequency": np.full(n, rows["frequency"][0] if n else np.nan),
        "mjd": binned["mjd"],
        "seconds": np.full(n, float(seconds)),
        "n": np.bincount(label, minlength=n),
        **ordered,
        "P_debiased": binned["P_debiased"],
    }


def _of_known(weights: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of means over the integrations that have a value, and their values, others 0."""
    known = np.isfinite(values)
    total = (weights @ known)[:, None]
    of_known = np.divide(weights * known, total, out=np.zeros_like(weights), where=total > 0)
    return of_known, np.where(known, values, 0.0)
