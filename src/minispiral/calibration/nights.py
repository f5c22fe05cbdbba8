"""Gains of a night put on its measurement sets, each with its own ids of spws and antennas.

A table for applycal has the ids of the set to which it is applied, so each execution of a night has
tables of its own. Call these inside `minispiral.casa.session`.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from minispiral.calibration.data import write_calibrated_data
from minispiral.calibration.solution import Solution
from minispiral.ms.executions import without_missing
from minispiral.ms.inspection import Inspection
from minispiral.ms.nights import antenna_keys, join_executions, night_names, observations
from minispiral.visibilities.antenna_gains import AntennaGains, places_among

WriteTable = Callable[[str | Path, str | Path, int, Mapping[int, Solution]], None]
Record = TypeVar("Record", Solution, AntennaGains)


def write_gain_tables(
    write: WriteTable,
    sets: Sequence[str | Path],
    names: Sequence[str],
    output: str | Path,
    inspections: Sequence[Inspection],
    solutions: Sequence[Solution],
) -> None:
    """Write the table of a track's only measurement set, or a folder with one for each of a night.

    Parameters
    ----------
    write : `write_gain_table` or `write_antenna_gain_table`
    names : of the tables of a night, see `table_names`
    inspections : of each of the sets
    solutions : of each spw of the track
    """
    if len(sets) == 1:
        (inspection,) = inspections
        write(sets[0], output, inspection.field_id, _by_own_spw(inspection, solutions))
        return
    Path(output).mkdir()
    own = executions_solutions(sets, inspections, solutions)
    for ms, name, inspection, of_set in zip(sets, names, inspections, own, strict=True):
        by_spw = _by_own_spw(inspection, of_set)
        write(ms, Path(output, name), inspection.field_id, by_spw)


def table_names(sets: Sequence[str | Path]) -> list[str]:
    """Names of the tables of a night: those of the sets, and their numbers where these are alike.

    ``X448f.gains`` is for ``data/X448f.ms``; ``1_a.gains`` for the first of ``x/a.ms``, ``y/a.ms``.
    """
    names = [Path(ms).name.removesuffix(".ms") for ms in sets]
    count = Counter(names)
    return [
        f"{number}_{name}.gains" if count[name] > 1 else f"{name}.gains"
        for number, name in enumerate(names, start=1)
    ]


def write_calibrated_night(
    sets: Sequence[str | Path],
    output: str | Path,
    inspections: Sequence[Inspection],
    data_column: str,
    solutions: Sequence[Solution],
) -> None:
    """Write the target field of a track's measurement set, or of all of a night, with the gains.

    See `write_calibrated_data`. Those of a night are joined; spws of which an execution has other
    channels than the first come after the first's.
    """
    if len(sets) == 1:
        write_calibrated_data(sets[0], output, inspections[0], data_column, solutions)
        return
    parts = [Path(f"execution{number}.ms").resolve() for number in range(1, len(sets) + 1)]
    own = executions_solutions(sets, inspections, solutions)
    for ms, part, inspection, of_set in zip(sets, parts, inspections, own, strict=True):
        write_calibrated_data(ms, part, without_missing(inspection), data_column, of_set)
    join_executions(parts, output)


def executions_solutions(
    sets: Sequence[str | Path], inspections: Sequence[Inspection], solutions: Sequence[Solution]
) -> list[list[Solution]]:
    """For each measurement set of a night the solutions of its times, with its own antennas.

    They are of the spws that it has.
    """
    keys = [antenna_keys(ms) for ms in sets]
    names = night_names(keys)
    numbers = {key: number for number, key in enumerate(names)}
    return [
        [
            own_solution(
                solution,
                inspection,
                list(names.values()),
                [numbers[key] for key in of_set],
                [key[0] for key in of_set],
                observations(ms, inspection.field_id, window.spw),
            )
            for window, solution in zip(inspection.spws, solutions, strict=True)
            if not window.is_missing
        ]
        for ms, inspection, of_set in zip(sets, inspections, keys, strict=True)
    ]


def own_solution(
    solution: Solution,
    inspection: Inspection,
    names: Sequence[str],
    places: Sequence[int],
    own_names: Sequence[str],
    own_observations: np.ndarray,
) -> Solution:
    """That part of a night's solution that is about one execution.

    Parameters
    ----------
    names : of the night's antennas, of which several may share one
    places : of the execution's antennas among them, in its order
    own_names : their names in the execution
    own_observations : ids of its observations with data of the solution's spw, ascending: the
        night has others, in the same order
    """
    half = solution.interval / 2
    within = (solution.times > inspection.first_time_s - half) & (
        solution.times < inspection.last_time_s + half
    )

    def own(gains: AntennaGains | None) -> AntennaGains | None:
        return None if gains is None else _own_antennas(gains, within, names, places, own_names)

    part = _at(solution, within)
    _, place = np.unique(part.observations, return_inverse=True)
    return replace(
        part,
        observations=own_observations[place],
        antenna_gains=own(solution.antenna_gains),
        core_gains=own(solution.core_gains),
    )


def _own_antennas(
    gains: AntennaGains,
    within: np.ndarray,
    names: Sequence[str],
    places: Sequence[int],
    own_names: Sequence[str],
) -> AntennaGains:
    solved = np.array(places_among(names, gains.antennas))[list(places)]
    own = _at(gains, within)
    return replace(own, gain=own.gain[:, solved], antennas=np.array(own_names, str))


def _at(record: Record, within: np.ndarray) -> Record:
    """All arrays of a record that have a row for each integration, at some of these."""
    changes: dict[str, Any] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, np.ndarray) and field.name != "antennas":
            changes[field.name] = value[within]
    return replace(record, **changes)


def _by_own_spw(inspection: Inspection, solutions: Sequence[Solution]) -> dict[int, Solution]:
    spws = [window.spw for window in inspection.spws if not window.is_missing]
    return dict(zip(spws, solutions, strict=True))
