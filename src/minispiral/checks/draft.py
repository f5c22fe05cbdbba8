"""The first configuration of a campaign: what its measurement sets hold, and all defaults.

The text is that of the defaults, with their explanations; lines that begin with ``#>`` say what was
found. Nothing here reads a measurement set, see `minispiral.checks.survey` for that.
"""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from minispiral.checks.findings import OK, Finding
from minispiral.checks.nights import as_track, describe_execution, group_nights
from minispiral.checks.survey import LeftOut, Observation, Survey
from minispiral.checks.tracks import check_tracks, tracks_apart
from minispiral.config.campaign import Campaign
from minispiral.config.campaign_keys import Configuration
from minispiral.config.loading import resolve
from minispiral.config.yaml_text import COLUMN, WIDTH, explained, flow
from minispiral.imaging.clean import choose_cell
from minispiral.io.wording import listed_tracks, names_by_remark
from minispiral.measures.times import utc
from minispiral.ms.inspection import Inspection

MARK = "#> "
APART = (
    "its phase centre is not that of the other tracks: it has an IM1 of its own, model.scope: track"
)


@dataclass(frozen=True)
class Draft:
    """A configuration as text, and what is missing or odd in its data, a line each."""

    text: str
    notes: list[str]


def draft(
    surveys: Sequence[Survey], left_out: Sequence[LeftOut] = (), campaign: str | None = None
) -> Draft:
    """Write the configuration of a campaign of these measurement sets.

    Raises
    ------
    MinispiralError
        If the campaign's name is none, or two of the paths are one measurement set.
    """
    tracks = name_tracks([as_track(night) for night in group_nights(surveys)])
    config = settings(tracks, campaign)
    resolved = resolve(config)
    inspections = {name: s.observation.inspection for name, s in tracks.items()}
    if apart := tracks_apart(resolved, inspections):
        for name in apart:
            config["tracks"][name]["model"] = {"scope": "track"}
            tracks[name] = replace(tracks[name], remarks=(*tracks[name].remarks, APART))
        resolved = resolve(config)
    findings = check_tracks(resolved, {name: s.observation for name, s in tracks.items()})
    findings = [finding for finding in findings if finding.level != OK]
    notes = [f"{unusable.ms} is left out: {unusable.reason}" for unusable in left_out]
    notes += [f"track {name}: {text}" for name, s in tracks.items() for text in s.remarks]
    notes += [finding.text for finding in findings]
    return Draft(_text(config, resolved, tracks, left_out, findings), notes)


def name_tracks(surveys: Sequence[Survey]) -> dict[str, Survey]:
    """Name measurement sets by the date of their first data; a, b, ... follow where it is one."""
    in_order = sorted(surveys, key=lambda s: (s.observation.inspection.first_time_s, _path(s)))
    dates = [utc(s.observation.inspection.first_time_s)[:10].replace("-", "") for s in in_order]
    counts, names = Counter(dates), []
    seen: Counter[str] = Counter()
    for date in dates:
        names.append(date + letters(seen[date]) if counts[date] > 1 else date)
        seen[date] += 1
    return dict(zip(names, in_order, strict=True))


def letters(number: int) -> str:
    """A to z, then za, zb and so on: in alphabetical order."""
    return "z" * (number // 25) + chr(ord("a") + number % 25)


def _path(survey: Survey) -> str:
    return survey.observation.ms


def settings(tracks: Mapping[str, Survey], campaign: str | None) -> dict[str, Any]:
    """Return the keys that follow from the data; what one track has of its own, under its name."""
    of_tracks = {name: _keys_of(survey) for name, survey in tracks.items()}
    keys = ("field", "spws", "column")
    common = {key: _most_common(own[key] for own in of_tracks.values()) for key in keys}
    first = min(s.observation.inspection.first_time_s for s in tracks.values())
    config: dict[str, Any] = {
        "campaign": campaign or f"eht{utc(first)[:4]}",
        "field": common["field"],
        "spws": common["spws"],
        "tracks": {},
        "split": {"data_column": common["column"]},
    }
    for name, survey in tracks.items():
        own = {key: value for key, value in of_tracks[name].items() if value != common[key]}
        if "column" in own:
            own["split"] = {"data_column": own.pop("column")}
        config["tracks"][name] = {"ms": list(survey.observation.sets) or _path(survey), **own}
    return config


def _keys_of(survey: Survey) -> dict[str, Any]:
    inspection = survey.observation.inspection
    return {
        "field": inspection.field_name,
        "spws": [window.spw for window in inspection.spws],
        "column": survey.data_column,
    }


def _most_common(values: Iterable[Any]) -> Any:
    """The value that most have; the first of those that are equally many."""
    values = list(values)
    return max(values, key=values.count)


def _text(
    config: Mapping[str, Any],
    campaign: Campaign,
    tracks: Mapping[str, Survey],
    left_out: Sequence[LeftOut],
    findings: Sequence[Finding],
) -> str:
    keys, tracks_line, stages = re.split(
        r"(?m)^(?=tracks:|split:)", explained(Configuration, blocks={"tracks": ""}), maxsplit=2
    )
    remarks: dict[str, list[str]] = {}
    for key, text in _derived(campaign, tracks):
        remarks.setdefault(key, []).append(text)
    for finding in findings:
        remarks.setdefault(finding.key, []).append(finding.text)
    parts = [
        _header(sum(len(s.observation.sets) or 1 for s in tracks.values())),
        _filled(keys, config, remarks),
        tracks_line.rstrip("\n") + "\n",
        *(comment(remark, COLUMN) for remark in remarks.get("tracks", [])),
        *(line for name, survey in tracks.items() for line in _track(name, survey, config)),
        *(comment(f"left out: {unusable.ms}: {unusable.reason}", 2) for unusable in left_out),
        "\n",
        _filled(stages, config, remarks),
    ]
    return "".join(parts)


def _header(number: int) -> str:
    sets = "a measurement set" if number == 1 else f"{number} measurement sets"
    return f"""\
# A campaign of {sets}, written by `minispiral init`: lines that begin with {MARK.strip()} say
# what was found in the data. Each key but tracks can be left out: it then has the default that its
# comment names. Where a comment names the memo, that is the name in the memo or in its script.
# Next: minispiral check config.yaml, then minispiral run

"""


def _derived(campaign: Campaign, tracks: Mapping[str, Survey]) -> Iterator[tuple[str, str]]:
    """What follows from the data, with the key where to say it."""
    remarks = []
    for name, survey in tracks.items():
        image, inspection = campaign.settings("image", name), survey.observation.inspection
        cell = choose_cell(image, inspection)
        longest = inspection.longest_baseline_wavelengths
        remarks += [
            (name, ("image.cell", f"{cell:g} arcsec")),
            (name, ("image.imsize", f"{image['imsize'] * cell:.3g} arcsec wide")),
            (name, ("image.max_uv_wavelengths", f"{longest:.0f}")),
        ]
    for (key, text), names in names_by_remark(remarks).items():
        yield key, f"{listed_tracks(names)}: {text}"


def _track(name: str, survey: Survey, config: Mapping[str, Any]) -> Iterator[str]:
    """The lines of one track: its keys, and what is in its data."""
    yield f'  "{name}":\n'
    for key, value in config["tracks"][name].items():
        if key == "ms" and isinstance(value, list):
            yield from ("    ms:\n", *(f"      - {flow(path)}\n" for path in value))
        else:
            yield f"    {key}: {flow(value)}\n"
    observation = survey.observation
    for text in describe_data(observation):
        yield comment(text, 4)
    for ms, execution in zip(observation.sets, observation.executions, strict=True):
        yield comment(f"{ms}: {describe_execution(execution, observation.inspection)}", 4)
    for remark in survey.remarks:
        yield comment(remark, 4)


def describe_data(observation: Observation) -> Iterator[str]:
    """Times, antennas and baselines of an observation, and what its spws have, a line each."""
    inspection = observation.inspection
    start, end = utc(inspection.first_time_s), utc(inspection.last_time_s)
    longest = max(window.longest_baseline_m for window in inspection.spws)
    yield (
        f"{start} to {end[11:] if end[:10] == start[:10] else end} UTC, {inspection.integrations} "
        f"integrations of {_lengths(inspection)} s, {inspection.antennas} antennas, longest "
        f"baseline {longest:.1f} m, {inspection.longest_baseline_wavelengths / 1e3:.1f} "
        "kilo-wavelengths"
    )
    for window in inspection.spws:
        channels = "1 channel" if window.channels == 1 else f"{window.channels} channels"
        flagged = 100 * (1 - window.usable_rows / window.rows)
        yield (
            f"spw {window.spw}: {window.frequency_hz / 1e9:.3f} GHz, {channels}, "
            f"{' '.join(window.correlations)}, {window.rows} rows, {flagged:.1f} % flagged"
        )


def _lengths(inspection: Inspection) -> str:
    """Lengths of the integrations of all spws, in words."""
    known = sorted({float(f"{window.interval_s:.4g}") for window in inspection.spws})
    return " or ".join(f"{length:g}" for length in known)


def _filled(text: str, config: Mapping[str, Any], remarks: Mapping[str, list[str]]) -> str:
    """Put values and remarks into a commented YAML text, each remark below its key's comment."""
    lines: list[str] = []
    section = key = ""
    for line in [*text.splitlines(keepends=True), ""]:
        entry = re.match(r"( *)(\w+):", line)
        if entry or not line.lstrip().startswith("#"):
            lines += [comment(remark, COLUMN) for remark in remarks.get(key, [])]
            key = ""
        if entry:
            indent, name = entry.groups()
            section = section if indent else name
            key = f"{section}.{name}" if indent else name
            line = _with_value(line, config, key)
        lines.append(line)
    return "".join(lines)


def _with_value(line: str, config: Mapping[str, Any], key: str) -> str:
    """Replace the value of a line ``key: value   # comment`` by that of the configuration."""
    value: Any = config
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return line
        value = value[part]
    if isinstance(value, Mapping):
        return line
    _, hash_, comment = line.partition("#")
    name = line[: line.index(":") + 1]
    return f"{name} {flow(value)}".ljust(COLUMN - 1) + f" {hash_}{comment}"


def comment(text: str, indent: int) -> str:
    """A remark as comment lines, each with the mark."""
    start = " " * indent + MARK
    text = " ".join(text.split())
    wrapped = textwrap.wrap(
        text,
        WIDTH,
        initial_indent=start,
        subsequent_indent=f"{start}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapped) + "\n"
