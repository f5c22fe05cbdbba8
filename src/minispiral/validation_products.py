"""Validation of a campaign: tables of how its light curves compare with the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas
from astropy import units
from astropy.table import Table

from minispiral.errors import MinispiralError
from minispiral.integrations import nearest_times
from minispiral.products import columns
from minispiral.units import SECONDS_PER_DAY, six_digits
from minispiral.validation import PULL_EDGES, Comparison, Power, compare, power, scale_factor

STOKES = "IQUV"
BEFORE, AFTER = "before scaling", "after scaling"
TRUTH_COLUMNS = ("spw", "mjd_s", *STOKES)


@dataclass(frozen=True)
class Validated:
    """One Stokes parameter of one spw, before or after scaling, at good integrations."""

    track: str
    spw: int
    stokes: str
    stage: str
    time: np.ndarray
    comparison: Comparison
    power: Power


def read_truth(path: str) -> pandas.DataFrame:
    """Read a table of true fluxes: spw, mjd_s (MJD in s), I, Q, U, V (Jy), by integration.

    Raises
    ------
    MinispiralError
        If it cannot be read or lacks a column.
    """
    try:
        truth = pandas.read_csv(path)
    except (OSError, ValueError) as error:
        raise MinispiralError(
            f"{path} cannot be read as a table of true fluxes ({error}): give a csv file with the "
            f"columns {', '.join(TRUTH_COLUMNS)}"
        ) from error
    missing = [name for name in TRUTH_COLUMNS if name not in truth]
    if missing:
        raise MinispiralError(
            f"{path} lacks {', '.join(missing)}: a table of true fluxes has the columns "
            f"{', '.join(TRUTH_COLUMNS)}"
        )
    return truth


def validate_curve(curve: Table, fit: Table, truth: pandas.DataFrame) -> Iterator[Validated]:
    """Compare one spw's light curve, and its fit, with the truth.

    Integrations count that are good and, where the truth says so, not ``bad``.

    Raises
    ------
    MinispiralError
        If the truth has none of them.
    """
    track, spw = str(curve["track"][0]), int(curve["spw"][0])
    true = truth[truth["spw"] == spw].sort_values("mjd_s")
    values, fitted = columns(curve), columns(fit)
    time, interval = values["mjd"] * SECONDS_PER_DAY, curve.meta["interval_s"]
    if not len(true):
        raise MinispiralError(
            f"track {track}: the table of true fluxes has no rows of spw {spw}: give those of all "
            "spws that the track is processed with"
        )
    place, distance = nearest_times(true["mjd_s"].to_numpy(), time)
    used = np.asarray(curve["good"], bool) & (distance < interval / 2)
    if "bad" in true:
        used &= ~true["bad"].to_numpy(bool)[place]
    if not used.any():
        raise MinispiralError(
            f"track {track}, spw {spw}: the table of true fluxes has none of the good "
            "integrations: its times (mjd_s) are MJD in seconds, the middle of each"
        )
    noise = curve.meta["gains"]["noise"]
    before = {name: fitted["I_compact" if name == "I" else name] for name in STOKES}
    errors = {name: "I_compact" if name == "I" else name for name in STOKES}
    before_err = {s: noise[name] * fitted[f"{name}_err"] for s, name in errors.items()}
    after, after_err = ({s: values[s + end] for s in STOKES} for end in ("", "_err"))
    truths = {s: true[s].to_numpy()[place][used] for s in STOKES}
    for stage, flux, error in ((BEFORE, before, before_err), (AFTER, after, after_err)):
        factor = scale_factor(flux["I"][used], error["I"][used], truths["I"])
        for s in STOKES:
            if np.isfinite(flux[s][used]).all():
                compared = compare(flux[s][used], error[s][used], truths[s], factor)
                timescales = power(time[used], truths[s], compared, interval)
                yield Validated(track, spw, s, stage, time[used], compared, timescales)


def validation_table(validated: Sequence[Validated]) -> Table:
    """Table of bias, scatter and pulls: a row for each track, spw, Stokes parameter and stage."""
    rows = [
        {
            **_names(each),
            "n": len(each.time),
            "factor": each.comparison.factor,
            "bias": each.comparison.bias,
            "bias_err": each.comparison.bias_err,
            "scatter": each.comparison.scatter,
            "error": float(np.median(each.comparison.error)),
            "pull_mean": float(np.mean(each.comparison.pull)),
            "pull_std": float(np.std(each.comparison.pull)),
        }
        for each in validated
    ]
    table = _table(rows)
    for name in ("bias", "bias_err", "scatter", "error"):
        table[name].unit = units.Jy
    return table


def pulls_table(validated: Sequence[Validated]) -> Table:
    """Table of the pulls' histograms: number between `low` and `high`, a row for each bin."""
    rows = [
        {**_names(each), "low": float(low), "high": float(high), "number": int(number)}
        for each in validated
        for low, high, number in zip(
            PULL_EDGES[:-1], PULL_EDGES[1:], each.comparison.histogram, strict=True
        )
    ]
    return _table(rows)


def power_table(validated: Sequence[Validated]) -> Table:
    """Table of the power on each timescale, see `minispiral.validation.Power`."""
    rows = [
        {
            **_names(each),
            "timescale": float(each.power.timescale[k]),
            "number": int(each.power.number[k]),
            **{
                name: float(getattr(each.power, name)[k])
                for name in ("truth", "residual", "noise", "response", "response_err")
            },
        }
        for each in validated
        for k in range(len(each.power.timescale))
    ]
    table = _table(rows)
    table["timescale"].unit = units.s
    for name in ("truth", "residual", "noise"):
        table[name].unit = units.Jy**2
    return table


def _names(each: Validated) -> dict:
    return {"track": each.track, "spw": each.spw, "stokes": each.stokes, "stage": each.stage}


def _table(rows: Sequence[dict]) -> Table:
    return Table(rows=[{name: six_digits(value) for name, value in row.items()} for row in rows])
