"""Defaults: the same in the schema, the commented configuration and the documents."""

import yaml

from minispiral import config as configuration
from tests.helpers.configurations import TRACKS
from tests.helpers.places import ROOT


def test_keys_that_are_left_out_take_the_documented_defaults():
    campaign = configuration.resolve({"tracks": TRACKS, "image": {"niter": 10}})
    defaults = configuration.defaults()
    assert campaign.settings("image", "20170406") == {**defaults["image"], "niter": 10}
    assert campaign.settings("scale", "20170406") == defaults["scale"]
    assert campaign.settings("scale", "20170407")["flux_range"] == [1, 5]
    assert campaign.folder == "results/eht2017"
    assert campaign.spws("20170406") == [0, 1, 2, 3]


def test_defaults_schema_and_the_commented_configuration_have_the_same_keys():
    defaults = configuration.defaults()
    demo = yaml.safe_load((ROOT / "config.yaml").read_text())
    schema = configuration.schema()
    assert set(schema["properties"]) == {*defaults, "tracks"} == set(demo)
    for section, values in defaults.items():
        if values and isinstance(values, dict):
            allowed = schema["$defs"].get(section, schema["properties"][section])["properties"]
            assert set(allowed) == set(values) == set(demo[section]), section


def test_a_target_has_the_keys_of_its_schema_and_valid_defaults():
    target = configuration.target_defaults()
    schemas = configuration.schema()["$defs"]
    allowed = schemas["target"]["properties"]
    assert set(allowed) == {*target, "ms"}
    for section in ("image", "gate", "expected_errors"):
        of_section = schemas[allowed[section]["$ref"].rpartition("/")[2]]
        assert set(of_section["properties"]) == set(target[section])
    campaign = configuration.resolve({"selfcal_targets": {"a": {"ms": "a.ms", **target}}})
    assert campaign.target("a") == {"ms": "a.ms", **target}
    assert campaign.tracks == []
    assert campaign.target_rounds("a") == 2


def test_comments_name_the_true_defaults():
    lines = (ROOT / "config.yaml").read_text()
    defaults = configuration.defaults()
    for text in (
        "default 512",
        "default 18",
        "default 7500",
        "default 0.025",
        "default 100",
        "default campaign",
        "default zero",
        "default [1.5, 4.5]",
        "default 0.5",
    ):
        assert text in lines
    assert defaults["image"]["imsize"] == 512
    assert defaults["fit"]["min_baseline_m"] == 100


def test_the_demo_is_valid():
    campaign = configuration.load([ROOT / "config.yaml"], {})
    assert all(campaign.simulation(track) is not None for track in campaign.tracks)
