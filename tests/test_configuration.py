"""Configurations: defaults, overrides, and one clear line for each thing that is wrong."""

from pathlib import Path

import pytest
import yaml

from minispiral import configuration
from minispiral.errors import MinispiralError

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
        if isinstance(values, dict):
            allowed = schema["$defs"].get(section, schema["properties"][section])["properties"]
            assert set(allowed) == set(values) == set(demo[section]), section


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
        ({"model": {"core_offset": [1]}}, "model.core_offset is [1]: needs at least 2 values"),
        ({"scale": {"gains": "smooth"}}, 'possible is "integration"'),
        ({"scale": {"flux_range": [5, 1]}}, "give the lower limit first"),
        ({"scale": None}, "scale is null: expected object"),
        ({"spws": []}, "spws is []: needs at least 1 values"),
        ({"spws": [0, 0]}, "spws is [0, 0]: has a value twice"),
        ({"spws": ["a"]}, 'spws.0 is "a": expected integer'),
        ({"iterations": 2}, "iterations is 2: this version knows only 0"),
        ({"campaign": "a b"}, 'campaign is "a b": use letters, digits'),
        ({"split": {"flag_channels": {"2": "a~b"}}}, "use channel ranges"),
        ({"tracks": {}}, "tracks is {}: needs at least 1 entry"),
        ({"tracks": {"a": {}}}, "tracks.a needs either 'ms: PATH' or 'simulate: {...}'"),
        ({"tracks": {"a": {"ms": "x", "simulate": {}}}}, "and not both"),
        ({"tracks": {"a": {"ms": "x.ms"}, "b": {"ms": "./x.ms"}}}, "are both"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(change, says):
    message = problem({"tracks": TRACKS, **change})
    assert says in message and message.startswith("configuration: ")
    assert "\n" not in message


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
        configuration.check_inputs(campaign)
    lines = str(error.value).splitlines()
    assert len(lines) == 6
    assert "track a" in lines[0] and "does not exist: correct tracks.a.ms" in lines[0]
    assert any("is no measurement set" in line for line in lines)
