"""What was found, in words, with how sure it is.

Each sentence is about one question and follows from the tables of `minispiral.science.tables`
alone, so that a page can be made of these.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from astropy.table import Row, Table
from scipy.stats import norm

from minispiral.io.tables import CAMPAIGN, LEFT_OUT
from minispiral.measures.units import with_error
from minispiral.science.transient_table import SEARCHES

SURE = 0.01  # a probability of chance below which something is taken for found
HINT = 0.05
LARGEST_MISFIT = 0.01  # p-value below which a power law does not describe a curve
WALK_SLOPE = 2.0  # of a damped random walk within its timescale
RM = 1e5  # rad/m^2, that rotation measures are given in
BACK_AND_FORTH = (
    0.4  # share of the gain that the other sense has, where a curve swings back and forth
)
MINUTES_A_DAY = 1440
SIGMAS = 3.0  # beyond which a slope is said to be there
DIFFERENT = 2.0  # standard deviations between slopes that are said to differ


@dataclass(frozen=True)
class Tables:
    """The tables that findings are read from."""

    red_noise: Table
    periods: Table
    loops: Table
    lags: Table
    trends: Table
    transients: Table | None = None


@dataclass(frozen=True)
class Finding:
    """What is said about a question: the `topic`, and its `sentences`."""

    topic: str
    sentences: list[str]


def findings(tables: Tables) -> list[Finding]:
    """Everything that can be said, by topic."""
    topics = {
        "Red noise": _red_noise(tables.red_noise),
        "Periods": _periods(tables.periods),
        "Loops": _loops(tables.loops),
        "Between spectral windows": _between(tables.lags, tables.trends, tables.red_noise),
        "Transients": [] if tables.transients is None else _transients(tables.transients),
    }
    said = ((topic, list(sentences)) for topic, sentences in topics.items())
    return [Finding(topic, sentences) for topic, sentences in said if sentences]


def _who(row: Row | Mapping[str, str]) -> str:
    name = str(row["track"])
    return "All tracks together" if name == CAMPAIGN else f"Track {name}"


def _why_not(table: Table) -> Iterator[str]:
    """Say why there is nothing of some tracks, those of the same reason together."""
    tracks_of: dict[str, list[str]] = {}
    for name, reason in table.meta.get(LEFT_OUT, {}).items():
        tracks_of.setdefault(reason, []).append(str(name))
    for reason, names in tracks_of.items():
        who = "Tracks" if len(names) > 1 else "Track"
        yield f"{who} {', '.join(names)}: {reason}."


def _signed(value: float, error: float) -> str:
    """A change with its error and its sign: ``+0.06 ± 0.07``."""
    return f"{'+' if value >= 0 else ''}{with_error(value, error)}"


def _interval(row: Row, name: str, write: str = "{:.2g}") -> str:
    """A value with its interval, as ``2.3 (2.1 to 2.6)``."""
    value, low, high = (write.format(row[n]) for n in (name, f"{name}_low", f"{name}_high"))
    return f"{value} ({low} to {high})"


def _red_noise(table: Table) -> Iterator[str]:
    for row in table:
        if not row["detected"]:
            yield f"{_who(row)}: the flux does not vary by more than its errors."
            continue
        text = (
            f"{_who(row)}: the power of the variability falls with frequency f as f^-b, with b = "
            f"{_interval(row, 'slope', '{:.2f}')}"
        )
        if row["p_value"] < LARGEST_MISFIT:
            text += (
                f"; but a power law does not describe it (p = {row['p_value']:.2g}), so that the "
                "interval is too narrow"
            )
        yield f"{text}.{_slow_slope(row, table.meta['slow_bin_s'])} {_timescale(row)}"
    yield from _why_not(table)


def _slow_slope(row: Row, seconds: float) -> str:
    """What the slope is where the fastest changes are averaged out, and whether it differs."""
    slow = row["slow_slope"]
    if not np.isfinite(slow):
        return ""
    difference = float(row["slope"] - slow)
    error = np.hypot(_half(row, "slope"), _half(row, "slow_slope"))
    text = (
        f" On timescales beyond {2 * seconds / 60:g} min alone, b = "
        f"{_interval(row, 'slow_slope', '{:.2f}')}"
    )
    if abs(difference) <= DIFFERENT * error:
        return f"{text}."
    where = "steeper" if difference > 0 else "flatter"
    return f"{text}: on shorter ones the spectrum is {where}, and one power law is not all of it."


def _half(row: Row, name: str) -> float:
    return float(row[f"{name}_high"] - row[f"{name}_low"]) / 2


def _timescale(row: Row) -> str:
    if not np.isfinite(row["timescale"]):
        if np.isfinite(row["short_term"]):
            return "As a damped random walk it may have any timescale."
        return "A damped random walk says nothing of it."
    if row["timescale_limit"] == "lower":
        text = (
            f"As a damped random walk it has a timescale of more than {row['timescale']:.2g} h "
            "(95 %): it was not watched for long enough to say more."
        )
    elif row["timescale_limit"] == "upper":
        text = (
            "As a damped random walk it has a timescale of less than "
            f"{60 * row['timescale']:.2g} min (95 %)."
        )
    else:
        text = (
            f"As a damped random walk it has a timescale of {_interval(row, 'timescale')} h and a "
            f"relative standard deviation of {_interval(row, 'deviation')}; both intervals are of "
            "95 %."
        )
    # the slope of the bins that the walk was compared with
    slope = "slope" if row["walk_bin"] <= row["bin"] else "slow_slope"
    if row[slope] - DIFFERENT * _half(row, slope) > WALK_SLOPE:
        text += (
            f" Such a walk has b = {WALK_SLOPE:g} at most, and this curve is smoother, so that its "
            "timescale may be shorter than that."
        )
    return text


def _sure(probability: float) -> str:
    if probability < SURE:
        return "found"
    return "a hint" if probability < HINT else "no more than chance makes"


def _periods(table: Table) -> Iterator[str]:
    known = table[np.isfinite(np.asarray(table["false_alarm"], float))]
    for row in known:
        yield (
            f"{_who(row)}: the strongest period in Stokes I is {row['period']:.3g} min, "
            f"{100 * row['amplitude']:.2g} % of the flux; red noise makes as strong a one with a "
            f"probability of {row['false_alarm']:.2g}: {_sure(row['false_alarm'])}."
        )
    if len(known) > 1:
        least = float(np.min(known["false_alarm"]))
        any_of_all = 1 - (1 - least) ** len(known)
        yield (
            f"In one of {len(known)} tracks, chance makes as strong a one as the strongest of all "
            f"with a probability of {any_of_all:.2g}: {_sure(any_of_all)}."
        )
    yield from _why_not(table)


def _loops(table: Table) -> Iterator[str]:
    for row in table:
        if str(row["track"]) in table.meta[LEFT_OUT]:
            continue  # of noise alone
        way = "clockwise" if row["clockwise"] > 0.5 else "counter-clockwise"
        share = max(row["clockwise"], 1 - row["clockwise"])
        text = (
            f"{_who(row)}: Q and U turn at {_signed(row['rate'], row['rate_err'])} deg/min "
            f"(negative is clockwise), {way} for {100 * share:.0f} ± "
            f"{100 * row['clockwise_err']:.0f} % of the time; noise without a preferred sense does "
            f"so with a probability of {row['p_value']:.2g}: {_sure(row['p_value'])}."
        )
        if np.isfinite(row["false_alarm"]) and row["false_alarm"] < HINT:
            sense = "counter-clockwise" if row["sense"] > 0 else "clockwise"
            how = f"turns {sense} once in"
            if row["gain_opposite"] > BACK_AND_FORTH * row["gain"]:
                how = "swings back and forth, rather than turning, once in"
            text += (
                f" A component of {with_error(1e3 * row['amplitude'], 1e3 * row['amplitude_err'])} "
                f"mJy {how} {with_error(row['period'], row['period_err'])} min, "
                f"which chance makes with a probability of {row['false_alarm']:.2g}: "
                f"{_sure(row['false_alarm'])}."
            )
        yield text
    yield from _why_not(table)


def _between(lags: Table, trends: Table, red_noise: Table) -> Iterator[str]:
    hours = {str(row["track"]): float(row["covered"]) for row in red_noise}
    yield from _lags(lags)
    for row in trends:
        parts = []
        if np.isfinite(row["spectral_index"]):
            parts.append(
                "the spectral index is "
                f"{with_error(row['spectral_index'], row['spectral_index_err'])} and changes by "
                f"{_signed(row['index_with_flux'], row['index_with_flux_err'])} for a flux twice "
                f"as large{_whether(row['index_with_flux'], row['index_with_flux_err'])}; beside "
                f"that it varies by less than {row['index_spread_high']:.2g} (95 %)"
            )
        if np.isfinite(row["rotation_measure"]):
            mean, mean_err, slope, slope_err, spread, per_degree = (
                row[name] / RM
                for name in (
                    "rotation_measure",
                    "rotation_measure_err",
                    "rotation_per_hour",
                    "rotation_per_hour_err",
                    "rotation_spread_high",
                    "rotation_per_degree",
                )
            )
            parts.append(
                f"the rotation measure is ({with_error(mean, mean_err)})e5 rad/m2 and changes by "
                f"({_signed(slope, slope_err)})e5 rad/m2 an hour{_whether(slope, slope_err)}"
                f"{_by_feeds(slope, slope_err, per_degree, hours[str(row['track'])])}; beside "
                f"that it varies by less than {spread:.2g}e5 rad/m2 (95 %)"
            )
        if parts:
            yield f"{_who(row)}: {'; '.join(parts)}."
    yield from _why_not(trends)
    if len(trends):
        text = (
            "These errors are of noise: those of the flux scales of spectral windows move the mean "
            "index of a track"
        )
        if np.isfinite(largest := _largest(trends)):
            text += (
                "; those of the feeds, which turn with the parallactic angle, move the rotation "
                f"measure by {largest / RM:.2g}e5 rad/m2 for each degree in EVPA"
            )
        yield f"{text}."


def _lags(lags: Table) -> Iterator[str]:
    names = set(lags["track"])
    of = lags[np.asarray(lags["track"]) == CAMPAIGN] if CAMPAIGN in names else lags
    for who in dict.fromkeys(map(str, of["track"])):
        rows = of[np.asarray(of["track"]) == who]
        pulls = np.abs(np.asarray(rows["lag"]) / np.asarray(rows["lag_err"]))
        row = rows[int(np.argmax(pulls))]
        # the pairs share windows, so that chance makes it less often than that
        chance = 1 - (1 - 2 * norm.sf(pulls.max())) ** len(rows)
        order = "behind" if row["lag"] > 0 else "ahead of"
        yield (
            f"{_who(row)}: of {len(rows)} lags the most significant is that spw {row['spw_2']} is "
            f"{with_error(abs(row['lag']), row['lag_err'])} s {order} spw {row['spw_1']}; without "
            f"any lag there is as significant a one with a probability of {chance:.2g}: "
            f"{_sure(chance)}."
        )
        known = np.asarray(rows["p_value"], float)
        if np.isfinite(known).any():
            least = rows[int(np.nanargmin(known))]
            among = 1 - (1 - least["p_value"]) ** len(rows)
            if among < SURE:
                yield (
                    f"From track to track the lag between spws {least['spw_1']} and "
                    f"{least['spw_2']} differs by more than its errors (p = {among:.2g})."
                )
            else:
                yield f"From track to track, lags agree within their errors (p = {among:.2g})."
    yield from _why_not(lags)


def _largest(trends: Table) -> float:
    """By how much an error of 1 deg moves the rotation measure of a track, rad/m^2, at most."""
    known = np.asarray(trends["rotation_per_degree"], float)
    known = known[np.isfinite(known)]
    return float(known.max()) if len(known) else np.nan


def _by_feeds(slope: float, error: float, per_degree: float, hours: float) -> str:
    """Of a change that is there, how large errors of feeds would be that make as much."""
    if abs(slope) <= SIGMAS * error:
        return ""
    # a line that rises by a in all has an rms of a / sqrt(12)
    degrees = abs(slope) * hours / np.sqrt(12) / per_degree
    return f", which feeds with errors of {degrees:.2g} deg in EVPA would make as well"


def _whether(value: float, error: float) -> str:
    return (
        "" if abs(value) > SIGMAS * error else ", which does not differ from zero within its errors"
    )


def _transients(table: Table) -> Iterator[str]:
    for row in table:
        minutes = (row["mjd_end"] - row["mjd_begin"]) * MINUTES_A_DAY
        yield (
            f"{_who(row)}: a transient of {with_error(1e3 * row['flux'], 1e3 * row['flux_err'])} "
            f"mJy at {row['east']:+.1f}, {row['north']:+.1f} arcsec, seen for {minutes:.0f} min at "
            f"most; chance is expected to make {row['false_alarms']:.1g} of these."
        )
    for name, search in table.meta[SEARCHES].items():
        if name in set(table["track"]):
            continue
        if not search["snapshots"]:
            yield f"Track {name} is too short to look for transients."
            continue
        limits = ", ".join(
            f"{1e3 * search['threshold'] * noise:.2g} mJy for {float(seconds) / 60:g} min"
            for seconds, noise in search["noise_jy"].items()
        )
        yield (
            f"Track {name}: no transient is found; in the field's centre, one of {limits} would be."
        )
