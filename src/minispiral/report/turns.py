"""The turns of fluxes and sky in words: what stopped them, and what to do where nothing did."""

from collections.abc import Iterator

from astropy.table import Table

from minispiral.sky.history import ALL_TRACKS, CONVERGED, GOING_ON
from minispiral.sky.turns import TOLERANCE


def turns_in_words(table: Table | None) -> list[str]:
    """Return a sentence for each sky and iteration: what stopped its turns."""
    return [
        f"{_whose(row)}: {_what(row)}; chi-square of the averages in time is {row['chi2']:.2f}."
        for row in _last_turns(table)
    ]


def unfinished_turns(table: Table | None) -> list[str]:
    """Return a warning for each sky whose last iteration ended before its fluxes had settled."""
    rows = list(_last_turns(table))
    last = max((row["iteration"] for row in rows), default=0)
    return [
        f"{_whose(row)}: {_what(row)}: raise model.turns"
        for row in rows
        if row["iteration"] == last and row["stopped"] != CONVERGED
    ]


def _last_turns(table: Table | None) -> Iterator[Table.Row]:
    """Yield the row of each sky and iteration with which its turns stopped."""
    for row in [] if table is None else table:
        if row["stopped"] != GOING_ON:
            yield row


def _whose(row: Table.Row) -> str:
    track = str(row["track"])
    sky = "Sky of all tracks" if track == ALL_TRACKS else f"Sky of track {track}"
    return f"{sky}, iteration {row['iteration']}" if row["iteration"] else sky


def _what(row: Table.Row) -> str:
    turn, allowed, change = int(row["turn"]), int(row["turns_allowed"]), float(row["change"])
    if row["stopped"] == CONVERGED:
        return (
            f"turns stopped after {turn} of at most {allowed}: fluxes changed by {change:.2g} of "
            f"their errors (limit {TOLERANCE:g})"
        )
    if turn == 1:
        return (
            "one turn is all that is allowed, so that it is not known whether fluxes still change"
        )
    return (
        f"turns ended after the {allowed} that are allowed, though fluxes still changed by "
        f"{change:.2g} of their errors (limit {TOLERANCE:g}), most in track {row['changed_most']}"
    )
