"""Executions of a night: their spws matched by frequency, and what they hold together.

A night may be several measurement sets, each with spw ids of its own. A campaign's spws are
numbered as in the first of them, as the configuration names them; those of the others are found by
their frequencies. An inspection of an execution has the spws by its own ids, in the order of the
first's.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from minispiral.errors import MinispiralError, raise_all
from minispiral.measures.integrations import same_length
from minispiral.measures.times import utc
from minispiral.measures.units import separation
from minispiral.ms.fields import field_id_of, fields_at, fields_with_data
from minispiral.ms.inspection import (
    MISSING,
    Inspection,
    SpectralWindow,
    inspect,
)
from minispiral.ms.windows import Window, channel_set, reading, same_hands, spectral_windows
from minispiral.visibilities.stokes import PARALLEL_HANDS, parallel_hands

Described = Window | SpectralWindow

# centres of one spw in two executions may differ by this share of its width: Doppler setting shifts
# it by less than a MHz within a night, and neighbouring spws lie a width away
CENTRE_TOLERANCE = 0.1
# phase centres may differ by this share of the finest fringe, 2 degrees of phase on the longest
# baseline
PHASE_CENTRE_TOLERANCE = 1 / 180
# a channel is left out if at least this share of it lies in what is to be left out
CHANNEL_SHARE = 0.1
RADIAN_ARCSEC = np.degrees(1) * 3600


def inspect_execution(
    ms: str, field: str, first: Inspection, data_column: str, state: str = ""
) -> Inspection:
    """Inspect another execution of a night: its spws are those of the first, found by frequency.

    Its field is the one of the same name, or else of the same phase centre. For a spw that it has
    not stands one whose `is_missing`.

    Raises
    ------
    MinispiralError
        As `inspect` does, and if the field or all spws of the first have no counterpart.
    """
    with reading(ms):
        fields = fields_with_data(ms)
        own = same_field(ms, field, list(fields), first)
        windows = spectral_windows(ms, field_id_of(ms, own))
    of_field = {spw: windows[spw] for spw in fields[own]}
    there = [window for window in first.spws if _match(of_field, window) is not None]
    # without any, each is named
    found = inspect(ms, own, match_spws(ms, of_field, there or first.spws), data_column, state)
    windows_of = {window.spw: its for window, its in zip(there, found.spws, strict=True)}
    return replace(found, spws=tuple(windows_of.get(w.spw, _missing(w)) for w in first.spws))


def _missing(window: SpectralWindow) -> SpectralWindow:
    """Return what stands for a spw of the first that an execution has not."""
    return replace(
        window,
        spw=MISSING,
        rows=0,
        usable_rows=0,
        longest_baseline_m=0.0,
        baselines=0,
        other_weights=0.0,
        without_sigma=0.0,
    )


def without_missing(inspection: Inspection) -> Inspection:
    """An inspection of an execution with those spws alone that it has."""
    spws = tuple(window for window in inspection.spws if not window.is_missing)
    return replace(inspection, spws=spws)


def same_field(ms: str, field: str, fields: Sequence[str], first: Inspection) -> str:
    """Name of a track's field in another execution: the same, or that of the same phase centre.

    Parameters
    ----------
    fields : those that have data there

    Raises
    ------
    MinispiralError
        If neither is there, or several are at the phase centre.
    """
    if field in fields:
        return field
    there = fields_at(ms, first.direction_deg, centre_tolerance(first))
    if len(there) == 1:
        return there[0]
    listed = ", ".join(map(repr, there or fields))
    raise MinispiralError(
        f"{ms} has no data of field {field!r}, only of {listed}: "
        + (
            "of those at its phase centre, split the one to be used into a set of its own"
            if there
            else "none is at its phase centre, so make it a track of its own"
        )
    )


def centre_tolerance(*inspections: Inspection) -> float:
    """How far phase centres may be apart that are taken for one, arcsec."""
    longest = max(inspection.longest_baseline_wavelengths for inspection in inspections)
    return float(PHASE_CENTRE_TOLERANCE * RADIAN_ARCSEC / longest)


def match_spws(
    ms: str, windows: Mapping[int, Described], wanted: Sequence[SpectralWindow]
) -> list[int]:
    """Ids of the spws of a measurement set that are those of another, in the order of the latter.

    They have the same parallel hands, and centres within `CENTRE_TOLERANCE` of the width. Of
    several, one with the same cross hands, then with as many channels, and then the nearest, is
    taken: data as ALMA delivers them hold averages of spws beside these.

    Raises
    ------
    MinispiralError
        One line for each that is not there.
    """
    matches = [_match(windows, window) for window in wanted]
    raise_all(
        _unmatched(ms, windows, window)
        for window, spw in zip(wanted, matches, strict=True)
        if spw is None
    )
    found = [spw for spw in matches if spw is not None]
    raise_all(
        f"{ms}: its spw {spw} has the frequency of spws {', '.join(str(w.spw) for w in of)} of "
        "the track's first measurement set: leave out all of these but one"
        for spw in dict.fromkeys(found)
        if len(of := [w for w, match in zip(wanted, found, strict=True) if match == spw]) > 1
    )
    return found


def _match(windows: Mapping[int, Described], wanted: SpectralWindow) -> int | None:
    candidates = [
        (
            window.correlations != wanted.correlations,
            window.channels != wanted.channels,
            offset,
            spw != wanted.spw,
            spw,
        )
        for spw, window in windows.items()
        if set(PARALLEL_HANDS) & set(window.correlations)
        and same_hands(window.correlations, wanted.correlations)
        and (offset := abs(window.frequency_hz - wanted.frequency_hz)) <= tolerance_hz(wanted)
    ]
    return min(candidates)[-1] if candidates else None


def tolerance_hz(window: SpectralWindow) -> float:
    """How far the centre of the same spw may be off in another execution."""
    return CENTRE_TOLERANCE * window.width_hz


def _unmatched(ms: str, windows: Mapping[int, Described], wanted: SpectralWindow) -> str:
    theirs = ", ".join(
        f"{spw} ({w.frequency_hz / 1e9:.3f} GHz, {' '.join(w.correlations)})"
        for spw, w in windows.items()
    )
    hands = " ".join(parallel_hands(wanted.correlations))
    return (
        f"{ms} has no {hands} within {tolerance_hz(wanted) / 1e6:.3g} MHz "
        f"of {wanted.frequency_hz / 1e9:.3f} GHz, spw {wanted.spw} of the track's first "
        f"measurement set; its spws are {theirs}: leave out spw {wanted.spw}, or this set"
    )


def counterpart(
    first: Inspection, other: Inspection, spw: int
) -> tuple[SpectralWindow, SpectralWindow]:
    """A spw of the first execution, by its id there, and the same of another execution."""
    return next(pair for pair in zip(first.spws, other.spws, strict=True) if pair[0].spw == spw)


def same_channels(ranges: str, named: SpectralWindow, own: SpectralWindow) -> str | None:
    """Channels of an execution's spw where the first's has the channels of some ranges.

    Returns
    -------
    ranges as `split.flag_channels` has them; None if there is no such channel

    Raises
    ------
    MinispiralError
        If no other channel is left.
    """
    grid, own_grid = _edges(named), _edges(own)
    left_out = np.zeros(own.channels)
    for channel in channel_set(ranges):
        inside = np.minimum(own_grid[:, 1], grid[channel, 1]) - np.maximum(
            own_grid[:, 0], grid[channel, 0]
        )
        left_out += np.maximum(inside, 0)
    flagged = np.flatnonzero(left_out > CHANNEL_SHARE * (own_grid[:, 1] - own_grid[:, 0]))
    if len(flagged) == own.channels:
        raise MinispiralError(
            f"spw {own.spw} has no channel outside of channels {ranges} of spw {named.spw} of the "
            "track's first measurement set: correct split.flag_channels, or leave out the spw"
        )
    if not len(flagged):
        return None
    runs = np.split(flagged, np.flatnonzero(np.diff(flagged) > 1) + 1)
    return ";".join(f"{run[0]}~{run[-1]}" for run in runs)


def _edges(window: SpectralWindow) -> np.ndarray:
    """Lower and upper frequency of each channel, Hz, ``(n_chan, 2)``."""
    width = window.channel_width_hz
    centre = window.frequency_hz + width * (np.arange(window.channels) - (window.channels - 1) / 2)
    return centre[:, None] + abs(width) / 2 * np.array([-1, 1])


def check_night(sets: Sequence[str], inspections: Sequence[Inspection]) -> None:
    """Check that measurement sets are executions of one night: of one field, one after the other.

    Raises
    ------
    MinispiralError
        One line for each two that overlap in time, or whose phase centres differ.
    """
    raise_all([*_overlaps(sets, inspections), *_other_centres(sets, inspections)])


def _overlaps(sets: Sequence[str], inspections: Sequence[Inspection]) -> Iterator[str]:
    in_order = sorted(zip(sets, inspections, strict=True), key=lambda pair: pair[1].first_time_s)
    for (one, earlier), (other, later) in pairwise(in_order):
        if later.first_time_s <= earlier.last_time_s:
            yield (
                f"{one} and {other} overlap in time, from {utc(later.first_time_s)} to "
                f"{utc(min(earlier.last_time_s, later.last_time_s))} UTC, but executions of a "
                "night follow each other: leave one of them out"
            )


def _other_centres(sets: Sequence[str], inspections: Sequence[Inspection]) -> Iterator[str]:
    first = inspections[0]
    for ms, inspection in zip(sets[1:], inspections[1:], strict=True):
        distance = separation(first.direction_deg, inspection.direction_deg)
        if not shares_centre(first, inspection):
            yield (
                f"the phase centres of {sets[0]} and {ms} are {distance:.2g} arcsec apart: shift "
                f"one of them (CASA's phaseshift), or make {ms} a track of its own"
            )


def check_intervals(sets: Sequence[str], intervals_s: Sequence[Mapping[int, float]]) -> None:
    """Check that executions have one integration time: it decides about gaps and neighbours.

    Parameters
    ----------
    intervals_s : for each set, length of an integration by the track's spw, see `intervals_of`

    Raises
    ------
    MinispiralError
        One line for each that has not that of the first.
    """
    first = intervals_s[0]
    raise_all(
        f"integrations of {sets[0]} in spw {', '.join(map(str, spws))} are of {one:.4g} s, those "
        f"of {ms} of {other:.4g} s: average one of them to the other, or make {ms} a track of its "
        "own"
        for ms, own in zip(sets, intervals_s, strict=True)
        for (one, other), spws in other_intervals(first, own).items()
    )


def intervals_of(first: Inspection, execution: Inspection) -> dict[int, float]:
    """Length of an execution's integrations, s, by the spw of the first."""
    pairs = zip(first.spws, execution.spws, strict=True)
    return {named.spw: own.interval_s for named, own in pairs if not own.is_missing}


def other_intervals(
    first: Mapping[int, float], other: Mapping[int, float]
) -> dict[tuple[float, float], list[int]]:
    """Spws whose integrations are not of one length, by both lengths (s)."""
    found: dict[tuple[float, float], list[int]] = {}
    for spw, interval in first.items():
        if spw in other and not same_length(interval, other[spw]):
            found.setdefault((interval, other[spw]), []).append(spw)
    return found


def shares_centre(one: Inspection, other: Inspection) -> bool:
    """Whether the phase centres are one for the longest baselines."""
    distance = separation(one.direction_deg, other.direction_deg)
    return bool(distance <= centre_tolerance(one, other))


def together(inspections: Sequence[Inspection]) -> Inspection:
    """What executions hold together, with the spws and the field as the first has them."""
    first = inspections[0]
    windows = [
        replace(
            of[0],
            correlations=max((w.correlations for w in of), key=len),
            rows=sum(w.rows for w in of),
            usable_rows=sum(w.usable_rows for w in of),
            longest_baseline_m=max(w.longest_baseline_m for w in of),
            baselines=max(w.baselines for w in of),
            other_weights=np.average(
                [w.other_weights for w in of], weights=[max(1, w.usable_rows) for w in of]
            ).item(),
            without_sigma=np.average(
                [w.without_sigma for w in of], weights=[max(1, w.rows) for w in of]
            ).item(),
        )
        for of in zip(*(inspection.spws for inspection in inspections), strict=True)
    ]
    used = sorted({name for inspection in inspections for name in inspection.used_antennas})
    checksums = " ".join(inspection.metadata_sha256 for inspection in inspections)
    return replace(
        first,
        position_m=tuple(np.mean([i.position_m for i in inspections], axis=0).tolist()),
        antennas=len(used),
        used_antennas=tuple(used),
        dishes_m=tuple(sorted({dish for i in inspections for dish in i.dishes_m})),
        integrations=sum(inspection.integrations for inspection in inspections),
        first_time_s=min(inspection.first_time_s for inspection in inspections),
        last_time_s=max(inspection.last_time_s for inspection in inspections),
        spws=tuple(windows),
        state=" ".join(inspection.state for inspection in inspections),
        bytes=sum(inspection.bytes for inspection in inspections),
        metadata_sha256=hashlib.sha256(checksums.encode()).hexdigest(),
    )


def what_is_missing(night: Inspection, execution: Inspection) -> list[str]:
    """Say which spws, and which correlations, an execution has not that others of the night have.

    Parameters
    ----------
    night : of all executions together
    """
    missing: dict[str, list[int]] = {}
    for of_night, own in zip(night.spws, execution.spws, strict=True):
        if own.is_missing:
            continue
        names = [name for name in of_night.correlations if name not in own.correlations]
        if names:
            missing.setdefault(" and ".join(names), []).append(own.spw)
    spws = [
        f"{of_night.spw} ({of_night.frequency_hz / 1e9:.3f} GHz)"
        for of_night, own in zip(night.spws, execution.spws, strict=True)
        if own.is_missing
    ]
    gone = [f"it lacks spw {', '.join(spws)}, which is missing at its times"] * bool(spws)
    return gone + [
        f"its spw {', '.join(map(str, sorted(numbers)))} has no {names}, which other executions "
        "have: the Stokes parameters that need them are missing for its times"
        for names, numbers in missing.items()
    ]
