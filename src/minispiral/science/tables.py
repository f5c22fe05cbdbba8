"""Tables of what the light curves say: a row for each track, and for all of them together (``*``).

Their columns are explained in docs/science.md. In the meta, `LEFT_OUT` says why tracks are not in
a table, or not in all of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from astropy.table import Table
from scipy.stats import chi2, combine_pvalues, norm

from minispiral.columns.column import Columns, described
from minispiral.columns.science import LAGS, LOOPS, PERIODS, PSD, RED_NOISE, SPECTRA, TRENDS
from minispiral.io.tables import CAMPAIGN, LEFT_OUT
from minispiral.measures.units import SECONDS_PER_DAY, six_digits
from minispiral.science.between_spws import Lag
from minispiral.science.damped_walk import DampedWalk
from minispiral.science.loops import Loops
from minispiral.science.periods import Period
from minispiral.science.power_law import REFERENCE, PowerLaw
from minispiral.science.reasons import no_lags, no_loops, no_period, no_trends
from minispiral.science.series import SLOW_BIN
from minispiral.science.study import CampaignStudy, TrackStudy

HOUR = 3600.0
NAN = float("nan")
NO_PERIOD = Period(NAN, NAN, NAN, NAN, NAN, NAN)


def psd_table(study: CampaignStudy) -> Table:
    """Power spectra, a row for each bin of frequency of each track; that of all, their mean.

    Those of the campaign are weighted means of ln P over the tracks that have the frequency.
    """
    rows = [row for track in study.tracks for row in _spectrum_rows(track)]
    if len(study.tracks) > 1:
        rows += _all_spectra(rows, study.law)
    return _table(rows, PSD)


def _spectrum_rows(track: TrackStudy) -> Iterable[dict[str, Any]]:
    of = track.spectrum
    for k in range(len(of.frequency)):
        yield {
            "track": track.curves.name,
            "frequency": of.frequency[k],
            "frequency_low": of.lowest[k],
            "frequency_high": of.highest[k],
            "power": of.power[k],
            "power_low": of.low[k],
            "power_high": of.high[k],
            "model": of.model[k],
            "noise": of.noise[k],
            "n": int(of.number[k]),
        }


def _all_spectra(rows: Sequence[Mapping[str, Any]], law: PowerLaw) -> Iterable[dict[str, Any]]:
    """The mean over tracks in bins of an eighth of a decade, weighted by their frequencies."""
    known = [row for row in rows if np.isfinite(row["power"]) and row["power_low"] > 0]
    labels = [int(np.floor(8 * np.log10(row["frequency"]))) for row in known]
    for label in sorted(set(labels)):
        part = [row for row, of in zip(known, labels, strict=True) if of == label]
        weight = np.array([row["n"] for row in part], float)
        weight /= weight.sum()

        def mean(name: str, part: Any = part, weight: Any = weight) -> float:
            return float(np.exp(weight @ np.log([row[name] for row in part])))

        power, frequency = mean("power"), mean("frequency")
        # half-widths of ln P, independent from track to track
        widths = {
            end: np.array([np.log(row[end] / row["power"]) for row in part])
            for end in ("power_low", "power_high")
        }
        below, above = (float(np.sqrt(np.sum((weight * w) ** 2))) for w in widths.values())
        yield {
            "track": CAMPAIGN,
            "frequency": frequency,
            "frequency_low": min(row["frequency_low"] for row in part),
            "frequency_high": max(row["frequency_high"] for row in part),
            "power": power,
            "power_low": power * np.exp(-below),
            "power_high": power * np.exp(above),
            "model": law.amplitude * (frequency / REFERENCE) ** -law.slope,
            "noise": mean("noise"),
            "n": int(sum(row["n"] for row in part)),
        }


def red_noise_table(study: CampaignStudy) -> Table:
    """Power law and damped random walk of each track, and of all."""
    rows = []
    for track in study.tracks:
        total = track.curves.total
        rows.append(
            {
                "track": track.curves.name,
                "bins": len(total),
                "bin": total.interval,
                "covered": total.covered / HOUR,
                "mean": total.mean,
                **_law(track.law),
                "p_value": track.spectrum.p_value,
                **_slow_law(track.slow.law if track.slow else None),
                **_walk(track.walk),
            }
        )
    if len(study.tracks) > 1:
        totals = [track.curves.total for track in study.tracks]
        rows.append(
            {
                "track": CAMPAIGN,
                "bins": sum(map(len, totals)),
                "bin": max(total.interval for total in totals),
                "covered": sum(total.covered for total in totals) / HOUR,
                "mean": float(np.mean([total.mean for total in totals])),
                **_law(study.law),
                "p_value": float(combine_pvalues([t.spectrum.p_value for t in study.tracks])[1]),
                **_slow_law(study.slow),
                **_walk(study.walk),
            }
        )
    table = _table(rows, RED_NOISE)
    table.meta["slow_bin_s"] = SLOW_BIN
    table.meta[LEFT_OUT] = {
        name: f"left out, as {reason}" for name, reason in study.left_out.items()
    }
    return table


def _law(law: PowerLaw) -> dict[str, Any]:
    names = ("slope", "slope_low", "slope_high", "amplitude", "amplitude_low", "amplitude_high")
    return {"detected": law.detected, **{name: getattr(law, name) for name in names}}


def _slow_law(law: PowerLaw | None) -> dict[str, float]:
    names = ("slope", "slope_low", "slope_high")
    return {f"slow_{name}": getattr(law, name) if law else NAN for name in names}


def _walk(walk: DampedWalk) -> dict[str, Any]:
    hours = ("timescale", "timescale_low", "timescale_high")
    others = ("deviation", "deviation_low", "deviation_high")
    short = ("short_term", "short_term_low", "short_term_high")
    return {
        **{name: getattr(walk, name) / HOUR for name in hours},
        "timescale_limit": walk.limit,
        **{name: getattr(walk, name) for name in (*others, *short)},
        "walk_bin": walk.interval,
    }


def periods_table(study: CampaignStudy) -> Table:
    """The strongest period of each track's Stokes I, and how likely chance makes as strong."""
    rows = [
        {"track": track.curves.name, **_period(track.period or NO_PERIOD)} for track in study.tracks
    ]
    return _with_reasons(_table(rows, PERIODS), study, no_period)


def _with_reasons(table: Table, study: CampaignStudy, reason: Callable[[TrackStudy], str]) -> Table:
    """Put into the meta why there is nothing of a track."""
    reasons = {track.curves.name: reason(track) for track in study.tracks}
    table.meta[LEFT_OUT] = {name: text for name, text in reasons.items() if text}
    return table


def _period(period: Period) -> dict[str, Any]:
    return {
        "period": period.period / 60,
        "period_err": period.period_err / 60,
        "amplitude": period.amplitude,
        "amplitude_err": period.amplitude_err,
        "gain": period.gain,
        "false_alarm": period.false_alarm,
    }


def loops_table(study: CampaignStudy) -> Table:
    """How the polarisation of each track turns; and of all, without a period."""
    rows = [
        {
            "track": track.curves.name,
            "steps": loops.steps,
            **{
                name: getattr(loops, name)
                for name in ("rate", "rate_err", "clockwise", "clockwise_err", "p_value")
            },
            "slope": loops.law.slope,
            "sense": loops.turning.sense if loops.turning else 0,
            **_period(loops.turning or NO_PERIOD),
            "gain_opposite": loops.turning.opposite if loops.turning else NAN,
        }
        for track in study.tracks
        if (loops := track.loops) is not None
    ]
    moving = [of for track in study.tracks if (of := track.loops) and of.law.detected]
    if len(moving) > 1:
        rows.append({"track": CAMPAIGN, **_all_loops(moving)})
    return _with_reasons(_table(rows, LOOPS), study, no_loops)


def _all_loops(loops: Sequence[Loops]) -> dict[str, Any]:
    """Weighted means over tracks: of rates by their errors, of shares by the tracks' lengths.

    How probable the share is without a preferred sense is Stouffer's, of the tracks' own p-values
    on the sides on which their shares lie.
    """
    rate, rate_err, share, share_err, p_value, steps = (
        np.array([getattr(of, name) for of in loops], float)
        for name in ("rate", "rate_err", "clockwise", "clockwise_err", "p_value", "steps")
    )
    precise, long = rate_err**-2 / np.sum(rate_err**-2), steps / steps.sum()
    sides = np.sign(share - 0.5) * norm.isf(np.minimum(p_value, 1) / 2)
    return {
        "steps": int(steps.sum()),
        "rate": float(precise @ rate),
        "rate_err": float(np.sqrt(np.sum((precise * rate_err) ** 2))),
        "clockwise": float(long @ share),
        "clockwise_err": float(np.sqrt(np.sum((long * share_err) ** 2))),
        "p_value": float(2 * norm.sf(abs(long @ sides) / np.sqrt(np.sum(long**2)))),
        "slope": NAN,
        "sense": 0,
        **_period(NO_PERIOD),
        "gain_opposite": NAN,
    }


def lags_table(study: CampaignStudy) -> Table:
    """Lags of pairs of spws of each track; of all, weighted means, where several have the pair."""
    rows = [
        {
            "track": track.curves.name,
            "spw_1": pair[0],
            "spw_2": pair[1],
            **vars(lag),
            "chi2": np.nan,
            "p_value": np.nan,
        }
        for track in study.tracks
        for pair, lag in track.lags.items()
    ]
    for pair in sorted({pair for track in study.tracks for pair in track.lags}):
        of = [track.lags[pair] for track in study.tracks if pair in track.lags]
        if len(of) > 1:
            rows.append({"track": CAMPAIGN, "spw_1": pair[0], "spw_2": pair[1], **_mean_lag(of)})
    table = _table(rows, LAGS)
    return _with_reasons(table, study, no_lags)


def _mean_lag(lags: Sequence[Lag]) -> dict[str, float]:
    """Weighted means over tracks; the reduced chi-square of their lags, and how probable it is."""
    found: dict[str, float] = {}
    square = NAN
    for name in ("lag", "excess"):
        values, errors = (
            np.array([getattr(lag, field) for lag in lags]) for field in (name, f"{name}_err")
        )
        weight = errors**-2
        found |= {name: float(weight @ values / weight.sum())}
        found |= {f"{name}_err": float(weight.sum() ** -0.5)}
        if name == "lag":
            square = float(weight @ (values - found["lag"]) ** 2)
    degrees = len(lags) - 1
    return {**found, "chi2": square / degrees, "p_value": float(chi2.sf(square, degrees))}


def spectra_table(study: CampaignStudy) -> Table:
    """Spectral index and rotation measure against time and flux, a row for each bin."""
    rows = []
    for track in study.tracks:
        of = track.spectra
        for k in range(0 if of is None else len(of.time)):
            assert of is not None
            if np.isfinite(of.index[k]) or np.isfinite(of.rotation[k]):
                rows.append(
                    {
                        "track": track.curves.name,
                        "mjd": of.time[k] / SECONDS_PER_DAY,
                        "flux": of.flux[k],
                        "flux_err": of.flux_err[k],
                        "spectral_index": of.index[k],
                        "spectral_index_err": of.index_err[k],
                        "rotation_measure": of.rotation[k],
                        "rotation_measure_err": of.rotation_err[k],
                    }
                )
    return _table(rows, SPECTRA, exact=("mjd",))


def trends_table(study: CampaignStudy) -> Table:
    """How the spectral index goes with the flux, and the rotation measure with time, by track."""
    rows = []
    for track in study.tracks:
        if track.spectra is not None:
            index, rotation = track.spectra.index_fit, track.spectra.rotation_fit
            rows.append(
                {
                    "track": track.curves.name,
                    **_trend(index, "spectral_index", "index_with_flux", "index_spread"),
                    **_trend(rotation, "rotation_measure", "rotation_per_hour", "rotation_spread"),
                    "rotation_per_degree": track.spectra.per_degree,
                }
            )
    return _with_reasons(_table(rows, TRENDS), study, no_trends)


def _trend(fit: Any, mean: str, slope: str, spread: str) -> dict[str, float]:
    values = [np.nan] * 6
    if fit is not None:
        coefficients = zip(fit.coefficients, fit.errors, strict=True)
        values = [float(value) for pair in coefficients for value in pair]
        values += [fit.deviation, fit.deviation_high]
    names = (mean, f"{mean}_err", slope, f"{slope}_err", spread, f"{spread}_high")
    return dict(zip(names, values, strict=True))


def _table(rows: Sequence[Mapping[str, Any]], columns: Columns, exact: Sequence[str] = ()) -> Table:
    """Table with its columns even where there is no row, numbers rounded to six digits."""
    table = Table()
    for name in columns:
        values = [row[name] if name in exact else six_digits(row[name]) for row in rows]
        kind = {"track": str, "timescale_limit": str}.get(name)
        table[name] = np.array(values, dtype=kind if kind or values else float)
    return described(table, columns)
