"""Configurations: defaults, overrides, and one clear line for each thing that is wrong."""

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from minispiral import configuration, input_checks
from minispiral.errors import MinispiralError
from minispiral.simulation_settings import TrackSimulation

ROOT = Path(__file__).parent.parent
TRACKS = {"20170406": {"ms": "a.ms"}, "20170407": {"ms": "b.ms", "scale": {"flux_range": [1, 5]}}}


def problem(config: dict) -> str:
    with pytest.raises(MinispiralError) as error:
        configuration.resolve(config)
    return str(error.value)


def test_keys_that_are_left_out_take_the_documented_defaults():
    campaign = configuration.resolve({"tracks": TRACKS, "image": {"niter": 10}})
    defaults = configuration.defaults()
    assert campaign.settings("image", "20170406") == {**defaults["image"], "niter": 10}
    assert campaign.settings("scale", "20170406") == defaults["scale"]
    assert campaign.settings("scale", "20170407")["flux_range"] == [1, 5]
    assert campaign.folder == "results/eht2017" and campaign.spws("20170406") == [0, 1, 2, 3]


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
    allowed = configuration.schema()["$defs"]["target"]["properties"]
    assert set(allowed) == {*target, "ms"}
    for section in ("image", "gate", "expected_errors"):
        assert set(allowed[section]["properties"]) == set(target[section])
    campaign = configuration.resolve({"selfcal_targets": {"a": {"ms": "a.ms", **target}}})
    assert campaign.target("a") == {"ms": "a.ms", **target}
    assert campaign.tracks == [] and campaign.target_rounds("a") == 2
    documented = (ROOT / "docs" / "selfcal.md").read_text()
    for key in [*target, *target["gate"], *target["expected_errors"]]:
        assert f"`{key}`" in documented or f"`{key}:" in documented, key


def test_a_target_can_override_any_key_and_stop():
    own = {"ms": "a.ms", "image": {"imsize": 128}, "stop_after": 1, "gate": {"rms": 2}}
    campaign = configuration.resolve({"selfcal_targets": {"a": own}})
    target = campaign.target("a")
    assert target["image"] == {**configuration.target_defaults()["image"], "imsize": 128}
    assert target["gate"]["rms"] == 2 and target["gate"]["beam"] == 1.1
    assert campaign.target_rounds("a") == 1


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ({}, "selfcal_targets.a needs 'ms', the path of a measurement set"),
        ({"ms": "a.ms", "image": {"mask": "incremental"}}, "possible is auto or the path"),
        ({"ms": "a.ms", "rounds": [{"combine": "field"}]}, "rounds.0.combine"),
        ({"ms": "a.ms", "spws": []}, "selfcal_targets.a.spws is []: expected null or a list"),
        ({"ms": "a.ms", "gates": {}}, "did you mean 'gate'?"),
        ({"ms": "a.ms", "lines": {"co": {}}}, "lines.co needs 'ms'"),
    ],
    ids=str,
)
def test_a_wrong_target_is_said_in_one_line(target, says):
    assert says in problem({"selfcal_targets": {"a": target}})


def test_a_targets_name_is_checked():
    assert "is ill-formed" in problem({"selfcal_targets": {"../a": {"ms": "a.ms"}}})


def test_neither_tracks_nor_targets_is_refused():
    assert "'tracks' is missing" in problem({"selfcal_targets": {}})


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
    assert defaults["image"]["imsize"] == 512 and defaults["fit"]["min_baseline_m"] == 100


def test_the_demo_is_valid():
    campaign = configuration.load([ROOT / "config.yaml"], {})
    assert all(campaign.simulation(track) is not None for track in campaign.tracks)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"imagee": {}}, "imagee is no key of minispiral: did you mean 'image'?"),
        ({"image": {"imsiz": 3}}, "image.imsiz is no key of minispiral: did you mean 'imsize'?"),
        ({"image": {"imsize": "big"}}, 'image.imsize is "big": expected integer'),
        ({"image": {"imsize": 513}}, "image.imsize is 513: must be a multiple of 2"),
        ({"image": {"cell": -1}}, 'image.cell is -1: expected "auto" or a number greater than 0'),
        ({"image": {"gain": 0}}, "image.gain is 0: must be greater than 0"),
        ({"model": {"core": "none"}}, 'possible is "zero" or "surroundings"'),
        (
            {"model": {"core_offset": [1]}},
            'model.core_offset is [1]: expected "auto" or a list of 2',
        ),
        ({"scale": {"gains": "linear"}}, 'possible is "smooth" or "integration"'),
        ({"scale": {"flux_range": [5, 1]}}, "give the lower limit first"),
        ({"scale": None}, "scale is null: expected 'key: value' pairs"),
        ({"scale": {"correct_spws": [1, 2, 3]}}, "which leaves 1 of the spws of track"),
        ({"scale": {"correct_spws": [7]}}, "scale.correct_spws has 7, which is no spw"),
        ({"spws": []}, "spws is []: needs at least 1 values"),
        ({"spws": [0, 0]}, "spws is [0, 0]: has a value twice"),
        ({"spws": ["a"]}, 'spws.0 is "a": expected integer'),
        ({"iterations": -1}, "iterations is -1: must be at least 0"),
        ({"selfcal": {"rounds": [{"calmode": "a"}]}}, 'rounds.0.calmode is "a": possible is "p"'),
        ({"selfcal": {"rounds": [{"solint": "0s"}]}}, "use int, inf, or a time such as 100s"),
        ({"selfcal": {"rounds": [{"solint": "soon"}]}}, "use int, inf, or a time such as 100s"),
        ({"campaign": "a b"}, 'campaign is "a b": use letters, digits'),
        ({"split": {"flag_channels": {"2": "a~b"}}}, "use channel ranges"),
        ({"tracks": {}}, "tracks is {}: needs at least 1 entry"),
        ({"tracks": {"a": {}}}, "tracks.a needs either 'ms: PATH' or 'simulate: {...}'"),
        ({"tracks": {"a": {"ms": "x", "simulate": {}}}}, "and not both"),
        ({"tracks": {"a": "x.ms"}}, "tracks.a is \"x.ms\": expected 'key: value' pairs"),
        ({"tracks": {"a": None}}, "tracks.a is null: expected 'key: value' pairs"),
        ({"image": {"cell": float("nan")}}, ".nan and .inf are no values"),
        (
            {
                "tracks": {"a": {"ms": "x", "image": {"imsize": 64}}, "b": {"ms": "y"}},
                "model": {"scope": "track"},
                "spws": "all",
            },
            'spws is "all": expected a list',
        ),
        ({"tracks": {"a": {"ms": "x.ms"}, "b": {"ms": "./x.ms"}}}, "are both"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(change, says):
    message = problem({"tracks": TRACKS, **change})
    assert says in message and message.startswith("configuration: ")
    assert "\n" not in message


def test_tracks_that_share_im1_must_share_its_grid():
    tracks = {"a": {"ms": "x", "image": {"imsize": 64}}, "b": {"ms": "y"}}
    assert "image.imsize is 64 for track 'a' and 512 for track 'b'" in problem({"tracks": tracks})
    configuration.resolve({"tracks": tracks, "model": {"scope": "track"}})


def test_paths_lose_what_snakemake_does_not_want():
    campaign = configuration.resolve(
        {"results": "~/out/", "tracks": {"a": {"ms": "./x.ms/"}}, "image": {"mask": "./m.crtf"}}
    )
    assert campaign.measurement_set("a") == "x.ms" and "~" not in campaign.folder
    assert configuration.mask_path(campaign.settings("image", "a")) == "m.crtf"


@pytest.mark.parametrize("name", ["a b", "..", ".a", "-a", "a/b", "a'b", 'a"b', "ä", "", "$(x)"])
def test_ill_formed_track_names_are_refused(name):
    assert f"track name {name!r} is ill-formed" in problem({"tracks": {name: {"ms": "x.ms"}}})


@pytest.mark.parametrize("name", configuration.RESERVED_TRACK_NAMES)
def test_names_of_the_workflows_folders_are_taken(name):
    assert "is taken by a folder" in problem({"tracks": {name: {"ms": "x.ms"}}})


def test_tracks_are_required():
    assert "'tracks' is missing" in problem({})


# files


def load(tmp_path: Path, text: str, overrides: dict | None = None) -> configuration.Campaign:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return configuration.load([path], overrides or {})


def test_track_names_may_stand_without_quotes(tmp_path):
    assert load(tmp_path, "tracks:\n  20170406: {ms: a.ms}\n").tracks == ["20170406"]


def test_later_files_and_overrides_win(tmp_path):
    base, more = tmp_path / "a.yaml", tmp_path / "b.yaml"
    base.write_text("campaign: one\ntracks: {a: {ms: a.ms}}\nimage: {niter: 5, gain: 0.1}\n")
    more.write_text("image: {niter: 6}\n")
    campaign = configuration.load([base, more], {"campaign": "two"})
    assert campaign.name == "two" and campaign.settings("image", "a")["niter"] == 6
    assert campaign.settings("image", "a")["gain"] == 0.1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tracks: {a: {ms: x}}\ntracks: {b: {ms: y}}\n", "line 2: the key 'tracks' stands here"),
        ("tracks:\n  a: {ms: x}\n  a: {ms: y}\n", "line 3: the key 'a' stands here twice"),
        ("tracks:\n  2017_04_06: {ms: x}\n", "the key '2017_04_06' is not text"),
        ("tracks: {a: {ms: x}\n", "line 2: "),
        ("tracks:\n\t- a\n", "line 2: "),
        ("", "expected 'key: value' lines"),
        ("- a\n", "expected 'key: value' lines"),
        ("tracks: !!python/object/apply:os.system ['true']\n", "line 1: "),
    ],
)
def test_ill_formed_files_are_refused_with_their_line(tmp_path, text, says):
    with pytest.raises(MinispiralError) as error:
        load(tmp_path, text)
    assert says in str(error.value) and "\n" not in str(error.value)
    assert "mine.yaml" in str(error.value)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(MinispiralError, match="cannot read it: No such file"):
        configuration.load([tmp_path / "none.yaml"], {})


def test_inputs_that_do_not_exist_are_all_reported(tmp_path):
    (tmp_path / "folder").mkdir()
    campaign = configuration.resolve(
        {
            "tracks": {
                "a": {"ms": str(tmp_path / "none.ms")},
                "b": {"ms": str(tmp_path / "folder")},
            },
            "image": {"mask": "none.crtf"},
            "flag": {"table": "none.csv"},
        }
    )
    with pytest.raises(MinispiralError) as error:
        input_checks.check_inputs(campaign)
    lines = str(error.value).splitlines()
    assert len(lines) == 6
    assert "track a" in lines[0] and "does not exist: correct tracks.a.ms" in lines[0]
    assert any("is no readable measurement set" in line for line in lines)


# every key at once


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
    return 2 if path[-1] == "apply_to_fit" else True


@every_key
def test_a_wrong_value_is_named_with_its_key_and_what_is_possible(path):
    message = problem({"tracks": TRACKS, **nested(path, wrong(path))})
    start, _, possible = message.partition(f" is {json.dumps(wrong(path))}: ")
    assert start == "configuration: " + ".".join(path)
    assert possible and "\n" not in message


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
    assert f"did you mean '{path[-1]}'?" in message and "\n" not in message


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
        if found := re.match(r"( *)(\w+):", line):
            key = (*key[: len(found[1]) // 2], found[2])
        comments[key] = comments.get(key, "") + " " + line.partition("#")[2].strip()
    stated = re.search(r'default (\[.*?\]|\{.*?\}|".*?"|[^\s,;]+)', comments[path])
    assert stated and yaml.safe_load(stated[1]) == default_of(path), comments[path]


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
        (("selfcal", "model"), "core", '"full" or "extended"'),
    ],
    ids=str,
)
def test_values_out_of_bounds_are_named_with_the_bound(path, value, possible):
    message = problem({"tracks": TRACKS, **nested(path, value)})
    assert ".".join(path) in message and possible in message and "\n" not in message
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
    assert f"track name {name!r}" in message and "letters, digits" in message
    assert "\n" not in message


# what stages ask


def test_two_tracks_may_not_be_one_measurement_set_by_any_path(tmp_path, monkeypatch):
    (tmp_path / "a.ms").mkdir()
    (tmp_path / "link.ms").symlink_to("a.ms")
    monkeypatch.chdir(tmp_path)
    for other in ("./a.ms", str(tmp_path / "a.ms"), "link.ms", "sub/../a.ms"):
        message = problem({"tracks": {"one": {"ms": "a.ms"}, "two": {"ms": other}}})
        assert "'one'" in message and "'two'" in message and "both" in message
        assert "\n" not in message


def test_a_tracks_own_keys_win_and_the_others_are_the_campaigns():
    config = {
        "spws": [0, 2],
        "field": "Sgr A*",
        "scale": {"flux_range": [1, 6], "max_polarized_flux": 0.5},
        "tracks": {
            "a": {"ms": "a.ms"},
            "b": {"ms": "b.ms", "spws": [1], "field": "SgrA", "scale": {"flux_range": [2, 3]}},
        },
    }
    campaign = configuration.resolve(config)
    assert [campaign.spws(track) for track in "ab"] == [[0, 2], [1]]
    assert [campaign.field(track) for track in "ab"] == ["Sgr A*", "SgrA"]
    scales = [campaign.settings("scale", track) for track in "ab"]
    assert [scale["flux_range"] for scale in scales] == [[1, 6], [2, 3]]
    assert [scale["max_polarized_flux"] for scale in scales] == [0.5, 0.5]


def test_settings_are_copies():
    campaign = configuration.resolve({"tracks": TRACKS})
    campaign.settings("scale", "20170407")["flux_range"].append(9)
    campaign.settings("split", "20170406")["flag_channels"]["2"] = "1~2"
    assert campaign.settings("scale", "20170407")["flux_range"] == [1, 5]
    assert campaign.settings("split", "20170406")["flag_channels"] == {}


def test_the_reference_is_taken_over_the_tracks_that_have_the_spw_and_share_it():
    tracks = {
        "a": {"ms": "a.ms"},
        "b": {"ms": "b.ms", "spws": [1]},
        "c": {"ms": "c.ms", "scale": {"reference": "track"}},
    }
    campaign = configuration.resolve({"tracks": tracks, "spws": [0, 1]})
    assert [campaign.reference_tracks(spw) for spw in (0, 1, 2)] == [["a"], ["a", "b"], []]


def test_the_scope_of_the_model():
    tracks = {"a": {"ms": "a.ms"}, "b": {"ms": "b.ms", "model": {"scope": "track"}}}
    campaign = configuration.resolve({"tracks": tracks, "model": {"scope": "campaign"}})
    assert [campaign.model_tracks(track) for track in "ab"] == [["a", "b"], ["b"]]


# merging


def test_files_merge_key_by_key_then_overrides_and_lists_are_replaced(tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(
        "campaign: one\nspws: [0, 1, 2]\nimage: {niter: 5, gain: 0.1, robust: 1}\n"
        "tracks: {a: {ms: a.ms, fit: {min_baseline_m: 7}}}\n"
    )
    second.write_text("spws: [3]\nimage: {niter: 6, robust: 0}\ntracks: {b: {ms: b.ms}}\n")
    overrides = {"image": {"robust": -1}, "tracks": {"a": {"field": "Sgr A"}}}
    campaign = configuration.load([first, second], overrides)
    assert campaign.name == "one" and campaign.resolved["spws"] == [3]
    image = campaign.settings("image", "a")
    assert (image["niter"], image["gain"], image["robust"]) == (6, 0.1, -1)
    assert campaign.tracks == ["a", "b"]
    assert campaign.field("a") == "Sgr A" and campaign.measurement_set("a") == "a.ms"
    assert campaign.settings("fit", "a")["min_baseline_m"] == 7
    assert overrides == {"image": {"robust": -1}, "tracks": {"a": {"field": "Sgr A"}}}


def test_the_order_of_files_decides(tmp_path):
    files = []
    for name in ("x", "y"):
        files.append(tmp_path / f"{name}.yaml")
        files[-1].write_text(f"campaign: {name}\ntracks: {{a: {{ms: a.ms}}}}\n")
    assert configuration.load(files, {}).name == "y"
    assert configuration.load(files[::-1], {}).name == "x"


def test_an_override_may_name_a_track_by_its_number(tmp_path):
    """As `snakemake --config 'tracks={20170406: {field: SgrA}}'` gives it."""
    campaign = load(
        tmp_path, "tracks:\n  20170406: {ms: a.ms}\n", {"tracks": {20170406: {"field": "SgrA"}}}
    )
    assert campaign.field("20170406") == "SgrA"


# YAML


def test_numbers_of_tracks_and_spws_may_stand_without_quotes(tmp_path):
    campaign = load(
        tmp_path, 'tracks:\n  20170406: {ms: a.ms}\nsplit:\n  flag_channels: {2: "17~33;56"}\n'
    )
    assert campaign.tracks == ["20170406"]
    assert campaign.settings("split", "20170406")["flag_channels"] == {"2": "17~33;56"}


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", "a", 3),
        ("image:\n  gain: 0.1\n  gain: 0.1\n", "gain", 3),
        ("tracks:\n  20170406: {ms: a}\n  '20170406': {ms: b}\n", "20170406", 3),
        ("tracks:\n  a: {ms: x}\n\n\n  a: {ms: y}\n", "a", 5),
        ("split: {flag_channels: {2: '1', 2: '3'}}\n", "2", 1),
        ("tracks: {a: {ms: x, simulate: {seed: 1, seed: 2}}}\n", "seed", 1),
    ],
)
def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path, text, key, line):
    with pytest.raises(MinispiralError) as error:
        load(tmp_path, text)
    assert f"mine.yaml: line {line}: the key {key!r} stands here twice" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.mkdir [{path}]",
        "!!python/object/apply:os.mkdir {{args: [{path}]}}",
        "!!python/object/new:os.mkdir [{path}]",
        "!!python/name:os.mkdir",
        "!!python/module:os",
        "!!python/tuple [1, 2]",
        "!mine x",
    ],
)
@pytest.mark.parametrize("place", ["{}", "results: {}", "tracks: {{a: {{ms: {}}}}}", "spws: [{} ]"])
def test_tags_that_make_objects_are_refused_in_one_line_and_make_none(tmp_path, value, place):
    made = tmp_path / "made"
    with pytest.raises(MinispiralError) as error:
        load(tmp_path, place.format(value.format(path=made)) + "\n")
    assert "mine.yaml: line 1: " in str(error.value) and "\n" not in str(error.value)
    assert not made.exists()


@pytest.mark.parametrize(
    "content",
    [
        "field: 'é'\n".encode("latin-1"),
        b"a: \x00\n",
        b"a: *b\n",
        b"a: 1\n---\nb: 2\n",
        b"? [a]\n: 1",
    ],
    ids=["latin-1", "control character", "unknown alias", "two documents", "key of a list"],
)
def test_what_is_no_configuration_is_refused_in_one_line(tmp_path, content):
    (tmp_path / "mine.yaml").write_bytes(content)
    with pytest.raises(MinispiralError) as error:
        configuration.load([tmp_path / "mine.yaml"], {})
    assert str(error.value).startswith(str(tmp_path / "mine.yaml")) and "\n" not in str(error.value)


def test_anchors_may_be_used(tmp_path):
    text = "image: &clean {niter: 3}\ntracks: {a: {ms: x, image: {<<: *clean, gain: 0.2}}}\n"
    image = load(tmp_path, text).settings("image", "a")
    assert (image["niter"], image["gain"]) == (3, 0.2)


def test_a_time_stays_text(tmp_path):
    campaign = load(tmp_path, "tracks: {a: {simulate: {start: 2017-04-06T08:45:00}}}\n")
    assert campaign.simulation("a") == {"start": "2017-04-06T08:45:00"}


# inputs


def test_inputs_that_are_there_pass(tmp_path, monkeypatch):
    (tmp_path / "a.ms").mkdir()
    (tmp_path / "a.ms" / "table.dat").write_text("")
    (tmp_path / "flags.csv").write_text("track,spw,start,end\n")
    monkeypatch.chdir(tmp_path)
    config = {"tracks": {"a": {"ms": "a.ms"}}, "flag": {"table": "flags.csv"}}
    input_checks.check_inputs(configuration.resolve(config))
    (tmp_path / "flags.csv").unlink()
    with pytest.raises(MinispiralError, match="flags.csv does not exist: correct flag.table"):
        input_checks.check_inputs(configuration.resolve(config))


def test_a_missing_measurement_set_is_named_with_its_key():
    campaign = configuration.resolve({"tracks": {"20170406": {"ms": "data/none.ms"}}})
    with pytest.raises(MinispiralError) as error:
        input_checks.check_inputs(campaign)
    message = str(error.value)
    assert "data/none.ms does not exist" in message and "tracks.20170406.ms" in message
    assert "\n" not in message


def test_a_simulated_track_needs_no_input():
    input_checks.check_inputs(configuration.resolve({"tracks": {"a": {"simulate": {}}}}))


def test_a_flag_table_and_a_simulation_are_checked_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("flags.csv").write_text("track, spw, start, end\nb, *, 2017-04-06, 2017-04-07\n")
    tracks = {"a": {"simulate": {"sed": 1}}}
    config = {"tracks": tracks, "flag": {"table": "flags.csv"}}
    with pytest.raises(MinispiralError) as error:
        input_checks.check_inputs(configuration.resolve(config))
    table, simulation = str(error.value).splitlines()
    assert "flags.csv names track 'b', but the campaign has a" in table
    assert simulation.startswith("track a: ") and "seed" in simulation
    Path("flags.csv").write_text("track, spw, start, end\na, *, 2017-04-07, 2017-04-06\n")
    with pytest.raises(MinispiralError, match="flags.csv, line 2: the end"):
        input_checks.check_inputs(configuration.resolve(config))


def test_rounds_that_no_iteration_does_are_remarked_on():
    config = {"tracks": TRACKS, "selfcal": {"rounds": [{}, {"calmode": "ap"}]}}
    (remark,) = input_checks.remarks(configuration.resolve({**config, "iterations": 1}))
    assert remark.startswith("selfcal.rounds has 2, but iterations is 1")
    assert input_checks.remarks(configuration.resolve({**config, "iterations": 2})) == []


def test_channels_of_a_spw_that_no_track_has_are_refused():
    message = problem({"tracks": TRACKS, "split": {"flag_channels": {"9": "1~2"}}})
    assert "split.flag_channels has 9, which is no spw of any track" in message


def test_every_key_of_a_simulation_is_documented():
    page = (ROOT / "docs" / "simulation.md").read_text()
    for field in dataclasses.fields(TrackSimulation):
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        shown = default if isinstance(default, str) else json.dumps(default)
        assert f"| `{field.name}` | {shown} |" in page


@pytest.mark.parametrize(
    ("changes", "iteration", "says"),
    [
        ({}, 0, ""),
        ({"scale": {"gains": "integration"}}, 0, "as configured"),
        ({"iterations": 2, "selfcal": {"rounds": [{"calmode": "p"}]}}, 2, ""),
        ({"iterations": 2, "selfcal": {"rounds": [{"calmode": "ap"}]}}, 0, ""),
        ({"iterations": 2, "selfcal": {"rounds": [{}, {"calmode": "ap"}]}}, 1, ""),
        ({"iterations": 2, "selfcal": {"rounds": [{}, {"calmode": "ap"}]}}, 2, "amplitudes"),
        (
            {"iterations": 1, "selfcal": {"rounds": [{"calmode": "ap"}], "model": "extended"}},
            1,
            "",
        ),
    ],
)
def test_when_integrations_have_their_own_gains(changes, iteration, says):
    campaign = configuration.resolve({"tracks": {"a": {"ms": "a.ms"}}, **changes})
    because = campaign.own_gains_because("a", iteration)
    assert says in because and bool(says) == bool(because)


def test_the_truth_is_the_users_or_the_simulations():
    tracks = {"a": {"ms": "a.ms"}, "b": {"ms": "b.ms", "truth": "./b.csv"}, "c": {"simulate": {}}}
    campaign = configuration.resolve({"tracks": tracks})
    assert campaign.truth("a") is None and campaign.truth("b") == "b.csv"
    assert campaign.truth("c") == "results/eht2017/simulated/c.truth.csv"
