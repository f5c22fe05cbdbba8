"""Validation of a campaign: tables of how its light curves compare with the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas
from astropy.table import Table

from minispiral.analysis.timescales import Residuals, TimescalePulls, pulls_by_timescale
from minispiral.analysis.truth import STOKES
from minispiral.analysis.validation import (
    PULL_EDGES,
    Comparison,
    Drift,
    Power,
    compare,
    drift,
    power,
    scale_factor,
)
from minispiral.columns.analysis import (
    VALIDATION,
    VALIDATION_POWER,
    VALIDATION_PULLS,
    VALIDATION_TIMESCALES,
)
from minispiral.columns.column import described
from minispiral.errors import MinispiralError
from minispiral.gains.covariance import errors_of_spw
from minispiral.gains.covariance_table import noise_of_spw
from minispiral.io.tables import columns, rounded_table
from minispiral.measures.times import nearest_times
from minispiral.measures.units import SECONDS_PER_DAY

SAME_TIME = 0.1  # of an integration: what the times of truth and light curve may differ
BEFORE, AFTER = "before scaling", "after scaling"


@dataclass(frozen=True)
class Validated:
    """One Stokes parameter of one spw, before or after scaling, at good integrations.

    `good` is the number of those, whether the truth has them or not; `drift` is of Stokes I alone;
    `timescales`, pulls of means over time and of differences, after scaling alone.
    """

    track: str
    spw: int
    stokes: str
    stage: str
    time: np.ndarray
    comparison: Comparison
    power: Power
    good: int
    drift: Drift | None = None
    timescales: Sequence[TimescalePulls] = ()


def validate_curve(
    curve: Table, fit: Table, truth: pandas.DataFrame, covariance: Table
) -> Iterator[Validated]:
    """Compare one spw's light curve, and its fit, with the truth; errors by their covariance.

    Integrations count that are good and, where the truth says so, not ``bad``; a spw without a good
    one has nothing to compare.

    Raises
    ------
    MinispiralError
        If the truth has none of the good integrations.
    """
    track, spw = str(curve["track"][0]), int(curve["spw"][0])
    true = truth[truth["spw"] == spw]
    values, fitted = columns(curve), columns(fit)
    time, interval = values["mjd"] * SECONDS_PER_DAY, curve.meta["interval_s"]
    good = np.asarray(curve["good"], bool)
    if not good.any():
        return
    if not len(true):
        raise MinispiralError(
            f"track {track}: the table of true fluxes has no rows of spw {spw}: give those of all "
            "spws that the track is processed with"
        )
    place, distance = nearest_times(true["mjd_s"].to_numpy(), time)
    used = good & (distance < SAME_TIME * interval)
    if "bad" in true:
        used &= ~true["bad"].to_numpy(bool)[place]
    if not used.any():
        raise MinispiralError(
            f"track {track}, spw {spw}: tracks.{track}.truth has none of the good integrations, "
            f"which are from {time[good].min():.1f} to {time[good].max():.1f}; it has "
            f"{true['mjd_s'].min():.1f} to {true['mjd_s'].max():.1f}: mjd_s is MJD in seconds, the "
            "middle of each integration"
        )
    noise = curve.meta["gains"]["noise"]
    names = {s: "I_compact" if s == "I" else s for s in STOKES}
    truths = {s: true[s].to_numpy()[place] for s in STOKES}
    before = {
        s: _Series(fitted[name], noise[name] * fitted[f"{name}_err"], truths[s])
        for s, name in names.items()
    }
    after = {s: _Series(values[s], values[f"{s}_err"], truths[s]) for s in STOKES}
    errors, own = errors_of_spw(covariance, spw), noise_of_spw(covariance, spw)
    for stage, series in ((BEFORE, before), (AFTER, after)):
        total = series["I"].at(used & series["I"].known)
        factor = scale_factor(total.flux, total.error, total.truth)
        for s in STOKES:
            rows = used & series[s].known
            if rows.any():
                kept = series[s].at(rows)
                compared = compare(kept.flux, kept.error, kept.truth, factor)
                timescales = power(time[rows], kept.truth, compared, interval)
                number = int(good.sum())
                ratios = drift(time[rows], kept.flux, kept.truth) if s == "I" else None
                pulls: list[TimescalePulls] = []
                if stage == AFTER:
                    residuals = Residuals(
                        time=time[rows],
                        flux=kept.flux / factor,
                        residual=compared.residual,
                        noise=None if s == "I" else own[s][rows] / factor,
                        errors=errors.at(rows),
                    )
                    pulls = list(pulls_by_timescale(residuals, interval))
                yield Validated(
                    track, spw, s, stage, time[rows], compared, timescales, number, ratios, pulls
                )


@dataclass(frozen=True)
class _Series:
    """One Stokes parameter as recovered, its error, and the truth, ``(n,)`` each, Jy."""

    flux: np.ndarray
    error: np.ndarray
    truth: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Which integrations have all of them, ``(n,) bool``."""
        return np.isfinite(self.flux) & np.isfinite(self.truth) & (self.error > 0)

    def at(self, rows: np.ndarray) -> "_Series":
        """The same at some integrations."""
        return _Series(self.flux[rows], self.error[rows], self.truth[rows])


def validation_table(validated: Sequence[Validated]) -> Table:
    """Table of bias, scatter and pulls: a row for each track, spw, Stokes parameter and stage.

    Columns of Stokes I alone, missing elsewhere: `flux_scale` (median of recovered over true),
    `relative_scatter` of single integrations about it, and `relative_scatter_10min` of means, of
    which there are `n_10min`; see `minispiral.analysis.validation.Drift`.
    """
    rows = [
        {
            **_names(result),
            "n": len(result.time),
            "n_good": result.good,
            "factor": result.comparison.factor,
            "bias": result.comparison.bias,
            "bias_err": result.comparison.bias_err,
            "scatter": result.comparison.scatter,
            "error": float(np.median(result.comparison.error)),
            "pull_mean": float(np.mean(result.comparison.pull)),
            "pull_std": float(np.std(result.comparison.pull)),
            **_drift_columns(result.drift),
        }
        for result in validated
    ]
    return described(rounded_table(rows), VALIDATION)


def _drift_columns(ratios: Drift | None) -> dict[str, Any]:
    return {
        "flux_scale": np.nan if ratios is None else ratios.scale,
        "relative_scatter": np.nan if ratios is None else ratios.scatter,
        "relative_scatter_10min": np.nan if ratios is None else ratios.scatter_of_means,
        "n_10min": 0 if ratios is None else len(ratios.means),
    }


def pulls_table(validated: Sequence[Validated]) -> Table:
    """Table of the pulls' histograms: number between `low` and `high`, a row for each bin."""
    rows = [
        {**_names(result), "low": float(low), "high": float(high), "number": int(number)}
        for result in validated
        for low, high, number in zip(
            PULL_EDGES[:-1], PULL_EDGES[1:], result.comparison.histogram, strict=True
        )
    ]
    return described(rounded_table(rows), VALIDATION_PULLS)


def timescales_table(validated: Sequence[Validated]) -> Table:
    """Table of pulls against timescale, see `minispiral.analysis.timescales`.

    A row for each track, spw, Stokes parameter, kind and number of `seconds`.
    """
    rows = [
        {
            "track": result.track,
            "spw": result.spw,
            "stokes": result.stokes,
            "kind": pulls.kind,
            "seconds": pulls.seconds,
            "number": pulls.number,
            "pull_std": pulls.std,
        }
        for result in validated
        for pulls in result.timescales
    ]
    if not rows:
        kinds = (str, int, str, str, float, int, float)
        empty = Table(names=list(VALIDATION_TIMESCALES), dtype=kinds)
        return described(empty, VALIDATION_TIMESCALES)
    return described(rounded_table(rows), VALIDATION_TIMESCALES)


def power_table(validated: Sequence[Validated]) -> Table:
    """Table of the power on each timescale, see `minispiral.analysis.validation.Power`."""
    rows = [
        {
            **_names(result),
            "timescale": float(result.power.timescale[k]),
            "number": int(result.power.number[k]),
            **{
                name: float(getattr(result.power, name)[k])
                for name in ("truth", "residual", "noise", "response", "response_err")
            },
        }
        for result in validated
        for k in range(len(result.power.timescale))
    ]
    return described(rounded_table(rows), VALIDATION_POWER)


def _names(result: Validated) -> dict[str, Any]:
    return {
        "track": result.track,
        "spw": result.spw,
        "stokes": result.stokes,
        "stage": result.stage,
    }
