"""One clear line for each thing that is wrong."""

import pytest

from minispiral import config as configuration
from minispiral.config.problems import RESERVED_TRACK_NAMES
from tests.helpers.configurations import TRACKS, problem


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ({}, "selfcal_targets.a needs 'ms', the path of a measurement set"),
        ({"ms": "a.ms", "image": {"mask": "incremental"}}, "possible is auto or the path"),
        (
            {"ms": "a.ms", "rounds": [{"combine": "field"}]},
            "selfcal_targets.a.rounds, entry 1: combine is",
        ),
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
        (
            {"selfcal": {"solve": "always"}, "model": {"turns": 2}},
            "is always, but model.turns is 2, and antennas are solved for from turn 3 on",
        ),
        ({"scale": None}, "scale is null: expected 'key: value' pairs"),
        ({"scale": {"correct_spws": [1, 2, 3]}}, "which leaves 1 of the spws of track"),
        ({"scale": {"correct_spws": [7]}}, "scale.correct_spws has 7, which is no spw"),
        ({"spws": []}, "spws is []: needs at least 1 values"),
        ({"spws": [0, 0]}, "spws is [0, 0]: has a value twice"),
        ({"spws": ["a"]}, 'spws, entry 1 is "a": expected integer'),
        ({"iterations": -1}, "iterations is -1: must be at least 0"),
        (
            {"selfcal": {"rounds": [{"calmode": "a"}]}},
            'rounds, entry 1: calmode is "a": possible is "p"',
        ),
        ({"selfcal": {"rounds": [{"solint": "0s"}]}}, "use int, inf, or a time such as 100s"),
        (
            {"selfcal": {"rounds": [{"calmode": "p"}, {"solint": 60}]}},
            "selfcal.rounds, entry 2: solint is 60: write 60s, or min in place of s",
        ),
        ({"selfcal": {"rounds": [{"solint": 1.5}]}}, "solint is 1.5: write 1.5s"),
        ({"selfcal": {"rounds": [{"solint": "60"}]}}, 'solint is "60": write 60s'),
        ({"selfcal": {"rounds": [{"solint": 0}]}}, "solint is 0: expected text"),
        ({"selfcal": {"rounds": [{"sollint": "60s"}]}}, "rounds, entry 1: sollint is no key"),
        ({"tracks": {"2017": {"ms": "x.ms", "imag": {}}}}, "tracks.2017.imag is no key"),
        ({"campaign": 2017}, 'campaign is 2017: write it in quotes, "2017"'),
        ({"results": 3}, 'results is 3: write it in quotes, "3"'),
        ({"image": {"niter": "7500"}}, 'image.niter is "7500": write 7500, without quotes'),
        ({"fit": {"min_baseline_m": "100 m"}}, '"100 m": write 100, without a unit'),
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
        ({"tracks": {"a": {"ms": ["x.ms", "y.ms"]}, "b": {"ms": "./y.ms"}}}, "are both"),
        ({"tracks": {"a": {"ms": ["x.ms", "./x.ms"]}}}, "tracks.a.ms has x.ms twice"),
        ({"tracks": {"a": {"ms": []}}}, "expected string or a list of strings"),
        ({"tracks": {"a": {"ms": ["x.ms", 3]}}}, "expected string or a list of strings"),
        ({"tracks": {"a": {"ms": ["x.ms"], "simulate": {}}}}, "and not both"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(change, says):
    message = problem({"tracks": TRACKS, **change})
    assert says in message
    assert message.startswith("configuration: ")
    assert "\n" not in message


def test_tracks_that_share_im1_must_share_its_grid():
    tracks = {"a": {"ms": "x", "image": {"imsize": 64}}, "b": {"ms": "y"}}
    clean = {"method": "clean"}
    message = problem({"tracks": tracks, "model": clean})
    assert "image.imsize is 64 for track 'a' and 512 for track 'b'" in message
    configuration.resolve({"tracks": tracks, "model": {**clean, "scope": "track"}})


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
        assert "'one'" in message
        assert "'two'" in message
        assert "both" in message
        assert "\n" not in message


def test_channels_of_a_spw_that_no_track_has_are_refused():
    message = problem({"tracks": TRACKS, "split": {"flag_channels": {"9": "1~2"}}})
    assert "split.flag_channels has 9, which is no spw of any track" in message


def of_two_tracks(model: dict, **changes) -> dict:
    tracks = {"a": {"ms": "a.ms"}, "b": {"ms": "b.ms", "model": model}}
    return {"tracks": tracks, "model": {"method": "joint"}, **changes}


@pytest.mark.parametrize(
    ("key", "value"),
    [("turns", 3), ("core", "surroundings"), ("primary_beam", False), ("regularization", 0.1)],
)
def test_tracks_of_one_sky_have_its_keys_in_common(key, value):
    assert f"model.{key} is " in problem(of_two_tracks({key: value}))
    for apart in ({"scope": "track"}, {"method": "clean"}):
        assert configuration.resolve(of_two_tracks({key: value, **apart})).joint_tracks == ["a"]


def test_tracks_of_one_sky_may_have_images_of_any_size():
    config = of_two_tracks({})
    config["tracks"]["a"]["image"] = {"imsize": 256}
    assert configuration.resolve(config).joint_tracks == ["a", "b"]


def test_the_sky_goes_with_self_calibration_against_the_full_model():
    selfcal = {"model": "extended", "rounds": [{"calmode": "p"}]}
    message = problem(of_two_tracks({}, iterations=1, selfcal=selfcal))
    assert "selfcal.model of track 'a' is extended" in message
    assert configuration.resolve(of_two_tracks({}, selfcal=selfcal)).iterations == 0
