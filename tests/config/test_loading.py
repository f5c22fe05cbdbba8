"""Configuration files: merged in order, read without surprises, refused with their line."""

from pathlib import Path

import pytest

from minispiral import config as configuration
from minispiral.errors import MinispiralError


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
    assert campaign.name == "two"
    assert campaign.settings("image", "a")["niter"] == 6
    assert campaign.settings("image", "a")["gain"] == 0.1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "tracks: {a: {ms: x}}\ntracks: {b: {ms: y}}\n",
            "mine.yaml:2: the key 'tracks' stands here",
        ),
        ("tracks:\n  a: {ms: x}\n  a: {ms: y}\n", "mine.yaml:3: the key 'a' stands here twice"),
        ("tracks:\n  2017_04_06: {ms: x}\n", "the key '2017_04_06' is not text"),
        ("tracks: {a: {ms: x}\n", "mine.yaml:2: "),
        ("tracks:\n\t- a\n", "mine.yaml:2: "),
        ("", "expected 'key: value' lines"),
        ("- a\n", "expected 'key: value' lines"),
        ("tracks: !!python/object/apply:os.system ['true']\n", "mine.yaml:1: "),
    ],
)
def test_ill_formed_files_are_refused_with_their_line(tmp_path, text, says):
    with pytest.raises(MinispiralError) as error:
        load(tmp_path, text)
    assert says in str(error.value)
    assert "\n" not in str(error.value)
    assert "mine.yaml" in str(error.value)


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(MinispiralError, match="none.yaml does not exist: correct the path"):
        configuration.load([tmp_path / "none.yaml"], {})


def test_a_target_that_is_taken_for_a_configuration_is_told(tmp_path):
    with pytest.raises(MinispiralError, match="put it last on the line"):
        configuration.load([tmp_path / "binned"], {})


def test_files_merge_key_by_key_then_overrides_and_lists_are_replaced(tmp_path):
    first, second = tmp_path / "first.yaml", tmp_path / "second.yaml"
    first.write_text(
        "campaign: one\nspws: [0, 1, 2]\nimage: {niter: 5, gain: 0.1, robust: 1}\n"
        "tracks: {a: {ms: a.ms, fit: {min_baseline_m: 7}}}\n"
    )
    second.write_text("spws: [3]\nimage: {niter: 6, robust: 0}\ntracks: {b: {ms: b.ms}}\n")
    overrides = {"image": {"robust": -1}, "tracks": {"a": {"field": "Sgr A"}}}
    campaign = configuration.load([first, second], overrides)
    assert campaign.name == "one"
    assert campaign.resolved["spws"] == [3]
    image = campaign.settings("image", "a")
    assert (image["niter"], image["gain"], image["robust"]) == (6, 0.1, -1)
    assert campaign.tracks == ["a", "b"]
    assert campaign.field("a") == "Sgr A"
    assert campaign.measurement_sets("a") == ["a.ms"]
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


def test_numbers_in_a_list_of_an_override_are_numbers(tmp_path):
    """As `snakemake --config 'scale={flux_range: [1.4, 5]}'` gives it."""
    campaign = load(tmp_path, "tracks: {a: {ms: a.ms}}\n", {"scale": {"flux_range": ["1.4", "5"]}})
    assert campaign.settings("scale", "a")["flux_range"] == [1.4, 5]


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
    assert f"mine.yaml:{line}: the key {key!r} stands here twice" in str(error.value)
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
    assert "mine.yaml:1: " in str(error.value)
    assert "\n" not in str(error.value)
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
    assert str(error.value).startswith(str(tmp_path / "mine.yaml"))
    assert "\n" not in str(error.value)


def test_anchors_may_be_used(tmp_path):
    text = "image: &clean {niter: 3}\ntracks: {a: {ms: x, image: {<<: *clean, gain: 0.2}}}\n"
    image = load(tmp_path, text).settings("image", "a")
    assert (image["niter"], image["gain"]) == (3, 0.2)


def test_a_time_stays_text(tmp_path):
    campaign = load(tmp_path, "tracks: {a: {simulate: {start: 2017-04-06T08:45:00}}}\n")
    assert campaign.simulation("a") == {"start": "2017-04-06T08:45:00"}
