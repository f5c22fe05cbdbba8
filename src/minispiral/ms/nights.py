"""Executions of a night joined into one measurement set, as if they had been one observation.

Name and station identify an antenna. It has one number in the whole, whatever its numbers in the
parts, and may come and go. A part that lacks correlations of others has them flagged in the whole.
Each execution has rows of OBSERVATION of its own, and scan numbers stay as they are, so that both
together distinguish scans. A spw that all parts have is one spw, with the frequency of the first
part. u, v, w of the others are scaled by the ratio of frequencies, so that they are right in
wavelengths.

CASA's concat takes executions whose rows of OBSERVATION are alike for one, and copies row by row.
Call this inside `minispiral.casa.session`.
"""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.ms.inspection import Inspection
from minispiral.ms.integrations import read_integrations
from minispiral.ms.joining import IDS, NewIds, append
from minispiral.ms.shapes import copy_empty, copy_subtables
from minispiral.ms.split import split_spw
from minispiral.ms.windows import BLOCK_ROWS, Window, has_values, same_hands, spectral_windows

# channels of a spw agree between executions if their centres do to this share of their width
SAME_CHANNELS = 0.1
# weights of each channel, and what they are where a part has none
OF_CHANNELS = {"WEIGHT_SPECTRUM": "WEIGHT", "SIGMA_SPECTRUM": "SIGMA"}
# columns by correlation
BY_CORRELATION = ("DATA", "FLAG", "WEIGHT", "SIGMA", *OF_CHANNELS)
ANTENNAS, FEEDS = ("ANTENNA1", "ANTENNA2"), ("FEED1", "FEED2")
# subtables whose rows are kept apart for each execution, by the column that refers to them
SUBTABLES = {
    "STATE_ID": "STATE",
    "OBSERVATION_ID": "OBSERVATION",
    "PROCESSOR_ID": "PROCESSOR",
}

AntennaKey = tuple[str, str, int]  # name, station, how many of the same come before in its table


@dataclass(frozen=True)
class Part:
    """How a part's rows are put into the whole.

    `ids`, new ones of old ones by column; `antennas`, the new number of each; `stretch`, the factor
    of u, v, w, and `correlations`, those of the whole, by the part's spw.
    """

    ids: NewIds
    antennas: np.ndarray
    stretch: Mapping[int, float]
    correlations: dict[int, tuple[str, ...]]


def antenna_keys(ms: str | Path) -> list[AntennaKey]:
    """Name and station of each antenna of a measurement set, in its order."""
    with casa.table(f"{ms}/ANTENNA") as table:
        rows = range(table.nrows())
        names = [tuple(str(table.getcell(k, row)) for k in ("NAME", "STATION")) for row in rows]
    seen: Counter[tuple[str, ...]] = Counter()
    keys = []
    for name, station in names:
        keys.append((name, station, seen[name, station]))
        seen[name, station] += 1
    return keys


def night_names(sets: Sequence[Sequence[AntennaKey]]) -> dict[AntennaKey, str]:
    """Names of the antennas of a night, in order; with its station where one was at several.

    Parameters
    ----------
    sets : as `antenna_keys` has them, of each measurement set
    """
    keys = list(dict.fromkeys(key for of_set in sets for key in of_set))
    count = Counter(name for name, *_ in keys)
    return {key: f"{key[0]}@{key[1]}" if count[key[0]] > 1 else key[0] for key in keys}


def observations(ms: str | Path, field_id: int, spw: int) -> np.ndarray:
    """Ids of the observations that have cross-correlations of a field in a spw, ascending."""
    ids = spectral_windows(ms, field_id)[spw].ids
    wanted = f"FIELD_ID == {field_id} && ANTENNA1 != ANTENNA2 && DATA_DESC_ID IN {ids}"
    with casa.table(ms) as table, casa.selected(table, wanted) as chosen:
        found: np.ndarray = np.unique(chosen.getcol("OBSERVATION_ID"))
    return found


def has_rows(ms: str | Path) -> bool:
    """Whether a part has data: one that stands for a spw that its execution has not has none."""
    with casa.table(ms) as table:
        return bool(table.nrows())


def split_nothing(
    ms: str | Path, output: str | Path, inspection: Inspection, data_column: str
) -> None:
    """Write the split of an execution that has not the spw in question: subtables, and no rows.

    So all spws of a night have the same antennas and observations. A spw that it has is split, in
    the session's scratch folder.
    """
    other = Path("other_spw.ms").resolve()
    split_spw(ms, other, inspection, inspection.spws[0].spw, data_column)
    with casa.table(other) as table:
        table.copy(str(output), deep=True, valuecopy=True, norows=True).close()
    copy_subtables(other, output)


def interval_of(ms: str | Path) -> float:
    """Length of the integrations of a measurement set of one spw, s."""
    with casa.table(ms) as table:
        return read_integrations(table).interval


def join_executions(parts: Sequence[str | Path], output: str | Path) -> None:
    """Join executions, each with its spws in the same order, and one field.

    A spw of which a part has other channels is appended, so that the whole may have more spws.

    Parameters
    ----------
    parts : some may have no rows, but not the first, whose ids of antennas and spws are those of
        the whole; subtables about weather,
        pointing and the like are the first's alone
    """
    filled = [ms for ms in parts if has_rows(ms)]
    with casa.table(_richest(filled)) as table:
        copy_empty(table, parts[0], output)
    for richer in filled[1:]:
        _take_correlations(output, richer)
    names = night_names([antenna_keys(ms) for ms in parts])
    numbers = {key: number for number, key in enumerate(names)}
    places = [_first_part(parts[0], output)]
    places += [_add_subtables(output, ms, numbers) for ms in parts[1:]]
    with casa.table(f"{output}/ANTENNA", writable=True) as table:
        table.putcol("NAME", list(names.values()))
    pairs = [pair for pair in zip(parts, places, strict=True) if pair[0] in filled]
    in_time = sorted(pairs, key=lambda pair: _begin(pair[0]))
    for number, (ms, part) in enumerate(in_time, start=1):
        for spw, window in spectral_windows(ms).items():
            rows = max(1, BLOCK_ROWS // window.channels)
            work = f"join execution {number} of {len(in_time)}, spw {spw}"
            with (
                casa.table(output, writable=True) as joined,
                casa.table(ms) as main,
                casa.selected(main, f"DATA_DESC_ID IN {window.ids}") as table,
            ):
                columns = set(joined.colnames())
                changed = partial(_changed, table, columns, part, spw, window, rows)
                append(joined, table, changed, work, part.ids, rows)


def _richest(parts: Sequence[str | Path]) -> str | Path:
    """The part with the most columns, up to which others are filled."""

    def filled(ms: str | Path) -> int:
        with casa.table(ms) as table:
            return sum(has_values(table, name) for name in table.colnames())

    return max(parts, key=filled)


def _begin(ms: str | Path) -> float:
    with casa.table(ms) as table:
        return float(np.min(table.getcol("TIME")))


def _same_ids(ms: str | Path) -> NewIds:
    with casa.table(ms) as table:
        return {name: {k: k for k in np.unique(table.getcol(name)).tolist()} for name in IDS}


def _take_correlations(output: str | Path, ms: str | Path) -> None:
    """Describe the spws of the whole by the correlations of a part that has more of them."""
    theirs = spectral_windows(ms).values()
    for window in spectral_windows(output).values():
        own = next((other for other in theirs if _is_same(window, other)), window)
        if not set(own.correlations) > set(window.correlations):
            continue
        with casa.table(f"{ms}/DATA_DESCRIPTION") as table:
            row = int(table.getcell("POLARIZATION_ID", own.ids[0]))
        row = _append_rows(output, ms, "POLARIZATION", [row])
        with casa.table(f"{output}/DATA_DESCRIPTION", writable=True) as table:
            for description in window.ids:
                table.putcell("POLARIZATION_ID", description, row)


def _first_part(ms: str | Path, output: str | Path) -> Part:
    stretch = dict.fromkeys(spectral_windows(ms), 1.0)
    antennas = np.arange(len(antenna_keys(ms)), dtype=np.int32)
    correlations = {spw: w.correlations for spw, w in spectral_windows(output).items()}
    return Part(_same_ids(ms), antennas, stretch, correlations)


def _add_subtables(output: str | Path, ms: str | Path, numbers: Mapping[AntennaKey, int]) -> Part:
    """Add what a further part has of its own to the subtables of the whole."""
    antennas = np.array([numbers[key] for key in antenna_keys(ms)], np.int32)
    known = len(antenna_keys(output))
    new = {row: number for row, number in enumerate(antennas.tolist()) if number >= known}
    _append_rows(output, ms, "ANTENNA", list(new))
    filled = has_rows(ms)
    spws, descriptions, stretch = _add_windows(output, ms) if filled else ({}, {}, {})
    of_whole = spectral_windows(output)
    correlations = {spw: of_whole[new].correlations for spw, new in spws.items()}
    _add_feeds(output, ms, new, spws)
    ids = _same_ids(ms) if filled else {name: {} for name in IDS}
    for column, name in SUBTABLES.items():
        offset = _append_rows(output, ms, name)
        ids[column] = {k: k + offset if k >= 0 else k for k in ids[column]}
    ids["DATA_DESC_ID"] = descriptions
    ids["FIELD_ID"] = dict.fromkeys(ids["FIELD_ID"], 0)
    return Part(ids, antennas, stretch, correlations)


def _add_windows(
    output: str | Path, ms: str | Path
) -> tuple[dict[int, int], dict[int, int], dict[int, float]]:
    """Find a part's spws among those of the whole, or add them.

    Returns
    -------
    new spws and DATA_DESC_IDs, and the ratio of frequencies of each spw
    """
    spws: dict[int, int] = {}
    descriptions: dict[int, int] = {}
    stretch: dict[int, float] = {}
    of_whole = spectral_windows(output)
    for spw, window in spectral_windows(ms).items():
        # the same number first; an execution may have fewer spws
        numbers = sorted(set(of_whole) - set(spws.values()), key=lambda k: (k != spw, k))
        same = next((k for k in numbers if _is_same(of_whole[k], window)), None)
        if same is not None:
            spws[spw], stretch[spw] = same, window.frequency_hz / of_whole[same].frequency_hz
            descriptions |= dict.fromkeys(window.ids, of_whole[same].ids[0])
            continue
        spws[spw], stretch[spw] = _append_rows(output, ms, "SPECTRAL_WINDOW", [spw]), 1.0
        for number in window.ids:
            descriptions[number] = _append_rows(output, ms, "DATA_DESCRIPTION", [number])
            with casa.table(f"{output}/DATA_DESCRIPTION", writable=True) as table:
                hands = int(table.getcell("POLARIZATION_ID", descriptions[number]))
                hands = _append_rows(output, ms, "POLARIZATION", [hands])
                table.putcell("SPECTRAL_WINDOW_ID", descriptions[number], spws[spw])
                table.putcell("POLARIZATION_ID", descriptions[number], hands)
    return spws, descriptions, stretch


def _is_same(one: Window, other: Window) -> bool:
    if one.channels != other.channels or not same_hands(one.correlations, other.correlations):
        return False
    shift = np.abs(np.subtract(one.channels_hz, other.channels_hz)).max()
    return bool(shift <= SAME_CHANNELS * one.channel_width_hz)


def _add_feeds(
    output: str | Path, ms: str | Path, antennas: Mapping[int, int], spws: Mapping[int, int]
) -> None:
    """Add the feeds of a part's new antennas."""
    with casa.table(f"{ms}/FEED") as table:
        rows = [k for k in range(table.nrows()) if int(table.getcell("ANTENNA_ID", k)) in antennas]
    start = _append_rows(output, ms, "FEED", rows)
    with casa.table(f"{output}/FEED", writable=True) as table:
        for row in range(start, start + len(rows)):
            antenna, spw = (
                int(table.getcell(name, row)) for name in ("ANTENNA_ID", "SPECTRAL_WINDOW_ID")
            )
            table.putcell("ANTENNA_ID", row, antennas[antenna])
            table.putcell("SPECTRAL_WINDOW_ID", row, spws.get(spw, spw))


def _append_rows(
    output: str | Path, ms: str | Path, name: str, rows: Sequence[int] | None = None
) -> int:
    """Append rows of a part's subtable, or all, to that of the whole; return the first's number."""
    with (
        casa.table(f"{ms}/{name}") as table,
        casa.table(f"{output}/{name}", writable=True) as joined,
    ):
        rows = range(table.nrows()) if rows is None else rows
        columns = [column for column in joined.colnames() if column in table.colnames()]
        start: int = joined.nrows()
        joined.addrows(len(rows))
        for new, row in enumerate(rows, start):
            for column in columns:
                if table.iscelldefined(column, row):
                    joined.putcell(column, new, table.getcell(column, row))
    return start


def _changed(
    table: Any,
    columns: Container[str],
    part: Part,
    spw: int,
    window: Window,
    rows: int,
    start: int,
) -> dict[str, np.ndarray]:
    """Columns of a block of a part's rows that the whole has otherwise.

    Where its antennas come in another order, a row is turned round: V_ji = conj(V_ij), and the
    correlation of feeds p and q becomes that of q and p. Correlations that the part has not are
    flagged, without data, and with the weight of a parallel hand.
    """

    def column(name: str) -> np.ndarray:
        return table.getcol(name, start, rows)

    block = {name: part.antennas[column(name)] for name in ANTENNAS}
    block["UVW"] = column("UVW") * part.stretch[spw]
    for name, like in OF_CHANNELS.items():
        if name in columns and not has_values(table, name, start):
            weight = column(like)[:, None]
            block[name] = np.repeat(weight, window.channels, axis=1)
    turned = block["ANTENNA1"] > block["ANTENNA2"]
    whole = part.correlations[spw]
    if not turned.any() and whole == window.correlations:
        return block
    for name in BY_CORRELATION:
        if name in block or has_values(table, name, start):
            values = block[name] if name in block else column(name)
            if turned.any():
                other = values[_swapped(window.correlations)]
                values = np.where(turned, np.conj(other) if name == "DATA" else other, values)
            block[name] = _with_correlations(name, values, window.correlations, whole)
    if not turned.any():
        return block
    block["UVW"] = np.where(turned, -block["UVW"], block["UVW"])
    for one, other_one in (ANTENNAS, FEEDS):
        first, second = (block[k] if k in block else column(k) for k in (one, other_one))
        block[one] = np.where(turned, second, first)
        block[other_one] = np.where(turned, first, second)
    return block


def _with_correlations(
    name: str, values: np.ndarray, own: Sequence[str], whole: Sequence[str]
) -> np.ndarray:
    """A column of the correlations of the whole, of one of a part's own: ``(n_corr, ...)``."""
    if tuple(own) == tuple(whole):
        return values
    filled = np.repeat(values[:1], len(whole), axis=0)
    if name in ("DATA", "FLAG"):
        filled[...] = name == "FLAG"
    for place, correlation in enumerate(whole):
        if correlation in own:
            filled[place] = values[list(own).index(correlation)]
    return filled


def _swapped(correlations: Sequence[str]) -> list[int]:
    """Place of each correlation's counterpart with both feeds exchanged: of XY that of YX."""
    return [correlations.index(name[::-1]) for name in correlations]
