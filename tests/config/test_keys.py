"""Every key at once: defaults, schema, comments and messages agree."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import pytest
import yaml

from minispiral import config as configuration
from tests.helpers.configurations import TRACKS, problem
from tests.helpers.places import ROOT


def leaves(tree: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all keys with a value; an empty mapping is a value."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key)


def schema_leaves(node: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all keys that the schema names."""
    if "$ref" in node:
        node = configuration.schema()["$defs"][node["$ref"].rpartition("/")[2]]
    if "properties" not in node:
        yield path
    for key, child in node.get("properties", {}).items():
        yield from schema_leaves(child, (*path, key))


def nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return value


KEYS = list(leaves(configuration.defaults()))


STAGE_KEYS = [
    path for path in KEYS if path[0] in configuration.schema()["$defs"]["track"]["properties"]
]


every_key = pytest.mark.parametrize("path", KEYS, ids=".".join)


every_key_of_a_track = pytest.mark.parametrize("path", STAGE_KEYS, ids=".".join)


def default_of(path: tuple[str, ...]) -> Any:
    value = configuration.defaults()
    for key in path:
        value = value[key]
    return value


def test_the_schema_is_one_and_names_the_keys_of_the_defaults():
    schema = configuration.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert set(schema_leaves(schema)) - {("tracks",)} == set(KEYS)


def test_every_default_passes_the_schema_and_stays_as_it_is():
    defaults = configuration.defaults()
    validator = jsonschema.Draft202012Validator(configuration.schema())
    assert not list(validator.iter_errors({**defaults, "tracks": TRACKS}))
    assert configuration.resolve({"tracks": TRACKS}).resolved == {**defaults, "tracks": TRACKS}


def wrong(path: tuple[str, ...]) -> bool | int:
    """Return a value that the key cannot have."""
    return (
        2
        if path[-1] in ("apply_to_fit", "keep_intermediates", "primary_beam", "in_report")
        else True
    )


@every_key
def test_a_wrong_value_is_named_with_its_key_and_what_is_possible(path):
    message = problem({"tracks": TRACKS, **nested(path, wrong(path))})
    start, _, possible = message.partition(f" is {json.dumps(wrong(path))}: ")
    assert start == "configuration: " + ".".join(path)
    assert possible
    assert "\n" not in message


@every_key_of_a_track
def test_a_wrong_value_of_one_track_is_named_with_the_track(path):
    message = problem(
        {"tracks": {"b": {"ms": "b.ms"}, "a": {"ms": "a.ms", **nested(path, wrong(path))}}}
    )
    assert message.startswith(
        f"configuration: tracks.a.{'.'.join(path)} is {json.dumps(wrong(path))}: "
    )
    assert "\n" not in message


@every_key
def test_a_misspelt_key_gets_the_nearest_one_as_a_hint(path):
    misspelt = (*path[:-1], path[-1][:-1] + "_")
    message = problem({"tracks": TRACKS, **nested(misspelt, default_of(path))})
    assert message.startswith(f"configuration: {'.'.join(misspelt)} is no key of minispiral: ")
    assert f"did you mean '{path[-1]}'?" in message
    assert "\n" not in message


@every_key_of_a_track
def test_every_key_of_a_stage_can_be_overridden_for_one_track(path):
    other = nested(path, default_of(path))
    campaign = configuration.resolve({"tracks": {"a": {"ms": "a.ms", **other}}})
    assert campaign.resolved["tracks"]["a"] == {"ms": "a.ms", **other}


@every_key
def test_the_comment_of_a_key_states_its_default(path):
    """In config.yaml, from the key's line to the next key's."""
    comments: dict[tuple[str, ...], str] = {}
    key: tuple[str, ...] = ()
    for line in (ROOT / "config.yaml").read_text().splitlines():
        if match := re.match(r"( *)(\w+):", line):
            key = (*key[: len(match[1]) // 2], match[2])
        comments[key] = comments.get(key, "") + " " + line.partition("#")[2].strip()
    stated = re.search(r'default (\[.*?\]|\{.*?\}|".*?"|[^\s,;]+)', comments[path])
    assert stated, comments[path]
    assert yaml.safe_load(stated[1]) == default_of(path), comments[path]


@pytest.mark.parametrize(
    ("path", "value", "possible"),
    [
        (("spws",), [-1], "at least 0"),
        (("spws",), [0.5], "integer"),
        (("results",), "", "must not be empty"),
        (("field",), "", "must not be empty"),
        (("campaign",), "../x", "letters, digits"),
        (("campaign",), "", "letters, digits"),
        (("split", "data_column"), "model", '"data" or "corrected"'),
        (("split", "flag_channels"), {"2": "17-33"}, "channel ranges"),
        (("split", "flag_channels"), {"2": ""}, "channel ranges"),
        (("split", "flag_channels"), {"two": "17~33"}, "number of a spw"),
        (("image", "imsize"), 8, "at least 16"),
        (("image", "imsize"), 1e5, "at most 16384"),
        (("image", "cell"), "0.1arcsec", "greater than 0"),
        (("image", "cell"), 0, "greater than 0"),
        (("image", "pixels_per_fringe"), 1, "at least 2"),
        (("image", "max_uv_wavelengths"), -5, "greater than 0"),
        (("image", "niter"), 0, "at least 1"),
        (("image", "niter"), 7.5, "integer"),
        (("image", "gain"), 1.5, "at most 1"),
        (("image", "cyclefactor"), 0, "greater than 0"),
        (("image", "mask"), "", "must not be empty"),
        (("image", "weighting"), "super", '"natural" or "briggs" or "uniform"'),
        (("image", "robust"), 3, "at most 2"),
        (("model", "core"), "one", '"zero" or "surroundings"'),
        (("model", "core_offset"), [1, 2, 3], "a list of 2 numbers"),
        (("model", "core_offset"), ["a", 0], "a list of 2 numbers"),
        (("model", "core_offset"), "peak", '"auto" or a list'),
        (("model", "scope"), "all", '"track" or "campaign"'),
        (("fit", "min_baseline_m"), -1, "at least 0"),
        (("flag", "deviation"), 0, "greater than 0"),
        (("flag", "chi2"), -1, "greater than 0"),
        (("flag", "bad_scan"), 2, "null"),
        (("flag", "table"), 3, "null"),
        (("scale", "reference"), "both", '"campaign" or "track"'),
        (("scale", "flux_range"), [1.0], "at least 2"),
        (("scale", "flux_range"), [-1, 2], "at least 0"),
        (("scale", "flux_range"), [2.0, 2.0], "lower limit first"),
        (("scale", "max_polarized_flux"), 0, "greater than 0"),
        (("export",), "vlbi", '"none" or "memo"'),
        (("selfcal", "model"), "core", '"full" or "extended"'),
    ],
    ids=str,
)
def test_values_out_of_bounds_are_named_with_the_bound(path, value, possible):
    message = problem({"tracks": TRACKS, **nested(path, value)})
    assert ".".join(path) in message
    assert possible in message
    assert "\n" not in message
    (shown,) = value if isinstance(value, list) and len(value) == 1 else [value]
    if not isinstance(value, list | dict):
        assert json.dumps(shown) in message


def test_everything_that_is_wrong_is_said_at_once():
    lines = problem({"spws": [], "image": {"gain": 3, "imsiz": 3}, "tracks": {"a": {}, "b c": {}}})
    for part in ("spws is []", "image.gain is 3", "image.imsiz", "tracks.a needs", "'b c'"):
        assert sum(part in line for line in lines.splitlines()) == 1, part
    assert all(line.startswith("configuration: ") for line in lines.splitlines())


@pytest.mark.parametrize(
    "config",
    [
        {"tracks": {"20170406\n": {"ms": "a.ms"}}},
        {"tracks": TRACKS, "campaign": "eht2017\n"},
        {"tracks": TRACKS, "split": {"flag_channels": {"2": "17~33\n"}}},
        {"tracks": TRACKS, "split": {"flag_channels": {"2\n": "17~33"}}},
    ],
    ids=["track", "campaign", "channels", "spw"],
)
def test_a_newline_at_the_end_of_a_name_is_refused(config):
    assert problem(config)


def test_an_unknown_key_of_two_lines_is_said_in_one():
    assert "\n" not in problem({"tracks": TRACKS, "image\nimsize": 3})


@pytest.mark.parametrize("name", ["20170406", "2017-04-06", "a", "A_b-3", "track" * 20])
def test_ordinary_track_names_are_taken(name):
    assert configuration.resolve({"tracks": {name: {"ms": "x.ms"}}}).tracks == [name]


@pytest.mark.parametrize(
    "name",
    ["a b", " a", "a\tb", "'", '"', "..", ".", "-a", "--a", "_a", "Sgr\u00e4", "\u0661", "a/b"],
)
def test_track_names_that_are_no_file_names_are_refused_with_what_is_possible(name):
    message = problem({"tracks": {name: {"ms": "x.ms"}}})
    assert f"track name {name!r}" in message
    assert "letters, digits" in message
    assert "\n" not in message
