"""Configurations: defaults, overrides, and one clear line for each thing that is wrong."""

import dataclasses
import json

import pytest
import yaml

from minispiral import config as configuration
from minispiral.config.problems import RESERVED_TRACK_NAMES
from minispiral.simulation.settings import TrackSimulation
from tests.helpers.configurations import TRACKS, problem
from tests.helpers.places import ROOT


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


@pytest.mark.parametrize("name", RESERVED_TRACK_NAMES)
def test_names_of_the_workflows_folders_are_taken(name):
    assert "is taken by a folder" in problem({"tracks": {name: {"ms": "x.ms"}}})


def test_tracks_are_required():
    assert "'tracks' is missing" in problem({})


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
