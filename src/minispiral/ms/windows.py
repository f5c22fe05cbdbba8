"""Spectral windows of a measurement set, and which of its rows and columns can be used."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.visibilities.stokes import CORRELATION_NAMES, parallel_hands, stokes_pairs

WEIGHTS_AGREE = 0.01  # relative difference between WEIGHT and 1/SIGMA^2 that is rounding
BLOCK_ROWS = 2**17  # 4 correlations of this many rows are 8 MB as complex128


@contextmanager
def reading(ms: str | Path) -> Iterator[None]:
    """Turn whatever a damaged measurement set makes of reading it into one line.

    Raises
    ------
    MinispiralError
        For CASA's errors, and for those of tables whose contents do not fit each other.
    """
    try:
        yield
    except (RuntimeError, OSError, ValueError, LookupError) as problem:
        first = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
        raise MinispiralError(
            f"{ms} cannot be read ({first}): the copy is incomplete, copy it again"
        ) from problem


@dataclass(frozen=True)
class Window:
    """A spectral window as the subtables describe it, with the DATA_DESC_IDs that mean it.

    Where its data are of several polarisation setups, `correlations` are those of the first, and
    `other_setups` those of each other.
    """

    ids: list[int]
    frequency_hz: float
    channels: int
    correlations: tuple[str, ...]
    channels_hz: tuple[float, ...]  # frequencies of the channels
    channel_width_hz: float  # of the widest of them
    other_setups: tuple[tuple[str, ...], ...] = ()

    @property
    def signed_width_hz(self) -> float:
        """Width of the widest channel, negative where frequencies fall from channel to channel."""
        falls = self.channels_hz[-1] < self.channels_hz[0]
        return -self.channel_width_hz if falls else self.channel_width_hz


def correlation_names(types: Sequence[int]) -> tuple[str, ...]:
    """Names of correlations by casacore's numbers for them."""
    return tuple(CORRELATION_NAMES.get(int(kind), str(kind)) for kind in types)


def spectral_windows(ms: str | Path, field_id: int | None = None) -> dict[int, Window]:
    """Spectral windows that data can have, by their number.

    Where a spw has several polarisation setups, those count that some data have: data of the field
    if one is given.
    """
    with casa.table(f"{ms}/DATA_DESCRIPTION") as table:
        spw_of = table.getcol("SPECTRAL_WINDOW_ID")
        polarization_of = table.getcol("POLARIZATION_ID")
    if not len(spw_of):
        raise MinispiralError(f"{ms} describes no spw: the copy is incomplete, copy it again")
    with casa.table(f"{ms}/SPECTRAL_WINDOW") as table:
        frequencies = [table.getcell("CHAN_FREQ", row) for row in range(table.nrows())]
        widths = [table.getcell("CHAN_WIDTH", row) for row in range(table.nrows())]
    with casa.table(f"{ms}/POLARIZATION") as table:
        names = [correlation_names(table.getcell("CORR_TYPE", n)) for n in range(table.nrows())]
    setups = [names[polarization] for polarization in polarization_of]
    windows = {}
    for spw in np.unique(spw_of):
        ids = np.flatnonzero(spw_of == spw)
        if len({setups[k] for k in ids}) > 1:
            used = _description_ids(ms, field_id)
            ids = ids[np.isin(ids, used)] if np.isin(ids, used).any() else ids
        first, *others = dict.fromkeys(setups[k] for k in ids)
        windows[int(spw)] = Window(
            ids=ids.tolist(),
            frequency_hz=float(np.mean(frequencies[spw])),
            channels=len(frequencies[spw]),
            correlations=first,
            channels_hz=tuple(frequencies[spw].tolist()),
            channel_width_hz=float(np.abs(widths[spw]).max()),
            other_setups=tuple(others),
        )
    return windows


def check_correlations(window: Window, lone_hand: bool = False) -> None:
    """Check that a spw's data are of one polarisation setup, which has both parallel hands.

    With `lone_hand`, one of them is enough.

    Raises
    ------
    MinispiralError
        If they are not.
    """
    if window.other_setups:
        setups = (window.correlations, *window.other_setups)
        raise MinispiralError(
            f"its data are of several polarisation setups, {' and '.join(map(' '.join, setups))}: "
            "leave out the spw, or split the data of one of them into a measurement set of its own"
        )
    if lone_hand:
        parallel_hands(window.correlations)
    else:
        stokes_pairs(window.correlations)


def _description_ids(ms: str | Path, field_id: int | None) -> np.ndarray:
    """DATA_DESC_IDs that data have, or data of a field."""
    with casa.table(ms) as table:
        ids = table.getcol("DATA_DESC_ID")
        if field_id is not None:
            ids = ids[table.getcol("FIELD_ID") == field_id]
    return np.unique(ids)


def has_values(table: Any, column: str, row: int = 0) -> bool:
    """Whether an open table has a column, and from a row on a value in it."""
    return column in table.colnames() and table.iscelldefined(column, row)


def has_weight_spectrum(table: Any) -> bool:
    """Whether an open main table has weights of each channel, which then take precedence."""
    return has_values(table, "WEIGHT_SPECTRUM")


def channel_set(ranges: str) -> set[int]:
    """Channels of ranges such as "17~33;56~112"."""
    channels: set[int] = set()
    for part in ranges.split(";"):
        first, _, last = part.partition("~")
        channels.update(range(int(first), int(last or first) + 1))
    return channels


def same_hands(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether correlations have the same parallel hands, and perhaps other cross hands."""
    return set(parallel_hands(one)) == set(parallel_hands(other))


def is_proper(weight: np.ndarray) -> np.ndarray:
    """Which weights, or sigmas, are positive and finite."""
    proper: np.ndarray = (weight > 0) & np.isfinite(weight)
    return proper


def usable_rows(flag: np.ndarray, weight: np.ndarray, correlations: Sequence[str]) -> np.ndarray:
    """Which rows give Stokes I in a channel at least, ``(n_row,) bool``.

    Where one parallel hand is alone, it is taken as Stokes I.

    Parameters
    ----------
    flag : (n_corr, n_chan, n_row) bool
    weight : (n_corr, n_row)
    """
    hands = [correlations.index(name) for name in parallel_hands(correlations)]
    unflagged = ~np.any(flag[hands], axis=0)
    return np.any(unflagged, axis=0) & np.all(is_proper(weight[hands]), axis=0)


def other_weights(weight: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Rows of which a sample has a WEIGHT that is not 1/SIGMA^2, ``(n_row,) bool``.

    Where one of both is missing, there is nothing to compare.
    """
    with np.errstate(all="ignore"):
        differs = ~(np.abs(weight * sigma**2 - 1) <= WEIGHTS_AGREE)
    other: np.ndarray = np.any(differs & is_proper(weight) & is_proper(sigma), axis=0)
    return other
