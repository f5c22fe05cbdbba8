"""Consecutive numbers for the scans of a measurement set, and gain tables with these numbers.

A scan is an observation, an array and a number in them. Each scan gets its own solutions. Where
scans were combined, it gets those of its observation and array, as far as linear interpolation
needs them.

Call these inside `minispiral.casa.session`.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.measures.integrations import scan_labels
from minispiral.ms.integrations import SCAN_NUMBERS
from minispiral.ms.shapes import copy_subtables

FIRST = 1  # number of the first scan


@dataclass(frozen=True)
class Scan:
    """A scan: its observation, array and number in the measurement set; from `start` to `end`, s.

    `block`, start and end of all scans of its observation and array.
    """

    observation: int
    array: int
    number: int
    start: float
    end: float
    block: tuple[float, float]


@dataclass(frozen=True)
class Solutions:
    """Rows of a gain table, ``(n,)`` each: `time` (s), `observation`, scan `number`, `solver`.

    `solver` is the same for rows of one antenna and spw; `solved` ``(n_hand, n)``.
    """

    time: np.ndarray
    observation: np.ndarray
    number: np.ndarray
    solver: np.ndarray
    solved: np.ndarray


@contextmanager
def numbered_scans(ms: str | Path) -> Iterator[list[Scan]]:
    """Give the scans of a copy consecutive numbers from `FIRST` on, in one observation and array.

    Yields the scans in the order of these numbers. Afterwards the columns are as they were.
    """
    with casa.table(ms, writable=True) as main:
        before = {name: main.getcol(column) for name, column in SCAN_NUMBERS.items()}
        labels, scans = _scans(before, main.getcol("TIME"), main.getcol("INTERVAL"))
        meanwhile = {"scan": labels + FIRST, "observation": 0 * labels, "array": 0 * labels}
        _put(main, meanwhile)
    try:
        yield scans
    finally:
        with casa.table(ms, writable=True) as main:
            _put(main, before)


def _put(main: Any, values: Mapping[str, np.ndarray]) -> None:
    for name, column in SCAN_NUMBERS.items():
        main.putcol(column, values[name])


def _scans(
    ids: dict[str, np.ndarray], time: np.ndarray, interval: np.ndarray
) -> tuple[np.ndarray, list[Scan]]:
    """Number of each row's scan, from 0, and the scans."""
    changed = np.ones(len(time), bool)
    changed[1:] = np.any([values[1:] != values[:-1] for values in ids.values()], axis=0)
    begins = np.flatnonzero(changed)
    of_run = scan_labels({name: values[begins] for name, values in ids.items()})
    labels = np.repeat(of_run, np.diff(begins, append=len(time)))
    n = int(labels.max(initial=-1)) + 1
    start, end = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(start, labels, time - interval / 2)
    np.maximum.at(end, labels, time + interval / 2)
    first = [np.flatnonzero(of_run == k)[0] for k in range(n)]
    named = {name: values[begins[first]] for name, values in ids.items()}
    blocks = scan_labels({**named, "scan": np.zeros(n, int)})
    spans = [(start[blocks == block].min(), end[blocks == block].max()) for block in blocks]
    observation, array, number = (named[name].tolist() for name in SCAN_NUMBERS)
    return labels, [
        Scan(observation[k], array[k], number[k], start[k], end[k], spans[k]) for k in range(n)
    ]


def table_of_scans(
    table: str | Path, output: Path, scans: Sequence[Scan], combined: bool, borrow: bool
) -> Path:
    """Write a gain table with the solutions of each scan under its number; return its path.

    Parameters
    ----------
    scans : as `numbered_scans` yields them
    combined : whether the solutions are of several scans
    borrow : whether scans without solutions take those of others
    """
    shutil.rmtree(output, ignore_errors=True)
    with casa.table(table) as gains:
        solutions = _read(gains)
        chosen = [_rows_of(scan, solutions, combined, borrow) for scan in scans]
        rows = np.concatenate([np.zeros(0, int), *chosen])
        numbers = np.repeat(np.arange(len(chosen)) + FIRST, [len(rows) for rows in chosen])
        selected = gains.selectrows(rows.tolist())
        selected.copy(str(output), deep=True, valuecopy=True).close()
        selected.close()
    copy_subtables(table, output)
    with casa.table(output, writable=True) as copy:
        copy.putcol("SCAN_NUMBER", numbers)
        copy.putcol("OBSERVATION_ID", 0 * numbers)
    return output


def _read(gains: Any) -> Solutions:
    spw = gains.getcol("SPECTRAL_WINDOW_ID")
    return Solutions(
        time=gains.getcol("TIME"),
        observation=gains.getcol("OBSERVATION_ID"),
        number=gains.getcol("SCAN_NUMBER"),
        solver=gains.getcol("ANTENNA1") * (int(spw.max(initial=0)) + 1) + spw,
        solved=~gains.getcol("FLAG")[:, 0],
    )


def _rows_of(scan: Scan, solutions: Solutions, combined: bool, borrow: bool) -> np.ndarray:
    """Rows of a table that a scan's gains are interpolated between."""
    time = solutions.time
    inside = (time >= scan.start) & (time <= scan.end)
    of_block = (time >= scan.block[0]) & (time <= scan.block[1])
    same = solutions.observation == scan.observation  # of arrays side by side, or by chance
    named = same & (solutions.number == scan.number)
    everywhere = np.ones(len(time), bool)
    candidates = [of_block & same, of_block] if combined else [inside & named, inside]
    if borrow:
        candidates += [of_block, everywhere]
    taken = next((rows for rows in candidates if rows.any()), np.zeros(len(time), bool))
    return np.flatnonzero(taken & (inside | _neighbours(taken, scan, solutions)))


def _neighbours(taken: np.ndarray, scan: Scan, solutions: Solutions) -> np.ndarray:
    """Of the rows taken, each antenna's last solution before the scan and the first one after."""
    chosen = np.zeros(len(taken), bool)
    for solved in solutions.solved:
        for away in (scan.start - solutions.time, solutions.time - scan.end):
            rows = np.flatnonzero(taken & solved & (away > 0))
            rows = rows[np.argsort(away[rows], kind="stable")]
            chosen[rows[np.unique(solutions.solver[rows], return_index=True)[1]]] = True
    return chosen
