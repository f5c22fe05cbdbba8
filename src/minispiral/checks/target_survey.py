"""A look at measurement sets that are to be self-calibrated, whatever their source.

It finds the field that was observed longest, the spws and the column that can be used, and whether
the source is a point.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minispiral import casa
from minispiral.checks.survey import Observation, inspect_what_can_be, observe
from minispiral.errors import MinispiralError
from minispiral.measures.scatter import robust_scatter
from minispiral.ms.fields import field_id_of, fields_with_data
from minispiral.ms.inspection import check_columns, inspect_target
from minispiral.ms.windows import Window, check_correlations, spectral_windows
from minispiral.sgr_a import is_name
from minispiral.visibilities.stokes import parallel_hands

SCIENCE = "OBSERVE_TARGET"  # intent of scans on the proposed source, by ALMA and the VLA
SAMPLE_ROWS, SAMPLE_CHANNELS = 2**14, 16  # that shows a point: the middle ones
# a point's modulus is the same on all baselines but for antennas' gains and noise
GAIN_SPREAD = 0.25  # relative scatter between baselines that raw gains explain
LENGTH_RATIO = 0.1  # difference between short and long baselines that they explain
NOISE = 0.3  # relative scatter in a baseline; of noise alone, it is 0.52
FEWEST = 6  # baselines


@dataclass(frozen=True)
class FieldTime:
    """A field that has data: its name, time on it (s), and whether its intent is science."""

    name: str
    seconds: float
    science: bool


@dataclass(frozen=True)
class TargetSurvey:
    """What is worth using in a measurement set, and `others`, its fields that were not taken.

    `point`, whether the moduli are those of a point; `remarks`, what is odd, a line each.
    """

    observation: Observation
    data_column: str
    point: bool
    others: tuple[FieldTime, ...] = ()
    remarks: tuple[str, ...] = ()


def survey_target(ms: str, field: str | None) -> TargetSurvey:
    """Find the field, the column and the spws that self-calibration can use.

    Without `field`, it is that of `choose_target`.

    Raises
    ------
    MinispiralError
        If there is no such field, or no spw with unflagged data of a parallel hand.
    """
    fields = read_field_times(ms)
    chosen = choose_target(fields, field)
    field_id = field_id_of(ms, chosen.name)
    windows = spectral_windows(ms, field_id)
    of_field = {spw: windows[spw] for spw in fields_with_data(ms)[chosen.name]}
    spws, remarks = with_same_hands(of_field)
    if not spws:
        raise MinispiralError(f"{ms}: {'; '.join(remarks)}: no spw can be used")
    column, odd = _choose_column(ms, field_id, windows[spws[0]])
    inspection, empty = inspect_what_can_be(ms, chosen.name, spws, column, inspect_target)
    best = windows[inspection.spws[0].spw]
    return TargetSurvey(
        observe(ms, inspection),
        column,
        # the minispiral around Sgr A* is faint enough to be missed
        not is_name(chosen.name) and is_point(*_moduli(ms, field_id, best, column)),
        tuple(other for other in fields if other != chosen),
        (*remarks, *odd, *empty),
    )


def read_field_times(ms: str) -> list[FieldTime]:
    """Read how long fields were observed, and for which purpose; the longest first."""
    with casa.table(f"{ms}/FIELD") as table:
        names = [str(name) for name in table.getcol("NAME")]
    with casa.table(f"{ms}/STATE") as table:
        modes = [str(mode) for mode in table.getcol("OBS_MODE")] if table.nrows() else []
    with casa.table(ms) as main:
        of_rows = [main.getcol(name) for name in ("FIELD_ID", "STATE_ID", "TIME", "INTERVAL")]
    field, state, time, interval = of_rows
    found = []
    for k in np.unique(field):
        rows = field == k
        seconds = len(np.unique(np.round(time[rows], 2))) * float(np.median(interval[rows]))
        intents = {modes[s] for s in np.unique(state[rows]) if 0 <= s < len(modes)}
        science = any(SCIENCE in intent for intent in intents)
        found.append(FieldTime(names[k], seconds, science))
    return sorted(found, key=lambda of_field: -of_field.seconds)


def choose_target(fields: Sequence[FieldTime], asked: str | None) -> FieldTime:
    """Return the requested field, or the one observed longest, of those for science if any are.

    Raises
    ------
    MinispiralError
        If there is none; it names the fields.
    """
    if not fields:
        raise MinispiralError("no field has data: the copy is incomplete, copy it again")
    if asked is None:
        science = [field for field in fields if field.science]
        return max(science or fields, key=lambda field: field.seconds)
    for field in fields:
        if field.name == asked:
            return field
    names = ", ".join(repr(field.name) for field in fields)
    raise MinispiralError(f"no data of a field {asked!r}: give --field one of {names}")


def with_same_hands(windows: dict[int, Window]) -> tuple[list[int], list[str]]:
    """Spws with the parallel hands that most have; for each other a remark that says so."""
    hands, remarks = {}, []
    for spw, window in windows.items():
        try:
            check_correlations(window, lone_hand=True)
            hands[spw] = parallel_hands(window.correlations)
        except MinispiralError as error:
            remarks.append(f"spw {spw} left out: {error}")
    most = Counter(hands.values()).most_common(1)
    good = [spw for spw in hands if hands[spw] == most[0][0]]
    remarks += [
        f"spw {spw} left out: it has the hands {' '.join(hands[spw])}, others "
        f"have {' '.join(most[0][0])}; it can be a target of its own"
        for spw in hands
        if spw not in good
    ]
    return good, remarks


def _choose_column(ms: str, field_id: int, window: Window) -> tuple[str, list[str]]:
    """The calibrated data's: CORRECTED_DATA, if it is there and is not DATA as it was."""
    with casa.table(ms) as table:
        there = {"DATA", "CORRECTED_DATA"} & set(table.colnames())
    if there != {"DATA", "CORRECTED_DATA"}:
        return ("corrected" if "CORRECTED_DATA" in there else "data"), []
    data, corrected = (_moduli(ms, field_id, window, column)[0] for column in ("data", "corrected"))
    if np.array_equal(data, corrected) or not corrected.any():
        return "data", []
    return "corrected", ["it has DATA and CORRECTED_DATA: CORRECTED_DATA is taken as calibrated"]


def _moduli(
    ms: str, field_id: int, window: Window, column: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Moduli of unflagged samples of one hand, the number of their baseline, its length (m)."""
    hand = window.correlations.index(parallel_hands(window.correlations)[0])
    name = check_columns(ms, column)
    channels = min(window.channels, SAMPLE_CHANNELS)
    first = (window.channels - channels) // 2
    corners = [hand, first], [hand, first + channels - 1]
    condition = f"FIELD_ID == {field_id} && ANTENNA1 != ANTENNA2"
    wanted = f"{condition} && DATA_DESC_ID IN {list(window.ids)} && NOT FLAG_ROW"
    with casa.table(ms) as main, casa.selected(main, wanted) as chosen:
        rows = min(SAMPLE_ROWS // channels, chosen.nrows())
        start = (chosen.nrows() - rows) // 2
        if not rows:
            return np.zeros(0), np.zeros(0, int), np.zeros(0)
        data, flag = (chosen.getcolslice(of, *corners, [], start, rows)[0] for of in (name, "FLAG"))
        antennas = [chosen.getcol(of, start, rows) for of in ("ANTENNA1", "ANTENNA2")]
        length = np.linalg.norm(chosen.getcol("UVW", start, rows), axis=0)
    good = ~flag & np.isfinite(data)
    baseline = antennas[0] + (int(antennas[1].max()) + 1) * antennas[1]
    wide = np.broadcast_to(baseline, data.shape), np.broadcast_to(length, data.shape)
    return np.abs(data[good]), wide[0][good], wide[1][good]


def is_point(modulus: np.ndarray, baseline: np.ndarray, length: np.ndarray) -> bool:
    """Whether moduli are above the noise, and the same on all baselines: those of a point.

    Phases, which errors of antennas may have spoilt, are not asked, so neither is its place.

    Parameters
    ----------
    modulus : (n,)
    baseline : (n,), a number of it
    length : (n,), of the baseline
    """
    names, of_sample = np.unique(baseline, return_inverse=True)
    if len(names) < FEWEST or len(modulus) < 3 * len(names):
        return False
    groups = [of_sample == k for k in range(len(names))]
    level = np.array([np.median(modulus[rows]) for rows in groups])
    if not level.min() > 0:
        return False
    scatter = _scatter(modulus / level[of_sample])
    order = level[np.argsort([np.median(length[rows]) for rows in groups])]
    third = len(order) // 3
    short, long = np.median(order[:third]), np.median(order[-third:])
    return bool(
        scatter < NOISE
        and _scatter(level / np.median(level)) < GAIN_SPREAD
        and abs(long / short - 1) < LENGTH_RATIO
    )


def _scatter(values: np.ndarray) -> float:
    """Robust standard deviation about the median."""
    return robust_scatter(values - np.median(values))
