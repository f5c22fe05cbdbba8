"""Outputs appear whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from minispiral.io.atomic import copy_tree, replacing

Write = Callable[[Path, str], None]


def write_file(path: Path, text: str) -> None:
    path.write_text(text)


def write_folder(path: Path, text: str) -> None:
    (path / "sub").mkdir(parents=True)
    (path / "sub" / f"{text}.dat").write_text(text)


def content(path: Path) -> dict[str, str]:
    """All files below `path`, or of it, with their text."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return {str(file.relative_to(path.parent)): file.read_text() for file in files}


either = pytest.mark.parametrize("write", [write_file, write_folder], ids=["file", "folder"])


@either
def test_a_new_target_appears_with_its_parents_when_the_block_ends(tmp_path, write: Write):
    target = tmp_path / "results" / "a" / "im1.image"
    with replacing(target) as part:
        write(part, "new")
        assert part.name == target.name
        assert not target.exists()
        assert os.stat(part.parent).st_dev == os.stat(target.parent).st_dev
    assert list(content(target).values()) == ["new"]
    assert os.listdir(target.parent) == [target.name]


@pytest.mark.parametrize("old", [write_file, write_folder], ids=["old file", "old folder"])
@either
def test_the_old_target_is_replaced_and_nothing_of_it_remains(tmp_path, old: Write, write: Write):
    if old is write_file and write is write_folder:
        pytest.skip("a folder does not replace a file, nor does any rule ask for it")
    target = tmp_path / "x.ms"
    old(target, "old")
    with replacing(target) as part:
        write(part, "new")
        assert list(content(target).values()) == ["old"]
    assert list(content(target).values()) == ["new"]
    assert os.listdir(tmp_path) == ["x.ms"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("old", [None, write_file, write_folder], ids=["none", "file", "folder"])
@either
def test_after_a_failure_the_old_target_stays_and_nothing_is_left(tmp_path, write, old, error):
    target = tmp_path / "x.ms"
    if old is not None:
        old(target, "old")
    before = content(target)

    def write_half() -> None:
        with replacing(target) as part:
            write(part, "half")
            raise error("stop")

    with pytest.raises(error):
        write_half()
    assert content(target) == before
    assert os.listdir(tmp_path) == ([] if old is None else ["x.ms"])


@pytest.mark.parametrize(
    "old",
    [
        None,
        write_file,
        pytest.param(
            write_folder,
        ),
    ],
    ids=["none", "file", "folder"],
)
def test_a_block_that_writes_nothing_fails_and_leaves_the_old_target(tmp_path, old):
    target = tmp_path / "x.ms"
    if old is not None:
        old(target, "old")
    before = content(target)
    with pytest.raises(FileNotFoundError), replacing(target):
        pass
    assert content(target) == before


def test_what_a_killed_job_left_behind_does_no_harm(tmp_path):
    with replacing(tmp_path / "x.dat") as part:
        part.write_text("old")
        folder = part.parent
    write_folder(folder / "x.dat", "half")
    with replacing(tmp_path / "x.dat") as part:
        part.write_text("new")
    assert (tmp_path / "x.dat").read_text() == "new"


def test_a_relative_target_is_relative_to_where_the_block_began(tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with replacing("x.dat") as part:
        monkeypatch.chdir("elsewhere")
        part.write_text("new")
    assert (tmp_path / "x.dat").read_text() == "new"
    assert not os.listdir(tmp_path / "elsewhere")


def test_a_link_is_replaced_and_what_it_points_to_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "raw").write_text("raw")
    (tmp_path / "x.ms").symlink_to("data")
    with replacing(tmp_path / "x.ms") as part:
        part.write_text("new")
    assert (tmp_path / "x.ms").read_text() == "new"
    assert not (tmp_path / "x.ms").is_symlink()
    assert content(tmp_path / "data") == {"data/raw": "raw"}


def test_the_new_file_has_ordinary_permissions(tmp_path):
    (tmp_path / "ordinary").write_text("")
    with replacing(tmp_path / "x.dat") as part:
        part.write_text("new")
    modes = [(tmp_path / name).stat().st_mode for name in ("x.dat", "ordinary")]
    assert modes[0] == modes[1]


def test_two_targets_in_one_folder_do_not_meet(tmp_path):
    with replacing(tmp_path / "a") as first, replacing(tmp_path / "b") as second:
        first.write_text("a")
        second.write_text("b")
    assert content(tmp_path) == {f"{tmp_path.name}/{name}": name for name in "ab"}


def test_copy_tree_replaces_a_folder_by_a_copy(tmp_path):
    write_folder(tmp_path / "source", "new")
    write_folder(tmp_path / "target", "old")
    copy_tree(tmp_path / "source", tmp_path / "target")
    assert content(tmp_path / "target") == {"target/sub/new.dat": "new"}
    assert content(tmp_path / "source") == {"source/sub/new.dat": "new"}


def test_copy_tree_of_nothing_leaves_the_old_folder(tmp_path):
    write_folder(tmp_path / "target", "old")
    with pytest.raises(FileNotFoundError):
        copy_tree(tmp_path / "missing", tmp_path / "target")
    assert content(tmp_path) == {f"{tmp_path.name}/target/sub/old.dat": "old"}
