"""One pass over a field's rows: how many of each spw can be used, their times and baselines.

Call this inside `minispiral.casa.session`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.measures.integrations import group_rows, length, usual_step
from minispiral.ms.integrations import interval_of
from minispiral.ms.split_source import Block, OpenPiece, Piece, SplitSource, distinct
from minispiral.ms.windows import BLOCK_ROWS, Window, other_weights, reading, usable_rows

PAIR = 2**10  # a baseline's number is the lower of its antennas' plus this times the higher


@dataclass
class RowsOfSpw:
    """What the rows of one spw hold.

    Numbers of `rows`, of `usable_rows`, of the usable ones whose WEIGHT is not 1/SIGMA^2
    (`other_weights`), and of those that a SIGMA would make usable (`without_sigma`);
    `longest_baseline_m` of the usable ones, and their baselines, `pairs`, numbered as `PAIR` says;
    `interval_s`, length of an integration, 0 without rows; and the `times` of all integrations, s.
    """

    rows: int = 0
    usable_rows: int = 0
    other_weights: int = 0
    without_sigma: int = 0
    longest_baseline_m: float = 0.0
    pairs: set[int] = field(default_factory=set)
    interval_s: float = 0.0
    times: np.ndarray = field(default_factory=lambda: np.zeros(0))


def scan_rows(
    ms: str | Path, field_id: int, windows: Mapping[int, Window], data_column: str
) -> dict[int, RowsOfSpw]:
    """Look at all cross-correlations of a field in some spws.

    Of the data, one row of each block is read: enough to find that a file ends too early.

    Raises
    ------
    MinispiralError
        If a column cannot be read.
    """
    scanned = {spw: RowsOfSpw() for spw in windows}
    times: dict[int, list[np.ndarray]] = {spw: [] for spw in windows}
    with casa.table(ms) as main:
        source = SplitSource(main, ms, field_id, list(windows))
        for block in source.blocks(work="rows"):
            time = source.scalars(block, ("TIME",))["TIME"]
            for spw in distinct(block.spws):
                rows = np.flatnonzero(block.spws == spw)
                times[spw].append(_distinct_times(time[rows]))
                with reading(f"{ms}: spw {spw}"):
                    if not scanned[spw].interval_s:
                        scanned[spw].interval_s = _interval(main, block.start + rows)
                    main.getcell(data_column, block.start + int(rows[-1]))
            for piece in source.pieces(block, BLOCK_ROWS):
                names = ", ".join(map(str, distinct(piece.spws)))
                with reading(f"{ms}: spw {names}"), source.open(piece) as opened:
                    _count(scanned, block, piece, opened, windows, data_column)
    for spw, of_spw in scanned.items():
        if of_spw.rows:
            of_rows = _distinct_times(np.concatenate(times[spw]))
            of_spw.times = group_rows(of_rows, of_spw.interval_s).times
            of_spw.interval_s = length(of_spw.interval_s, usual_step(of_spw.times))
    return scanned


def _interval(main: Any, rows: np.ndarray) -> float:
    chosen = main.selectrows(rows)
    try:
        return interval_of(chosen)
    finally:
        chosen.close()


def _distinct_times(times: np.ndarray) -> np.ndarray:
    """Distinct ones, ascending: most follow others that are equal."""
    return np.unique(times[np.flatnonzero(np.diff(times, prepend=np.nan) != 0)])


def _count(
    scanned: Mapping[int, RowsOfSpw],
    block: Block,
    piece: Piece,
    opened: OpenPiece,
    windows: Mapping[int, Window],
    data_column: str,
) -> None:
    """Add the rows of a piece to those of their spws."""
    of_block = piece.rows - block.start
    one, other = (block.known[name][of_block] for name in ("ANTENNA1", "ANTENNA2"))
    pairs = np.minimum(one, other) + PAIR * np.maximum(one, other)
    spws = distinct(piece.spws)
    for correlations in dict.fromkeys(windows[spw].correlations for spw in spws):
        seen = _looked_at(opened, correlations, data_column)
        for spw in spws:
            if windows[spw].correlations == correlations:
                _add(scanned[spw], seen, pairs, piece.spws == spw)


@dataclass(frozen=True)
class _Seen:
    """Which rows are usable, would be with a SIGMA, and have other weights; and UVW."""

    usable: np.ndarray
    without_sigma: np.ndarray
    other_weights: np.ndarray
    uvw: np.ndarray


def _add(of_spw: RowsOfSpw, seen: _Seen, pairs: np.ndarray, own: np.ndarray) -> None:
    """Add a spw's `own` rows of a piece."""
    used = own & seen.usable
    of_spw.rows += int(own.sum())
    of_spw.usable_rows += int(used.sum())
    of_spw.without_sigma += int((own & seen.without_sigma).sum())
    of_spw.other_weights += int((used & seen.other_weights).sum())
    if used.any():
        u, v, _ = seen.uvw
        far = int(np.argmax(np.where(used, u * u + v * v, -1.0)))
        of_spw.longest_baseline_m = max(of_spw.longest_baseline_m, float(np.hypot(u[far], v[far])))
        of_spw.pairs |= set(distinct(pairs[used]))


def _looked_at(opened: OpenPiece, correlations: Sequence[str], data_column: str) -> _Seen:
    """Look at rows: usable ones give Stokes I in a channel at least, and have a UVW."""
    flag = opened.values("FLAG") | opened.values("FLAG_ROW")
    weight, uvw = opened.values("WEIGHT"), opened.values("UVW")
    usable = usable_rows(flag, weight, correlations) & np.isfinite(uvw).all(axis=0)
    nothing = np.zeros(len(usable), bool)
    if data_column != "DATA":
        return _Seen(usable, nothing, nothing, uvw)
    sigma = opened.values("SIGMA")
    other = other_weights(weight, sigma)
    if opened.has("SIGMA_SPECTRUM"):  # which split prefers
        return _Seen(usable, nothing, other, uvw)
    weighed = usable_rows(flag, sigma, correlations)
    return _Seen(usable & weighed, usable & ~weighed, other, uvw)
