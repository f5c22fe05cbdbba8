"""What `minispiral init --targets` writes."""

from dataclasses import replace

import pytest

from minispiral import config as configuration
from minispiral.checks.survey import LeftOut
from minispiral.checks.target_draft import draft_targets, name_targets
from minispiral.checks.target_survey import FieldTime, TargetSurvey
from minispiral.config.defaults import target_defaults
from minispiral.errors import MinispiralError
from tests.helpers.observations import observation


def target(field: str = "3C279", ms: str = "a.ms", later: float = 0.0, **of_survey) -> TargetSurvey:
    found = observation(ms, field_name=field)
    times = {name: getattr(found.inspection, name) + later for name in ("first_time_s",)}
    found = replace(found, inspection=replace(found.inspection, **times))
    return TargetSurvey(found, **{"data_column": "data", "point": False, **of_survey})


def test_targets_are_named_by_their_fields_in_order_of_time():
    names = ["Sgr A*", "M87", "M87", "+++", "1445+09900002_0"]
    surveys = [target(name, f"{k}.ms", later=-k) for k, name in enumerate(names)]
    named = name_targets(surveys)
    assert {name: s.observation.ms for name, s in named.items()} == {
        "1445_09900002_0": "4.ms",
        "target": "3.ms",
        "M87_a": "2.ms",
        "M87_b": "1.ms",
        "Sgr_A": "0.ms",
    }


def test_what_is_written_is_a_configuration_with_the_defaults(tmp_path):
    point = target("1445+099", "b c.ms", 9.0, point=True, data_column="corrected")
    written = draft_targets([target(remarks=("odd",)), point], [LeftOut("x.ms", "it is none")])
    (tmp_path / "config.yaml").write_text(written.text)
    campaign = configuration.load([tmp_path / "config.yaml"], {})
    assert campaign.name == "selfcal2017"
    chosen = {"ms": "a.ms", "field": "3C279", "spws": [0, 1, 2, 3]}
    assert campaign.target("3C279") == {**target_defaults(), **chosen}
    assert campaign.target("1445_099") == {
        **target_defaults(),
        **chosen,
        "ms": "b c.ms",
        "field": "1445+099",
        "data_column": "corrected",
        "start": "point",
        "keep_start": True,
    }
    assert written.notes[0] == "x.ms is left out: it is none"
    assert "target 3C279: odd" in written.notes
    assert any(
        "target 1445_099: the source is a point by its amplitudes" in note for note in written.notes
    )
    assert max(map(len, written.text.splitlines())) <= 120


def test_other_fields_are_told():
    survey = target(others=(FieldTime("J1", 90.0, False),))
    written = draft_targets([survey], campaign="mine")
    assert "other fields: 'J1' (1.5 min): to take one, give --field" in written.text
    with pytest.raises(MinispiralError, match="campaign is"):
        draft_targets([survey], campaign="a/b")
