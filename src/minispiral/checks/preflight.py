"""Everything that can be known of a campaign before it runs, as one list of findings."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from minispiral import casa
from minispiral.checks.findings import OK, Finding, collected, error, note, ok
from minispiral.checks.images import check_cell, check_dishes, check_given_mask
from minispiral.checks.inputs import input_problems, remarks, why_unreadable
from minispiral.checks.machine import check_machine
from minispiral.checks.nights import describe_numbers, observe_night
from minispiral.checks.survey import Observation, observe
from minispiral.checks.tracks import check_tracks
from minispiral.config.campaign import Campaign
from minispiral.config.places import Places
from minispiral.config.salvage import salvage
from minispiral.config.yaml_file import missing, read
from minispiral.errors import MinispiralError
from minispiral.light_curves.user_flags import HandFlag, read_user_flags
from minispiral.measures.times import utc
from minispiral.ms.comparison import weight_remarks
from minispiral.ms.executions import (
    check_intervals,
    check_night,
    inspect_execution,
    intervals_of,
    same_channels,
    what_is_missing,
    without_missing,
)
from minispiral.ms.inspection import Inspection, inspect, inspect_target
from minispiral.ms.lone_hand import hands_to_calibrate, remarks_on, remarks_on_lines
from minispiral.ms.windows import reading
from minispiral.selfcal.data_state import check_reference
from minispiral.simulation.settings import TrackSimulation

Progress = Callable[[str], None]


def preflight(path: str | os.PathLike[str], progress: Progress) -> Iterator[Finding]:
    """Check a configuration file and all that it names; an error hides no other.

    A finding about a key that the file has begins with its place, like ``config.yaml:12``.

    `progress` gets the name of what is being read, as flags of a full track take a while.
    """
    casa.quiet_tools()
    places = Places([])
    campaign = None
    findings: list[Finding] = []
    with collected(findings):
        if not os.path.exists(path):
            raise MinispiralError(missing(path))
        campaign, problems = salvage(read(path))
        places = Places([path])
        findings += [error(places.located(problem)) for problem in problems]
    if campaign is not None and not findings:
        findings.append(ok(f"configuration: {path}: campaign {campaign.name}"))
    yield from findings
    for finding in _findings_about(campaign, places, progress):
        keys = (tuple(finding.key.split(".")),)
        place = None if finding.level == OK else places.line(keys)
        yield finding if place is None else replace(finding, text=f"{place}: {finding.text}")


def _findings_about(
    campaign: Campaign | None, places: Places, progress: Progress
) -> Iterator[Finding]:
    """Check all that a configuration names, and the machine, which comes even without one."""
    observations: dict[str, Observation] = {}
    targets: dict[str, Observation] = {}
    if campaign is not None:
        yield from _check_files(campaign, places)
        for track in campaign.tracks:
            progress(f"track {track}")
            yield from _check_track(campaign, track, observations)
        yield from check_tracks(campaign, observations)
        yield from _check_flag_tables(campaign, observations)
        for name in campaign.targets:
            progress(f"target {name}")
            yield from _check_target(name, campaign.target(name), targets)
    yield from check_machine(campaign, observations, targets)


def _check_files(campaign: Campaign, places: Places) -> list[Finding]:
    findings = [error(places.located(problem)) for problem in input_problems(campaign)]
    if not findings:
        findings.append(ok("inputs: all files that are named are there"))
    return findings + [note(remark) for remark in remarks(campaign)]


def _check_track(
    campaign: Campaign, track: str, observations: dict[str, Observation]
) -> list[Finding]:
    """Inspect a track's measurement sets and keep what is found, or look at its simulation."""
    sets, simulation = campaign.measurement_sets(track), campaign.simulation(track)
    if simulation is not None:
        return _check_simulation(track, simulation, campaign.spws(track))
    if any(map(why_unreadable, sets)):
        return []  # said already
    findings: list[Finding] = []
    of_sets: list[Observation] = []
    column = campaign.settings("split", track)["data_column"]
    field, spws = campaign.field(track), campaign.spws(track)
    for ms in sets:
        with collected(findings, f"track {track}: ", f"tracks.{track}.ms"), reading(ms):
            if ms == sets[0]:
                inspection = inspect(ms, field, spws, column)
            elif of_sets and of_sets[0].ms == sets[0]:
                inspection = inspect_execution(ms, field, of_sets[0].inspection, column)
            else:
                break  # without the first, spws of the others mean nothing
            of_sets.append(observe(ms, inspection))
            findings.append(ok(f"track {track}: {ms}: {describe(inspection)}"))
    if len(of_sets) == len(sets) > 1:
        findings += _check_night(campaign, track, of_sets, observations)
    elif len(of_sets) == len(sets):
        observations[track] = of_sets[0]
    return findings


def _check_night(
    campaign: Campaign,
    track: str,
    executions: Sequence[Observation],
    observations: dict[str, Observation],
) -> list[Finding]:
    """Check that the executions of a night fit each other, and keep what they hold together."""
    findings: list[Finding] = []
    where, sets = f"track {track}: ", [execution.ms for execution in executions]
    inspections = [execution.inspection for execution in executions]
    with collected(findings, where, "tracks"):
        check_night(sets, inspections)
    with collected(findings, where, "tracks"):
        check_intervals(sets, [intervals_of(inspections[0], of_set) for of_set in inspections])
    flagged = campaign.settings("split", track)["flag_channels"]
    for ms, inspection in zip(sets[1:], inspections[1:], strict=True):
        for named, own in zip(inspections[0].spws, inspection.spws, strict=True):
            with collected(findings, f"{where}{ms}: ", "split.flag_channels"):
                if str(named.spw) in flagged and not own.is_missing:
                    same_channels(flagged[str(named.spw)], named, own)
    if not findings:
        night = observations[track] = observe_night(executions)
        findings = [ok(f"{where}{len(sets)} executions: {describe(night.inspection)}")]
        findings += [
            ok(f"{where}{ms}: {renumbered}")
            for ms, inspection in zip(sets, inspections, strict=True)
            if (renumbered := describe_numbers(inspection, night.inspection))
        ]
        findings += [
            note(f"{where}{ms}: {text}", "tracks")
            for ms, inspection in zip(sets, inspections, strict=True)
            for text in what_is_missing(night.inspection, inspection)
        ]
    return findings


def _check_simulation(
    track: str, settings: Mapping[str, Any], spws: Sequence[int]
) -> list[Finding]:
    try:
        simulation = TrackSimulation.from_settings(settings)
    except MinispiralError:
        return []  # said already
    number = len(simulation.frequencies_ghz)
    missing = [spw for spw in spws if spw >= number]
    if missing:
        return [
            error(
                f"track {track}: spws has {missing[0]}, but the simulation has {number}, counted "
                "from 0: correct spws, or simulate.frequencies_ghz"
            )
        ]
    return [
        ok(
            f"track {track}: to be simulated, {simulation.antennas} antennas, "
            f"{simulation.integrations} integrations from {simulation.start[:19]} UTC, spws at "
            f"{', '.join(map(str, simulation.frequencies_ghz))} GHz"
        )
    ]


def describe(inspection: Inspection) -> str:
    """Return field, antennas, times and spws of an inspection, in one line."""
    start, end = (utc(t) for t in (inspection.first_time_s, inspection.last_time_s))
    inspection = without_missing(inspection)
    frequencies = ", ".join(f"{w.spw} ({w.frequency_hz / 1e9:.3f} GHz)" for w in inspection.spws)
    kinds = {(w.channels, " ".join(w.correlations)) for w in inspection.spws}
    channels = " or ".join(f"{n} channel{'s' * (n > 1)} of {names}" for n, names in sorted(kinds))
    return (
        f"field {inspection.field_name!r}, {inspection.antennas} antennas, "
        f"{inspection.integrations} integrations, {start} to {end} UTC, spws {frequencies}, each "
        f"{channels}"
    )


def _check_flag_tables(
    campaign: Campaign, observations: Mapping[str, Observation]
) -> Iterator[Finding]:
    """Find lines of the tables of flags that flag nothing."""
    tables = dict.fromkeys(campaign.flag_table(track) for track in observations)
    for table in tables:
        if table is None or not os.path.exists(table):
            continue
        users = {t: o for t, o in observations.items() if campaign.flag_table(t) == table}
        try:
            idle = idle_flags(read_user_flags(table), users)
        except MinispiralError:
            continue  # said already
        for flag in idle:
            firsts = [o.inspection.first_time_s for t, o in users.items() if flag.track in ("*", t)]
            start, end = flag.span(min(firsts))
            yield note(
                f"{table}: the line of track {flag.track}, spw {flag.spw}, {utc(start)} to "
                f"{utc(end)} UTC flags no data of these tracks: correct it, or leave it out"
            )
        if not idle:
            yield ok(f"{table}: each line concerns data that are there")


def idle_flags(
    flags: Sequence[HandFlag], observations: Mapping[str, Observation]
) -> list[HandFlag]:
    """Flags of tracks that were inspected, whose times or spws none of these has."""
    known = [flag for flag in flags if flag.track == "*" or flag.track in observations]
    return [
        flag
        for flag in known
        if not any(
            flag.concerns(track, window.spw) and _within(flag, observation)
            for track, observation in observations.items()
            for window in observation.inspection.spws
        )
    ]


def _within(flag: HandFlag, observation: Observation) -> bool:
    """Whether some of the track lies between the times of a flag."""
    first, last = observation.inspection.first_time_s, observation.inspection.last_time_s
    start, end = flag.span(first)
    return start <= last and end >= first


def _check_target(
    name: str, target: Mapping[str, Any], targets: dict[str, Observation]
) -> list[Finding]:
    """Inspect a target of self-calibration, which is kept, and the lines that go with it."""
    findings: list[Finding] = []
    where, ms = f"target {name}: ", target["ms"]
    with collected(findings, where, f"selfcal_targets.{name}.ms"), reading(ms):
        if not why_unreadable(ms):
            inspection = inspect_target(ms, target["field"], target["spws"], target["data_column"])
            observation = targets[name] = observe(ms, inspection)
            findings.append(ok(f"{where}{ms}: {describe(inspection)}"))
            remarks = [*remarks_on(inspection.hands), *weight_remarks(inspection)]
            findings += [note(f"{where}{ms}: {text}") for text in remarks]
            for of_image in (
                check_cell(target["image"], observation),
                check_given_mask(target["image"], observation),
                check_dishes(observation),
            ):
                findings += [Finding(f.level, where + f.text, f.key) for f in of_image]
            findings += _check_references(where, target["rounds"], observation)
    for line in target["lines"].values():
        with collected(findings, where), reading(line["ms"]):
            if not why_unreadable(line["ms"]):
                column = line.get("data_column", "data")
                inspection = inspect_target(line["ms"], target["field"], None, column)
                findings.append(ok(f"{where}{line['ms']}: {describe(inspection)}"))
                weights = weight_remarks(inspection)
                findings += [note(f"{where}{line['ms']}: {text}") for text in weights]
                if name in targets:
                    findings += _check_hands(where, line["ms"], inspection, targets[name])
    return findings


def _check_hands(where: str, ms: str, lines: Inspection, target: Observation) -> Iterator[Finding]:
    """Check that line data have a hand of the target's solutions."""
    hands = target.inspection.hands
    hands_to_calibrate(ms, lines.hands, hands)
    for text in remarks_on_lines(lines.hands, hands):
        yield note(f"{where}{ms}: {text}")


def _check_references(
    where: str, rounds: Sequence[Mapping[str, Any]], observation: Observation
) -> list[Finding]:
    findings: list[Finding] = []
    for refant in (keys.get("refant") for keys in rounds):
        if refant is not None:
            with collected(findings, where):
                check_reference(observation.ms, observation.antenna_names, refant)
    return list(dict.fromkeys(findings))
