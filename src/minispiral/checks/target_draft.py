"""The first configuration of a self-calibration of measurement sets, whatever their source.

Nothing here reads a measurement set, see `minispiral.checks.target_survey` for that.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from minispiral.checks.draft import MARK, Draft, comment, describe_data, letters
from minispiral.checks.survey import LeftOut
from minispiral.checks.target_survey import TargetSurvey
from minispiral.config.defaults import target_defaults
from minispiral.config.loading import resolve
from minispiral.config.yaml_text import flow
from minispiral.measures.times import utc

POINT = (
    "the source is a point by its amplitudes, which are the same on all baselines: rounds are "
    "solved against a point at the phase centre; if the source lies elsewhere, or is no single "
    "point, leave out start and keep_start"
)


def draft_targets(
    surveys: Sequence[TargetSurvey], left_out: Sequence[LeftOut] = (), campaign: str | None = None
) -> Draft:
    """Write the configuration of targets, one for each measurement set.

    Raises
    ------
    MinispiralError
        If the campaign's name is none.
    """
    targets = name_targets(surveys)
    first = min(s.observation.inspection.first_time_s for s in surveys)
    campaign = campaign or f"selfcal{utc(first)[:4]}"
    keys = {name: _keys_of(survey) for name, survey in targets.items()}
    resolve({"campaign": campaign, "selfcal_targets": keys})
    notes = [f"{unusable.ms} is left out: {unusable.reason}" for unusable in left_out]
    notes += [f"target {n}: {text}" for n, s in targets.items() for text in _remarks(s)]
    lines = [_header(len(surveys)), f"campaign: {flow(campaign)}\nselfcal_targets:\n"]
    for name, survey in targets.items():
        lines += _target(name, keys[name], survey)
    lines += [comment(f"left out: {unusable.ms}: {unusable.reason}", 2) for unusable in left_out]
    return Draft("".join(lines), notes)


def name_targets(surveys: Sequence[TargetSurvey]) -> dict[str, TargetSurvey]:
    """Name targets by their fields, in order of time; _a, _b, ... follow where it is one."""

    def begin(survey: TargetSurvey) -> tuple[float, str]:
        return survey.observation.inspection.first_time_s, survey.observation.ms

    in_order = sorted(surveys, key=begin)
    names = [_name(s.observation.inspection.field_name) for s in in_order]
    counts = Counter(names)
    seen: Counter[str] = Counter()
    named = {}
    for name, survey in zip(names, in_order, strict=True):
        named[f"{name}_{letters(seen[name])}" if counts[name] > 1 else name] = survey
        seen[name] += 1
    return named


def _name(field: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "_", field).strip("_-") or "target"


def _keys_of(survey: TargetSurvey) -> dict[str, Any]:
    inspection = survey.observation.inspection
    keys = {
        "ms": survey.observation.ms,
        "field": inspection.field_name,
        "spws": [window.spw for window in inspection.spws],
        "data_column": survey.data_column,
    }
    point = {"start": "point", "keep_start": True} if survey.point else {}
    return {**keys, **point, "rounds": target_defaults()["rounds"]}


def _remarks(survey: TargetSurvey) -> Iterator[str]:
    """What is odd, or was chosen."""
    yield from survey.remarks
    if survey.point:
        yield POINT
    if survey.others:
        others = ", ".join(f"{f.name!r} ({f.seconds / 60:.3g} min)" for f in survey.others)
        yield f"it has data of other fields: {others}: to take one, give --field"


def _header(number: int) -> str:
    sets = "a measurement set" if number == 1 else f"{number} measurement sets"
    return f"""\
# Self-calibration of {sets}, written by `minispiral init --targets`: lines that begin with
# {MARK.strip()} say what was found in the data. docs/selfcal.md has all keys and their defaults.
# Next: minispiral check config.yaml, then minispiral run selfcal

"""


def _target(name: str, keys: Mapping[str, Any], survey: TargetSurvey) -> Iterator[str]:
    """The lines of one target: its keys, and what is in its data."""
    yield f"  {flow(name)}:\n"
    for key, value in keys.items():
        if key == "rounds":
            yield "    rounds:\n"
            yield from (f"      - {flow(of_round)}\n" for of_round in value)
        else:
            yield f"    {key}: {flow(value)}\n"
    for text in (*describe_data(survey.observation), *_remarks(survey)):
        yield comment(text, 4)
