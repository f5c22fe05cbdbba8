"""What was found, in words, with how sure it is.

Each sentence is about one question and follows from the tables of `minispiral.science.tables`
alone, so that a page can be made of these.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from astropy.table import Row, Table

from minispiral.io.tables import CAMPAIGN
from minispiral.measures.units import with_error
from minispiral.science.transient_table import SEARCHES

SURE = 0.01  # a probability of chance below which something is taken for found
HINT = 0.05
LARGEST_MISFIT = 0.01  # p-value below which a power law does not describe a curve
RM = 1e5  # rad/m^2, that rotation measures are given in
BACK_AND_FORTH = (
    0.4  # share of the gain that the other sense has, where a curve swings back and forth
)
MINUTES_A_DAY = 1440
SIGMAS = 3.0  # beyond which a lag or a slope is said to be there


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
        "Between spectral windows": _between(tables.lags, tables.trends),
        "Transients": [] if tables.transients is None else _transients(tables.transients),
    }
    said = ((topic, list(sentences)) for topic, sentences in topics.items())
    return [Finding(topic, sentences) for topic, sentences in said if sentences]


def _who(row: Row | Mapping[str, str]) -> str:
    name = str(row["track"])
    return "All tracks together" if name == CAMPAIGN else f"Track {name}"


def _signed(value: float, error: float) -> str:
    """A change with its error and its sign: ``+0.06 ± 0.07``."""
    return f"{'+' if value >= 0 else ''}{with_error(value, error)}"


def _interval(row: Row, name: str, write: str = "{:.2g}") -> str:
    """A value with its 68 % interval, as ``2.3 (2.1 to 2.6)``."""
    value, low, high = (write.format(row[n]) for n in (name, f"{name}_low", f"{name}_high"))
    return f"{value} ({low} to {high})"


def _red_noise(table: Table) -> Iterator[str]:
    for row in table:
        if not row["detected"]:
            yield f"{_who(row)}: the flux does not vary by more than its errors."
            continue
        text = f"{_who(row)}: power falls with frequency as 1/f to the power of "
        text += f"{_interval(row, 'slope', '{:.2f}')}, 68 % credible"
        if row["p_value"] < LARGEST_MISFIT:
            text += (
                f"; but a power law does not describe it (p = {row['p_value']:.2g}), so that the "
                "interval is too narrow"
            )
        yield f"{text}. {_timescale(row)}"


def _timescale(row: Row) -> str:
    if row["timescale_limit"] == "lower":
        return (
            f"As a damped random walk it has a timescale of more than {row['timescale']:.2g} h "
            "(95 %): the track is too short to say more."
        )
    if row["timescale_limit"] == "upper":
        return (
            "As a damped random walk it has a timescale of at most "
            f"{60 * row['timescale']:.2g} min (95 %)."
        )
    if not np.isfinite(row["timescale"]):
        return "A damped random walk does not describe it."
    return (
        f"As a damped random walk it has a timescale of {_interval(row, 'timescale')} h and a "
        f"relative standard deviation of {_interval(row, 'deviation')}, 95 % credible."
    )


def _sure(probability: float) -> str:
    if probability < SURE:
        return "found"
    return "a hint" if probability < HINT else "chance makes as much"


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
            f"with a probability of {any_of_all:.2g}."
        )


def _loops(table: Table) -> Iterator[str]:
    for row in table:
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


def _between(lags: Table, trends: Table) -> Iterator[str]:
    names = set(lags["track"])
    of = lags[np.asarray(lags["track"]) == CAMPAIGN] if CAMPAIGN in names else lags
    pulls = np.abs(np.asarray(of["lag"]) / np.asarray(of["lag_err"])) if len(of) else np.zeros(0)
    if len(of):
        k = int(np.argmax(pulls))
        row = of[k]
        text = (
            f"{_who(row)}: the most significant of {len(of)} lags is that of spw {row['spw_2']} "
            f"behind spw {row['spw_1']}, {with_error(row['lag'], row['lag_err'])} s"
        )
        yield f"{text}{'.' if pulls[k] > SIGMAS else ': none is found.'}"
    for row in trends:
        parts = []
        if np.isfinite(row["spectral_index"]):
            parts.append(
                "the spectral index is "
                f"{with_error(row['spectral_index'], row['spectral_index_err'])} and changes by "
                f"{_signed(row['index_with_flux'], row['index_with_flux_err'])} for a flux twice "
                "as large"
                f"{_whether(row['index_with_flux'], row['index_with_flux_err'])}"
            )
        if np.isfinite(row["rotation_measure"]):
            mean, mean_err, slope, slope_err = (
                row[name] / RM
                for name in (
                    "rotation_measure",
                    "rotation_measure_err",
                    "rotation_per_hour",
                    "rotation_per_hour_err",
                )
            )
            parts.append(
                f"the rotation measure is ({with_error(mean, mean_err)})e5 rad/m2 and changes by "
                f"({_signed(slope, slope_err)})e5 rad/m2 an hour{_whether(slope, slope_err)}"
            )
        if parts:
            yield f"{_who(row)}: {'; '.join(parts)}."


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
