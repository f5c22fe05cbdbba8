"""What is in a measurement set: its fields, spectral windows and usable rows."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.measures.units import SPEED_OF_LIGHT
from minispiral.ms.antennas import antenna_names, array_position, dish_diameters
from minispiral.ms.fields import field_id_of, fields_with_data, phase_centre
from minispiral.ms.files import measurement_set_bytes, metadata_checksum
from minispiral.ms.lone_hand import Hands, check_hands
from minispiral.ms.row_scan import PAIR, RowsOfSpw, scan_rows
from minispiral.ms.windows import (
    Window,
    check_correlations,
    reading,
    spectral_windows,
)
from minispiral.visibilities.stokes import parallel_hands

# columns beside the data that the workflow reads
NEEDED = {
    "ANTENNA1",
    "ANTENNA2",
    "ARRAY_ID",
    "DATA_DESC_ID",
    "EXPOSURE",
    "FIELD_ID",
    "FLAG",
    "FLAG_ROW",
    "INTERVAL",
    "OBSERVATION_ID",
    "SCAN_NUMBER",
    "SIGMA",
    "TIME",
    "UVW",
    "WEIGHT",
}
FEWEST_BASELINES = 3  # fewer cannot separate two fluxes and a phase error
MISSING = -1  # in place of the number of a spw that an execution has not


@dataclass(frozen=True)
class SpectralWindow:
    """One spectral window of a measurement set, for the target field.

    `interval_s`, length of its integrations: INTERVAL, unless times are closer than that.
    `other_weights`, share of the usable rows whose WEIGHT is not 1/SIGMA^2, of which CASA makes
    weights of DATA; `without_sigma`, share of the rows that could be used if they had a SIGMA. Both
    are 0 for CORRECTED_DATA, to which WEIGHT belongs.
    """

    spw: int
    frequency_hz: float
    channels: int
    correlations: tuple[str, ...]
    rows: int
    usable_rows: int
    longest_baseline_m: float
    baselines: int = 0  # with usable rows
    channel_width_hz: float = 0.0  # negative where frequencies fall from channel to channel
    other_weights: float = 0.0
    interval_s: float = 0.0
    without_sigma: float = 0.0

    @property
    def is_missing(self) -> bool:
        """Whether it stands for a spw of a night that this execution has not."""
        return self.spw == MISSING

    @property
    def width_hz(self) -> float:
        """Width of all channels together."""
        return self.channels * abs(self.channel_width_hz)


@dataclass(frozen=True)
class Inspection:
    """What the workflow needs to know of a track's measurement set before it starts.

    `antennas`, number of those with usable rows; others may be listed without a place or a dish.
    """

    field_name: str
    field_id: int
    direction_deg: tuple[float, float]  # phase centre: right ascension, declination
    position_m: tuple[float, float, float]  # mean of these antennas', geocentric
    antennas: int
    integrations: int
    first_time_s: float
    last_time_s: float
    spws: tuple[SpectralWindow, ...]
    state: str  # of the input's files, see minispiral.ms.files.table_state
    bytes: int = 0  # of the main table's data
    metadata_sha256: str = ""  # see minispiral.ms.files.metadata_checksum
    used_antennas: tuple[str, ...] = ()  # NAME@STATION of those with usable rows
    dishes_m: tuple[float, ...] = ()  # diameters of these antennas that are known, ascending

    @property
    def hands(self) -> Hands:
        """Parallel hands of the first spw; all spws of a target have the same."""
        return parallel_hands(self.spws[0].correlations)

    def correlations(self, spw: int) -> tuple[str, ...]:
        """Names of a spw's correlations."""
        (names,) = (window.correlations for window in self.spws if window.spw == spw)
        return names

    @property
    def longest_baseline_wavelengths(self) -> float:
        """Longest projected baseline of usable data over all spws, in wavelengths."""
        return max(s.longest_baseline_m * s.frequency_hz / SPEED_OF_LIGHT for s in self.spws)


def write_inspection(path: str | Path, inspection: Inspection) -> None:
    """Write an inspection as JSON."""
    Path(path).write_text(json.dumps(asdict(inspection), indent=1) + "\n")


def read_inspection(path: str | Path) -> Inspection:
    """Read what `write_inspection` wrote."""
    values = json.loads(Path(path).read_text())
    spws = tuple(
        SpectralWindow(**{**spw, "correlations": tuple(spw["correlations"])})
        for spw in values["spws"]
    )
    tuples = ("direction_deg", "position_m", "used_antennas", "dishes_m")
    return Inspection(**{**values, **{key: tuple(values[key]) for key in tuples}, "spws": spws})


def inspect(
    ms: str | Path,
    field: str,
    spws: Sequence[int],
    data_column: str,
    state: str = "",
    lone_hand: bool = False,
) -> Inspection:
    """Look at a measurement set and check that the workflow can use it.

    With `lone_hand`, one parallel hand is enough, the same in all spws.

    Raises
    ------
    MinispiralError
        If the file is no readable measurement set, or lacks the field, a spw, the data column,
        both parallel hands, or unflagged data with positive weight.
    """
    with reading(ms):
        return _inspect(ms, field, spws, data_column, state, lone_hand)


def _inspect(
    ms: str | Path,
    field: str,
    spws: Sequence[int],
    data_column: str,
    state: str,
    lone_hand: bool,
) -> Inspection:
    column = check_columns(ms, data_column)
    field_id = field_id_of(ms, field)
    windows = spectral_windows(ms, field_id)
    missing = sorted(set(spws) - set(windows))
    if missing:
        raise MinispiralError(
            f"{ms} has no spw {', '.join(map(str, missing))}: set spws to some of "
            f"{', '.join(map(str, sorted(windows)))}"
        )
    for spw in spws:
        _check_correlations(ms, spw, windows[spw], lone_hand)
    if lone_hand:
        check_hands(ms, {spw: windows[spw].correlations for spw in spws})
    scanned = scan_rows(ms, field_id, {spw: windows[spw] for spw in spws}, column)
    for spw in spws:
        _check_usable(ms, field, spw, scanned[spw])
    times = [scanned[spw].times for spw in spws]
    pairs = np.array(sorted(set().union(*(scanned[spw].pairs for spw in spws))))
    used = np.union1d(pairs % PAIR, pairs // PAIR)
    position, dishes = array_position(ms, used), dish_diameters(ms, used)
    casa.check_measurement_set(ms)
    return Inspection(
        field_name=field,
        field_id=field_id,
        direction_deg=phase_centre(ms, field_id),
        position_m=position,
        antennas=len(used),
        integrations=max(map(len, times)),
        first_time_s=float(min(of_spw[0] for of_spw in times)),
        last_time_s=float(max(of_spw[-1] for of_spw in times)),
        spws=tuple(_spectral_window(spw, windows[spw], scanned[spw]) for spw in spws),
        state=state,
        bytes=measurement_set_bytes(ms),
        metadata_sha256=metadata_checksum(ms),
        used_antennas=antenna_names(ms, used),
        dishes_m=dishes,
    )


def check_columns(ms: str | Path, data_column: str) -> str:
    """Return the name of the data's column, if it and all others that are needed are there.

    Raises
    ------
    MinispiralError
        If one of them is not.
    """
    column = {"data": "DATA", "corrected": "CORRECTED_DATA"}[data_column]
    with casa.table(ms) as table:
        columns = set(table.colnames())
    if column not in columns:
        raise MinispiralError(
            f"{ms} has no column {column}: set split.data_column (of a target: data_column) to "
            "the column that holds the calibrated data"
        )
    if missing := sorted(NEEDED - columns):
        raise MinispiralError(
            f"{ms} has no column {', '.join(missing)}: the copy is incomplete, copy it again"
        )
    return column


def _check_correlations(ms: str | Path, spw: int, window: Window, lone_hand: bool) -> None:
    try:
        check_correlations(window, lone_hand)
    except MinispiralError as error:
        raise MinispiralError(f"{ms}, spw {spw}: {error}") from error


def _spectral_window(spw: int, window: Window, scanned: RowsOfSpw) -> SpectralWindow:
    return SpectralWindow(
        spw=spw,
        frequency_hz=window.frequency_hz,
        channels=window.channels,
        correlations=window.correlations,
        rows=scanned.rows,
        usable_rows=scanned.usable_rows,
        longest_baseline_m=scanned.longest_baseline_m,
        baselines=len(scanned.pairs),
        channel_width_hz=window.signed_width_hz,
        other_weights=scanned.other_weights / max(1, scanned.usable_rows),
        interval_s=scanned.interval_s,
        without_sigma=scanned.without_sigma / max(1, scanned.rows),
    )


def _check_usable(ms: str | Path, field: str, spw: int, scanned: RowsOfSpw) -> None:
    if scanned.rows == 0:
        raise MinispiralError(
            f"{ms} has no data of field {field!r} in spw {spw}: leave out the spw"
        )
    if scanned.usable_rows == 0:
        raise MinispiralError(
            f"{ms}: all data of field {field!r} in spw {spw} are flagged or without weight in at "
            "least one of the parallel hands, or without UVW: leave out the spw, or correct its "
            "flags"
        )
    if len(scanned.pairs) < FEWEST_BASELINES:
        raise MinispiralError(
            f"{ms}: field {field!r} has too few baselines with usable data in spw {spw} for an "
            f"image ({len(scanned.pairs)}, at least {FEWEST_BASELINES}): leave out the spw, or "
            "correct its flags"
        )
    if scanned.longest_baseline_m == 0:
        raise MinispiralError(
            f"{ms}: all baselines of field {field!r} in spw {spw} have no length in column UVW: "
            "leave out the spw, or get another copy of the data"
        )


def inspect_target(
    ms: str | Path,
    field: str | None,
    spws: Sequence[int] | None,
    data_column: str,
    state: str = "",
) -> Inspection:
    """`inspect` the one field that is there, and all its spws, where these are not named.

    One parallel hand is enough, which is then taken as Stokes I.

    Raises
    ------
    MinispiralError
        As `inspect` does, and if there are several fields and none is named.
    """
    check_columns(ms, data_column)
    with reading(ms):
        spws_of_field = fields_with_data(ms)
    if field is None:
        if len(spws_of_field) != 1:
            raise MinispiralError(
                f"{ms} has {len(spws_of_field)} fields with data: set field to one of "
                f"{', '.join(map(repr, spws_of_field))}"
            )
        (field,) = spws_of_field
    if field not in spws_of_field:
        raise MinispiralError(
            f"{ms} has no data of a field {field!r}: set field to one of "
            f"{', '.join(map(repr, spws_of_field))}"
        )
    chosen = spws_of_field[field] if spws is None else spws
    return inspect(ms, field, chosen, data_column, state, lone_hand=True)
