"""Measurement sets of one night are found, and proposed as one track; others stay apart."""

from dataclasses import replace

import pytest
import yaml

from minispiral.checks.draft import draft
from minispiral.checks.findings import ERROR
from minispiral.checks.nights import as_track, group_nights
from minispiral.checks.survey import Survey
from minispiral.checks.tracks import check_tracks
from minispiral.config import resolve
from minispiral.sgr_a import position_deg
from tests.helpers.observations import DAY, FREQUENCIES, survey

HOUR = 1 / 24


def executions(number: int = 4, **changes) -> list[Survey]:
    """Of a night, an hour apart; `changes` are of the last."""
    sets = [survey(day=k * HOUR, ms=f"{k}.ms") for k in range(number - 1)]
    return [*sets, survey(**{"day": (number - 1) * HOUR, "ms": f"{number - 1}.ms", **changes})]


def numbered(found: Survey, spws: list[int]) -> Survey:
    """The same with other numbers of spws, in another order."""
    observation = found.observation
    windows = [
        replace(w, spw=spw) for w, spw in zip(observation.inspection.spws, spws, strict=True)
    ]
    windows.sort(key=lambda window: window.spw)
    inspection = replace(observation.inspection, spws=tuple(windows))
    return replace(found, observation=replace(observation, inspection=inspection))


def paths(surveys: list[Survey]) -> list[list[str]]:
    return [[s.observation.ms for s in night.surveys] for night in group_nights(surveys)]


def test_sets_that_follow_each_other_within_hours_are_of_one_night():
    first, second = executions(2), executions(3, day=3 * HOUR)
    second = [
        replace(s, observation=later(s.observation, DAY, f"b{k}.ms")) for k, s in enumerate(second)
    ]
    assert paths([*second[::-1], *first]) == [["0.ms", "1.ms"], ["b0.ms", "b1.ms", "b2.ms"]]


@pytest.mark.parametrize("hours", [5, 7, 9])
def test_executions_between_which_other_sources_were_observed_are_of_one_night(hours):
    """Sgr A* is up for ten to twelve hours, so that only a longer gap parts two nights."""
    sets = executions(2, day=hours * HOUR)
    assert paths(sets) == [["0.ms", "1.ms"]]
    assert yaml.safe_load(draft(sets).text)["tracks"] == {"20170406": {"ms": ["0.ms", "1.ms"]}}


def later(observation, seconds: float, ms: str):
    inspection = observation.inspection
    inspection = replace(
        inspection,
        first_time_s=inspection.first_time_s + seconds,
        last_time_s=inspection.last_time_s + seconds,
    )
    return replace(observation, ms=ms, inspection=inspection)


@pytest.mark.parametrize(
    "changes", [{"day": 12.5 * HOUR}, {"day": 0.001}], ids=["a night later", "at the same time"]
)
def test_sets_far_apart_or_at_one_time_are_tracks_of_their_own(changes):
    assert paths(executions(2, **changes)) == [["0.ms"], ["1.ms"]]


def test_a_version_of_the_whole_does_not_part_its_executions():
    whole = survey(ms="whole.ms", last_time_s=executions(3)[-1].observation.inspection.last_time_s)
    assert sorted(paths([whole, *executions(3)])) == [["0.ms", "1.ms", "2.ms"], ["whole.ms"]]


RA, DEC = position_deg()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"field_name": "sgr a*", "direction_deg": (RA + 1, DEC)},
            "its field is 'sgr a*', not 'Sgr A*'; its phase centre is another",
        ),
        ({"direction_deg": (RA, DEC + 1 / 3600)}, "its phase centre is another"),
        ({"column": "corrected"}, "its data are in the column corrected, not data"),
        ({"window": {"interval_s": 4.0}}, "spw 0, 1, 2, 3 its integrations are of 4 s, not of 6 s"),
        ({"frequencies": (86e9, 88e9)}, "none of its spws has a frequency of these"),
    ],
)
def test_why_a_set_of_the_same_night_is_none_of_it_is_said(changes, says):
    sets = executions(2, **changes)
    assert paths(sets) == [["0.ms"], ["1.ms"]]
    (note,) = [note for note in draft(sets).notes if "of the night of 0.ms" in note]
    assert note.startswith("track 20170406b: of the night of 0.ms, but a track of its own: ")
    assert says in note


def test_the_track_of_a_night_is_written_and_accepted():
    sets = executions()
    sets[2] = numbered(sets[2], [25, 17, 31, 19])
    written = draft(sets)
    tracks = yaml.safe_load(written.text)["tracks"]
    assert tracks == {"20170406": {"ms": ["0.ms", "1.ms", "2.ms", "3.ms"]}}
    campaign = resolve(yaml.safe_load(written.text))
    assert campaign.measurement_sets("20170406") == ["0.ms", "1.ms", "2.ms", "3.ms"]
    text = " ".join(written.text.split())
    assert "spw 0 is its 25, 1 is its 17, 2 is its 31, 3 is its 19" in text.replace("#> ", "")
    assert "4 measurement sets" in text
    assert max(map(len, written.text.splitlines())) <= 120


def test_spws_that_not_all_executions_have_are_left_out_and_named():
    sets = executions(3, frequencies=FREQUENCIES[1:])
    (night,) = group_nights(sets)
    assert [[w.spw for w in s.observation.inspection.spws] for s in night.surveys] == [
        [1, 2, 3],
        [1, 2, 3],
        [0, 1, 2],
    ]
    (remark,) = night.remarks
    assert remark.startswith("spw 0 left out: 2.ms has none at its frequency; add it to spws")
    assert yaml.safe_load(draft(sets).text)["spws"] == [1, 2, 3]
    (night,) = group_nights([survey(frequencies=FREQUENCIES[:2]), survey(day=HOUR, ms="b.ms")])
    assert night.remarks == ("b.ms: spw 2, 3 is not used, as another set lacks it",)


def test_a_field_of_another_name_at_the_same_place_is_the_same():
    (night,) = group_nights(executions(2, field_name="sgr a*"))
    assert night.remarks == ("1.ms: its field is called 'sgr a*'",)
    assert yaml.safe_load(draft(executions(2, field_name="sgr a*")).text)["field"] == "Sgr A*"


def test_remarks_of_sets_keep_their_names():
    sets = executions(2, remarks=("two columns",))
    assert as_track(group_nights(sets)[0]).remarks == ("1.ms: two columns",)


def test_what_is_written_for_tracks_of_other_phase_centres_passes_the_check():
    shifted = survey(day=1, ms="b.ms", direction_deg=(RA, DEC + 2 / 3600))
    sets = [survey(), shifted, survey(day=2, ms="c.ms")]
    written = draft(sets)
    config = yaml.safe_load(written.text)
    assert config["tracks"]["20170407"]["model"] == {"scope": "track"}
    assert "model" not in config["tracks"]["20170406"]
    assert any(note.startswith("track 20170407: its phase centre") for note in written.notes)
    observations = {name: s.observation for name, s in zip(config["tracks"], sets, strict=True)}
    findings = check_tracks(resolve(config), observations)
    assert not [finding for finding in findings if finding.level == ERROR]
    del config["tracks"]["20170407"]["model"]
    findings = check_tracks(resolve(config), observations)
    assert [finding.key for finding in findings if finding.level == ERROR] == ["model.scope"]
