"""What a configuration names, checked before anything starts: it takes no time."""

import os
from collections.abc import Iterator, Mapping
from typing import Any

from minispiral.config.campaign import FIRST_SOLVED, Campaign, mask_path
from minispiral.errors import MinispiralError, raise_all


def check_inputs(campaign: Campaign) -> None:
    """Check what takes no time: that input paths exist, flag tables, and keys of simulations.

    Raises
    ------
    MinispiralError
        One line for each that does not.
    """
    problems = []
    if fault := _unsafe(campaign.folder):
        folder = os.path.realpath(campaign.folder)
        problems.append(f"{folder} {fault}: choose another place with results")
    for track in campaign.tracks:
        problems += _track_problems(campaign, track)
    for name in campaign.targets:
        problems += _target_problems(name, campaign.target(name))
    raise_all(dict.fromkeys(problems))


def _track_problems(campaign: Campaign, track: str) -> Iterator[str]:
    for ms in campaign.measurement_sets(track):
        if fault := why_unreadable(ms):
            yield f"track {track}: {ms} {fault}: correct tracks.{track}.ms"
    mask = mask_path(campaign.settings("image", track))
    if mask is not None and not os.path.exists(mask):
        yield f"track {track}: the mask {mask} does not exist: correct image.mask"
    table = campaign.flag_table(track)
    if table is not None and not os.path.exists(table):
        yield f"track {track}: the table {table} does not exist: correct flag.table"
    elif table is not None:
        yield from _flag_table_problems(campaign, table)
    truth, simulation = campaign.truth(track), campaign.simulation(track)
    simulated = os.path.join(campaign.folder, "simulated", f"{track}.truth.csv")
    if truth not in (None, simulated) and not os.path.isfile(truth):
        yield f"track {track}: {truth} does not exist: correct tracks.{track}.truth"
    if simulation is not None:
        yield from _simulation_problems(track, simulation)


def _target_problems(name: str, target: Mapping[str, Any]) -> Iterator[str]:
    sets = {"ms": target["ms"]} | {f"lines.{k}.ms": v["ms"] for k, v in target["lines"].items()}
    for key, ms in sets.items():
        if fault := why_unreadable(ms):
            yield f"{ms} {fault}: correct selfcal_targets.{name}.{key}"
    mask = mask_path(target["image"])
    if mask is not None and not os.path.exists(mask):
        yield f"the mask {mask} does not exist: correct selfcal_targets.{name}.image.mask"


def _unsafe(path: str | os.PathLike[str]) -> str:
    """Say what in a path another program would misread; empty if nothing."""
    # CASA's split runs `cp -r 'PATH/POINTING' ...`, its tables ask `select from "PATH"`
    if set("'\"") & set(os.path.realpath(path)):
        return "has a quote in its path, which CASA would hand to a shell or misread"
    if set("{}") & set(os.fspath(path)):
        return "has a brace in its path, which Snakemake would take for a wildcard"
    return ""


def why_unreadable(ms: str | os.PathLike[str]) -> str:
    """Say why a path can be no measurement set, if its main table shows it; empty if it can be."""
    if fault := _unsafe(ms):
        return fault
    if os.access(os.path.join(ms, "table.dat"), os.R_OK):
        return ""
    return "is no readable measurement set" if os.path.exists(ms) else "does not exist"


def _flag_table_problems(campaign: Campaign, table: str) -> list[str]:
    # imported here, as it takes as long as all else: a run without a table need not wait for it
    from minispiral.light_curves.user_flags import read_user_flags

    try:
        named = {flag.track for flag in read_user_flags(table)}
    except MinispiralError as error:
        return [str(error)]
    if os.path.isdir(table):  # which may have files of tracks that are not processed now
        return []
    unknown = sorted(named - {*campaign.tracks, "*"})
    return [
        f"{table} names track {track!r}, but the campaign has {', '.join(campaign.tracks)}: "
        "correct its name, or remove the line"
        for track in unknown
    ]


def _simulation_problems(track: str, simulation: Mapping[str, Any]) -> list[str]:
    # imported here for the same reason
    from minispiral.simulation.settings import TrackSimulation

    try:
        TrackSimulation.from_settings(simulation)
    except MinispiralError as error:
        return [f"track {track}: {error}"]
    return []


def remarks(campaign: Campaign) -> list[str]:
    """Say what is no mistake, but perhaps not what was meant."""
    remark_of_rounds = {}
    unsolved = [track for track in campaign.tracks if campaign.is_kept_from_solving(track)]
    for track in campaign.tracks:
        rounds = len(campaign.settings("selfcal", track)["rounds"])
        if rounds > campaign.iterations:
            remark_of_rounds[rounds] = (
                f"selfcal.rounds has {rounds}, but iterations is {campaign.iterations}: each "
                f"iteration does one, so {rounds - campaign.iterations} will not be done"
            )
    remark_of_turns = [
        f"model.turns is below {FIRST_SOLVED} for {', '.join(unsolved)}, so that no antenna gains "
        f"are looked for, as they are from turn {FIRST_SOLVED} on: raise it, or set selfcal.solve "
        "to never"
    ]
    return [*remark_of_rounds.values(), *(remark_of_turns if unsolved else [])]
