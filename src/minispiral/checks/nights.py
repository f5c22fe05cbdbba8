"""Measurement sets that are executions of one night: found by `init`, and taken together.

Nothing is read here, see `minispiral.checks.survey` for that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from minispiral.checks.survey import Observation, Survey
from minispiral.errors import MinispiralError
from minispiral.measures.times import utc
from minispiral.ms.executions import (
    intervals_of,
    match_spws,
    other_intervals,
    shares_centre,
    together,
    what_is_missing,
)
from minispiral.ms.inspection import Inspection

# Sgr A* is up for ten to twelve hours a day: executions of a night are less than these apart, and
# between two nights there are twelve at least
LONGEST_GAP_S = 11 * 3600.0


@dataclass(frozen=True)
class Night:
    """Measurement sets of a night in order of time, what is odd, and why others are not of it."""

    surveys: tuple[Survey, ...]
    remarks: tuple[str, ...] = ()

    @property
    def first(self) -> Survey:
        """The set whose numbers of spws are those of the track."""
        return self.surveys[0]


def as_track(night: Night) -> Survey:
    """A night as if it were one measurement set; one that is one stays as it is."""
    remarks = night.remarks
    if len(night.surveys) == 1:
        return replace(night.first, remarks=(*night.first.remarks, *remarks))
    of_sets = [f"{s.observation.ms}: {text}" for s in night.surveys for text in s.remarks]
    observation = observe_night([survey.observation for survey in night.surveys])
    for ms, execution in zip(observation.sets, observation.executions, strict=True):
        of_sets += [f"{ms}: {text}" for text in what_is_missing(observation.inspection, execution)]
    return Survey(observation, night.first.data_column, (*of_sets, *remarks))


def observe_night(observations: Sequence[Observation]) -> Observation:
    """What executions hold together: spws and antennas are numbered as in the first."""
    first = observations[0]
    return replace(
        first,
        ms=", ".join(observation.ms for observation in observations),
        sets=tuple(observation.ms for observation in observations),
        inspection=together([observation.inspection for observation in observations]),
        executions=tuple(observation.inspection for observation in observations),
        subtable_bytes=max(observation.subtable_bytes for observation in observations),
    )


def describe_execution(execution: Inspection, night: Inspection) -> str:
    """Times and antennas of an execution, and which of its spws are which of the night."""
    start, end = utc(execution.first_time_s), utc(execution.last_time_s)
    found = f"{start} to {end} UTC, {len(execution.used_antennas)} antennas"
    return ", ".join(filter(None, (found, describe_numbers(execution, night))))


def describe_numbers(execution: Inspection, night: Inspection) -> str:
    """Which spws of an execution have other ids than in the night; empty if none."""
    spws = ", ".join(
        f"{named.spw} is its {own.spw}"
        for named, own in zip(night.spws, execution.spws, strict=True)
        if named.spw != own.spw and not own.is_missing
    )
    return f"spw {spws}" if spws else ""


def group_nights(surveys: Sequence[Survey]) -> list[Night]:
    """Group measurement sets by night, in order of time.

    Executions of a night follow each other within `LONGEST_GAP_S`, have one phase centre, column
    and integration time, and spws in common. A set that follows another, and yet has something
    else, begins a track of its own, with a remark that says why.
    """
    nights: list[Night] = []
    for survey in sorted(surveys, key=_begin):
        before = [k for k, night in enumerate(nights) if _follows(night, survey)]
        reasons = {}
        for k in reversed(before):
            found = _joined(nights[k], survey)
            if isinstance(found, Night):
                nights[k] = found
                break
            reasons[nights[k].surveys[-1].observation.ms] = found
        else:
            of = next(iter(reasons.items()), None)
            remark = of and f"of the night of {of[0]}, but a track of its own: {of[1]}"
            nights.append(Night((survey,), (remark,) if remark else ()))
    return nights


def _joined(night: Night, survey: Survey) -> Night | str:
    """The night with another execution, or why it is none of it."""
    if differences := "; ".join(_differences(night, survey)):
        return differences
    joined = _with_common_spws(night, survey)
    if joined is None:
        return "none of its spws has a frequency of these"
    first, own = _inspection(joined.first), _inspection(joined.surveys[-1])
    others = other_intervals(intervals_of(first, first), intervals_of(first, own))
    if others:
        return "; ".join(
            f"in spw {', '.join(map(str, spws))} its integrations are of {theirs:.4g} s, not of "
            f"{ours:.4g} s"
            for (ours, theirs), spws in others.items()
        )
    return joined


def _begin(survey: Survey) -> tuple[float, str]:
    return survey.observation.inspection.first_time_s, survey.observation.ms


def _inspection(survey: Survey) -> Inspection:
    return survey.observation.inspection


def _follows(night: Night, survey: Survey) -> bool:
    gap = _inspection(survey).first_time_s - _inspection(night.surveys[-1]).last_time_s
    return 0 < gap <= LONGEST_GAP_S


def _differences(night: Night, survey: Survey) -> Iterator[str]:
    one, other = _inspection(night.first), _inspection(survey)
    if not shares_centre(one, other):
        if one.field_name != other.field_name:
            yield f"its field is {other.field_name!r}, not {one.field_name!r}"
        yield "its phase centre is another"
    if night.first.data_column != survey.data_column:
        yield f"its data are in the column {survey.data_column}, not {night.first.data_column}"


def _with_common_spws(night: Night, survey: Survey) -> Night | None:
    """The night with another execution, and the spws that all have; None if there is none."""
    first, other, ms = _inspection(night.first), _inspection(survey), survey.observation.ms
    theirs = {window.spw: window for window in other.spws}
    pairs, remarks = {}, list(night.remarks)
    for number, window in enumerate(first.spws):
        try:
            pairs[number] = match_spws(ms, theirs, [window])[0]
        except MinispiralError:
            remarks.append(
                f"spw {window.spw} left out: {ms} has none at its frequency; add it to spws to "
                "have it for the times of the other sets"
            )
    if not pairs:
        return None
    if first.field_name != other.field_name:
        remarks.append(f"{ms}: its field is called {other.field_name!r}")
    extra = [str(spw) for spw in theirs if spw not in pairs.values()]
    if extra:
        remarks.append(f"{ms}: spw {', '.join(extra)} is not used, as another set lacks it")
    surveys = [_with_spws(s, [_inspection(s).spws[k].spw for k in pairs]) for s in night.surveys]
    return Night((*surveys, _with_spws(survey, list(pairs.values()))), tuple(remarks))


def _with_spws(survey: Survey, spws: Sequence[int]) -> Survey:
    """The same with some of its spws, in this order."""
    windows = {window.spw: window for window in _inspection(survey).spws}
    inspection = replace(_inspection(survey), spws=tuple(windows[spw] for spw in spws))
    return replace(survey, observation=replace(survey.observation, inspection=inspection))
