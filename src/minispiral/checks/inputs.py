"""What a configuration names, checked before anything starts: it takes no time."""

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from minispiral.config.campaign import FIRST_SOLVED, Campaign, mask_path
from minispiral.config.problem import Problem, of_track
from minispiral.errors import MinispiralError, raise_all

#: Endings of measurement sets that are packed for transport, as archives deliver them.
PACKED = (".tar.xz", ".tar.gz", ".tgz", ".tar.bz2", ".tar.zst", ".tar", ".zip")


def check_inputs(campaign: Campaign) -> None:
    """Check what takes no time: that input paths exist, flag tables, and keys of simulations.

    Raises
    ------
    MinispiralError
        One line for each that does not.
    """
    raise_all(problem.text for problem in input_problems(campaign))


def input_problems(campaign: Campaign) -> Iterable[Problem]:
    """Return what `check_inputs` finds, with the keys, and each text once."""
    problems: list[Problem] = []
    if fault := _unsafe(campaign.folder):
        folder = os.path.realpath(campaign.folder)
        text = f"{folder} {fault}: choose another place with results"
        problems.append(Problem(text, (("results",),)))
    for track in campaign.tracks:
        problems += _track_problems(campaign, track)
    for name in campaign.targets:
        problems += _target_problems(name, campaign.target(name))
    once: dict[str, Problem] = {}
    for problem in problems:
        once.setdefault(problem.text, problem)
    return once.values()


def _track_problems(campaign: Campaign, track: str) -> Iterator[Problem]:
    sets = campaign.measurement_sets(track)
    for k, ms in enumerate(sets):
        if fault := why_unreadable(ms):
            text = f"track {track}: {ms} {fault}: correct tracks.{track}.ms"
            yield Problem(text, (("tracks", track, "ms", k), ("tracks", track, "ms")))
    mask = mask_path(campaign.settings("image", track))
    if mask is not None and not os.path.exists(mask):
        text = f"track {track}: the mask {mask} does not exist: correct image.mask"
        yield Problem(text, of_track(track, "image", "mask"))
    table = campaign.flag_table(track)
    if table is not None and not os.path.exists(table):
        text = f"track {track}: the table {table} does not exist: correct flag.table"
        yield Problem(text, of_track(track, "flag", "table"))
    elif table is not None:
        keys = of_track(track, "flag", "table")
        yield from (Problem(text, keys) for text in _flag_table_problems(campaign, table))
    truth, simulation = campaign.truth(track), campaign.simulation(track)
    simulated = os.path.join(campaign.folder, "simulated", f"{track}.truth.csv")
    if truth not in (None, simulated) and not os.path.isfile(truth):
        text = f"track {track}: {truth} does not exist: correct tracks.{track}.truth"
        yield Problem(text, (("tracks", track, "truth"),))
    if simulation is not None:
        of_simulation = (("tracks", track, "simulate"),)
        yield from (
            Problem(text, of_simulation) for text in _simulation_problems(track, simulation)
        )


def _target_problems(name: str, target: Mapping[str, Any]) -> Iterator[Problem]:
    sets: dict[tuple[str, ...], str] = {("ms",): target["ms"]}
    sets |= {("lines", line, "ms"): keys["ms"] for line, keys in target["lines"].items()}
    for key, ms in sets.items():
        if fault := why_unreadable(ms):
            text = f"{ms} {fault}: correct selfcal_targets.{name}.{'.'.join(key)}"
            yield Problem(text, (("selfcal_targets", name, *key),))
    mask = mask_path(target["image"])
    if mask is not None and not os.path.exists(mask):
        text = f"the mask {mask} does not exist: correct selfcal_targets.{name}.image.mask"
        yield Problem(text, (("selfcal_targets", name, "image", "mask"),))


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
    if os.path.isfile(ms):
        return _why_no_folder(os.fspath(ms))
    if os.path.exists(ms):
        return "is no readable measurement set"
    for ending in PACKED:
        if os.path.isfile(packed := f"{os.fspath(ms).rstrip('/')}{ending}"):
            return f"does not exist, but {packed} does ({_how_to_unpack(packed)})"
    return "does not exist"


def _why_no_folder(path: str) -> str:
    """Say what a file is that stands where a measurement set, a folder, should."""
    # imported here for the same reason as below
    import tarfile
    import zipfile

    try:
        is_packed = tarfile.is_tarfile(path) or zipfile.is_zipfile(path)
    except OSError:
        is_packed = False
    if is_packed or path.endswith(PACKED):
        return f"is a packed archive ({_how_to_unpack(path)}, and name the folder that is in it)"
    return "is a file, and no measurement set, which is a folder"


def _how_to_unpack(path: str) -> str:
    folder = shlex.quote(os.path.dirname(path) or ".")
    if path.endswith(".zip"):
        return f"unpack it: unzip {shlex.quote(path)} -d {folder}"
    return f"unpack it: tar -xf {shlex.quote(path)} -C {folder}"


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
                f"iteration does one, so the last {rounds - campaign.iterations} will not be done"
            )
    remark_of_turns = [
        f"model.turns is below {FIRST_SOLVED} for {', '.join(unsolved)}, so that no antenna gains "
        f"are solved for, which begins with turn {FIRST_SOLVED}: raise model.turns, or set "
        "selfcal.solve to never"
    ]
    return [*remark_of_rounds.values(), *(remark_of_turns if unsolved else [])]
