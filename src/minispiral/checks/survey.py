"""A look at measurement sets before there is a configuration, and at what inspection leaves out."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from minispiral import casa
from minispiral.checks.inputs import why_unreadable
from minispiral.errors import MinispiralError, raise_all
from minispiral.ms.antennas import names_of_places
from minispiral.ms.fields import field_id_of, fields_with_data, phase_centre
from minispiral.ms.files import PARTS, folder_bytes
from minispiral.ms.inspection import Inspection, inspect
from minispiral.ms.windows import Window, check_correlations, reading, spectral_windows
from minispiral.sgr_a import Field, choose_field
from minispiral.visibilities.stokes import stokes_pairs

SAMPLE_ROWS = 2**12  # rows that give the typical integration and amplitude
# QA2's data are in Jy, and Sgr A* has some; data as correlated are correlation coefficients
FAINTEST_JY = 0.1
Surveyed = TypeVar("Surveyed")
COLUMNS = {"DATA": "data", "CORRECTED_DATA": "corrected"}


@dataclass(frozen=True)
class Observation:
    """What a measurement set holds of a field: its inspection, and what that leaves out.

    Of each spw's channels the frequencies `channels_hz` and the width; `subtable_bytes`, which each
    of its copies takes. Of a night, `sets` are the paths of its measurement sets and `executions`
    their inspections, and all else is what they hold together.
    """

    ms: str
    inspection: Inspection
    channels_hz: Mapping[int, tuple[float, ...]]
    channel_width_hz: Mapping[int, float]
    subtable_bytes: int = 0
    sets: tuple[str, ...] = ()
    executions: tuple[Inspection, ...] = ()

    @property
    def antenna_names(self) -> list[str]:
        """Names of the antennas that have data; with its station where one was at several."""
        return names_of_places(self.inspection.used_antennas)

    @property
    def dish_m(self) -> float | None:
        """Diameter of the smallest dish, if one is known."""
        return min(self.inspection.dishes_m, default=None)


@dataclass(frozen=True)
class Survey:
    """What is worth using in a measurement set: an observation, its column, and what is odd."""

    observation: Observation
    data_column: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A measurement set that cannot be used, and the reason."""

    ms: str
    reason: str


def observe(ms: str, inspection: Inspection) -> Observation:
    """Read what an inspection leaves out of its measurement set.

    Raises
    ------
    MinispiralError
        If a subtable cannot be read.
    """
    windows = spectral_windows(ms, inspection.field_id)
    spws = [window.spw for window in inspection.spws if not window.is_missing]
    return Observation(
        ms=ms,
        inspection=inspection,
        channels_hz={spw: windows[spw].channels_hz for spw in spws},
        channel_width_hz={spw: windows[spw].channel_width_hz for spw in spws},
        subtable_bytes=sum(
            folder_bytes(sub) for sub in Path(ms).iterdir() if sub.is_dir() and sub.name != PARTS
        ),
    )


def survey(ms: str, field: str | None) -> Survey:
    """Find the field, the column and the spws that the workflow can use.

    Raises
    ------
    MinispiralError
        If there is no measurement set, no such field (or one that looks like Sgr A*), or no spw
        with unflagged data of both parallel hands.
    """
    target = choose_field(read_fields(ms), field)
    field_id = field_id_of(ms, target.name)
    windows = spectral_windows(ms, field_id)
    spws, remarks = with_parallel_hands({spw: windows[spw] for spw in target.spws})
    if not spws:
        raise MinispiralError(f"{ms}: {'; '.join(remarks)}: no spw can be used")
    column, odd = choose_column(_amplitudes(ms, field_id, windows[spws[0]]))
    inspection, empty = inspect_what_can_be(ms, target.name, spws, column)
    return Survey(observe(ms, inspection), column, (*remarks, *odd, *empty))


def survey_all(
    sets: Sequence[str], field: str | None, progress: Callable[[str], None]
) -> tuple[list[Survey], list[LeftOut]]:
    """`look_at_all`, for tracks of Sgr A*."""
    return look_at_all(sets, field, progress, survey)


def look_at_all(
    sets: Sequence[str],
    field: str | None,
    progress: Callable[[str], None],
    look: Callable[[str, str | None], Surveyed],
) -> tuple[list[Surveyed], list[LeftOut]]:
    """Survey measurement sets; those that cannot be used are left out, each with the reason.

    `look` surveys one, by its path and the field's name; `progress` gets the name of what is being
    read.

    Raises
    ------
    MinispiralError
        If none can be used: one line for each.
    """
    casa.quiet_tools()
    surveys: list[Surveyed] = []
    left_out = []
    seen: set[str] = set()
    for ms in dict.fromkeys(path.rstrip("/") or path for path in sets):
        progress(ms)
        try:
            if fault := why_unreadable(ms):
                raise MinispiralError(f"it {fault}")
            if os.path.realpath(ms) in seen:
                raise MinispiralError("it is another name of one of the others")
            seen.add(os.path.realpath(ms))
            with reading(ms):
                surveys.append(look(ms, field))
        except MinispiralError as error:
            left_out.append(LeftOut(ms, _without(ms, error)))
    if not surveys:
        raise_all(f"{unusable.ms}: {unusable.reason}" for unusable in left_out)
    return surveys, left_out


def _without(ms: str, error: MinispiralError) -> str:
    """An error's message without the name of the measurement set at its beginning."""
    return str(error).removeprefix(f"{ms} ").removeprefix(f"{ms}: ")


def read_fields(ms: str) -> list[Field]:
    """Read the fields that have data."""
    spws = fields_with_data(ms)
    with casa.table(ms) as main:
        with_data = np.unique(main.getcol("FIELD_ID")).tolist()
    with casa.table(f"{ms}/FIELD") as table:
        names = [str(name) for name in table.getcol("NAME")]
    fields = []
    for name, of_field in spws.items():
        row = next(n for n in with_data if names[n] == name)
        fields.append(Field(name, phase_centre(ms, row), tuple(of_field)))
    return fields


def with_parallel_hands(windows: Mapping[int, Window]) -> tuple[list[int], list[str]]:
    """Spws with both parallel hands, in one setup; for each other a remark that says so."""
    good, remarks = [], []
    for spw, window in windows.items():
        try:
            check_correlations(window)
            good.append(spw)
        except MinispiralError as error:
            remarks.append(f"spw {spw} left out: {error}")
    return good, remarks


def choose_column(amplitudes: Mapping[str, float]) -> tuple[str, list[str]]:
    """Choose the column of the calibrated data by the median amplitude (Jy) of each that is there.

    CASA makes CORRECTED_DATA when tables are applied; `split`, with which a delivery ends, makes
    DATA of it. Where both are there, DATA is taken as long as it is in Jy.

    Returns
    -------
    The value of ``split.data_column``, and what is odd.

    Raises
    ------
    MinispiralError
        If there is neither.
    """
    if not amplitudes:
        raise MinispiralError(
            f"neither of the columns {' and '.join(COLUMNS)} is there: no visibilities to use"
        )
    column = next(iter(amplitudes))
    if column == "DATA" and len(amplitudes) > 1 and not amplitudes["DATA"] >= FAINTEST_JY:
        column = "CORRECTED_DATA"
    listed = " and ".join(f"{name} (median {value:.3g} Jy)" for name, value in amplitudes.items())
    remarks = []
    if len(amplitudes) > 1:
        remarks.append(
            f"it has the columns {listed}: {column} is chosen; if the other one holds QA2's "
            "calibration, change split.data_column"
        )
    if not amplitudes[column] >= FAINTEST_JY:
        remarks.append(
            f"the median amplitude in {column} is {amplitudes[column]:.3g} Jy: check that these "
            "are calibrated data of Sgr A*"
        )
    return COLUMNS[column], remarks


def _amplitudes(ms: str, field_id: int, window: Window) -> dict[str, float]:
    """Median amplitude of unflagged parallel hands in each data column that is there."""
    with casa.table(ms) as table:
        columns = [name for name in COLUMNS if name in table.colnames()]
    pair = stokes_pairs(window.correlations)[0]
    hands = [window.correlations.index(name) for name in (pair.first, pair.second)]
    flag = _sample(ms, field_id, window.ids, "FLAG", window.channels)[hands]
    amplitudes = {}
    for name in columns:
        values = np.abs(_sample(ms, field_id, window.ids, name, window.channels)[hands])
        used = values[~flag & np.isfinite(values)]
        amplitudes[name] = float(np.median(used if used.size else values))
    return amplitudes


def _sample(ms: str, field_id: int, ids: Sequence[int], column: str, channels: int = 1) -> Any:
    """Read some of a column's rows of cross-correlations, from the middle of the observation."""
    rows = max(1, SAMPLE_ROWS // channels)
    wanted = f"FIELD_ID == {field_id} && ANTENNA1 != ANTENNA2 && DATA_DESC_ID IN {list(ids)}"
    with casa.table(ms) as main, casa.selected(main, wanted) as chosen:
        if not chosen.nrows():
            raise MinispiralError(f"{ms} has no cross-correlations of the field")
        return chosen.getcol(column, max(0, (chosen.nrows() - rows) // 2), rows)


def inspect_what_can_be(
    ms: str,
    field: str,
    spws: Sequence[int],
    column: str,
    inspect: Callable[[str, str, Sequence[int], str], Inspection] = inspect,
) -> tuple[Inspection, list[str]]:
    """Inspect all spws, or those that can be; for each other say why it cannot."""
    try:
        return inspect(ms, field, spws, column), []
    except MinispiralError:
        if len(spws) == 1:
            raise
    good, remarks = [], []
    for spw in spws:
        try:
            inspect(ms, field, [spw], column)
            good.append(spw)
        except MinispiralError as error:
            # the remedy, to leave it out, is done
            remarks.append(f"spw {spw} left out: {_without(ms, error).rpartition(': ')[0]}")
    return inspect(ms, field, good or spws, column), remarks
