"""What is left of a configuration that has mistakes."""

import pytest

from minispiral.config import defaults
from minispiral.config.salvage import salvage


def test_what_is_left_of_a_configuration_has_defaults_for_what_is_wrong():
    wrong = {"image": {"imsize": 7, "niter": 5, "x": 1}, "spws": ["a"], "fit": 3}
    campaign, problems = salvage({**wrong, "tracks": {"a": {"ms": "a.ms"}, "b": {"ms": 3}}})
    assert len(problems) == 5
    assert campaign.tracks == ["a"]
    default = defaults()
    assert campaign.resolved["image"] == {**default["image"], "niter": 5}
    assert campaign.resolved["spws"] == default["spws"]
    assert campaign.resolved["fit"] == default["fit"]


def test_problems_between_keys_are_said_beside_those_of_keys():
    mistakes = {"scale": {"flux_range": [3, 2]}, "image": {"niter": 0}}
    _, problems = salvage({"tracks": {"a": {"ms": "a.ms"}}, **mistakes})
    assert len(problems) == 2
    assert "lower limit first" in problems[1].text


@pytest.mark.parametrize("config", [{}, {"tracks": {}}, {"tracks": 3}, {"tracks": {"a": {}}}])
def test_nothing_may_be_left(config):
    campaign, problems = salvage(config)
    assert campaign is None
    assert problems
