"""Where keys stand: which file, which line."""

import pytest

from minispiral import config as configuration
from minispiral.config.places import Places
from minispiral.errors import MinispiralError

BASE = """\
# a comment
tracks:
  20170406:
    ms: a.ms   # without quotes

image: {imsize: 512,
        gain: 3}
spws:
  - 0
  - 0.5
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(BASE)
    (tmp_path / "more.yaml").write_text("image:\n  gain: 4\n")
    return tmp_path


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("tracks", "20170406", "ms"), "base.yaml:4"),
        (("image", "gain"), "base.yaml:7"),
        (("spws", 1), "base.yaml:10"),
        (("image", "cell"), None),
    ],
)
def test_keys_and_items_have_their_lines(folder, key, line):
    assert Places([folder / "base.yaml"]).line([key]) == line


@pytest.mark.usefixtures("folder")
def test_a_key_that_is_not_there_has_the_place_of_what_it_is_part_of():
    places = Places(["base.yaml"])
    assert places.place([("image", "cell")]) == "base.yaml:6"
    assert places.place([("fit", "min_baseline_m")]) == "base.yaml"
    assert places.place([]) == "base.yaml"
    assert Places([]).place([("fit",)]) == "configuration"


@pytest.mark.usefixtures("folder")
def test_what_a_track_has_itself_comes_before_what_all_have():
    keys = [("tracks", "20170406", "image", "gain"), ("image", "gain")]
    assert Places(["base.yaml"]).place(keys) == "base.yaml:7"
    assert Places(["base.yaml"]).place([("tracks", "20170406", "ms"), ("image",)]) == "base.yaml:4"


@pytest.mark.usefixtures("folder")
def test_the_file_that_wins_is_named_and_the_command_before_all():
    files = ["base.yaml", "more.yaml"]
    assert Places(files).place([("image", "gain")]) == "more.yaml:2"
    assert Places(files[::-1]).place([("image", "gain")]) == "base.yaml:7"
    assert Places(files, {"image": {"gain": 5}}).place([("image", "gain")]) == "--config"


@pytest.mark.usefixtures("folder")
def test_a_run_is_refused_with_the_place_of_each_mistake():
    with pytest.raises(MinispiralError) as error:
        configuration.load(["base.yaml", "more.yaml"], {"iterations": -1})
    assert sorted(line.split(": ")[0] for line in str(error.value).splitlines()) == [
        "--config",
        "base.yaml:10",
        "more.yaml:2",
    ]


def test_an_alias_of_what_it_is_part_of_ends(folder):
    (folder / "loop.yaml").write_text("a: &x\n  b: *x\n")
    assert Places(["loop.yaml"]).line([("a", "b")]) == "loop.yaml:2"


@pytest.mark.usefixtures("folder")
def test_files_elsewhere_keep_their_path(tmp_path_factory):
    other = tmp_path_factory.mktemp("elsewhere") / "c.yaml"
    other.write_text("spws: 3\n")
    assert Places([other]).place([("spws",)]) == f"{other}:1"
