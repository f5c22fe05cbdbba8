"""What `minispiral run` becomes, and where it finds the workflow."""

import sys
import tomllib
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

from minispiral.errors import MinispiralError
from minispiral.jobs import run_command
from tests.helpers.places import ROOT

SNAKEMAKE = [sys.executable, "-P", "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")]


@pytest.mark.parametrize(
    ("given", "options"),
    [
        (([], None, False, []), []),
        (
            (["report"], "3", True, []),
            ["--cores", "3", "--dry-run", "--quiet", "rules", "--", "report"],
        ),
        (
            (["report"], None, False, ["--configfile", "mine.yaml"]),
            ["--configfile", "mine.yaml", "--", "report"],
        ),
        (([], None, False, ["-k", "report"]), ["-k", "report"]),
        ((["a"], None, False, ["-q", "--", "b"]), ["-q", "--", "b", "a"]),
    ],
)
def test_targets_and_options_are_handed_to_snakemake(given, options):
    assert run_command.run_command(*given) == SNAKEMAKE + options


def pretend_installed(folder: Path, monkeypatch) -> None:
    """Let the package be a wheel that pip has put into a folder."""

    class File(PurePosixPath):
        def locate(self) -> Path:
            return folder / self

    files = [File("share/minispiral/Snakefile"), File("share/minispiral/config.yaml")]
    monkeypatch.setattr(metadata, "files", lambda name: files if name == "minispiral" else [])


def test_an_installed_wheel_brings_the_workflow(tmp_path, monkeypatch):
    pretend_installed(tmp_path, monkeypatch)
    rules = tmp_path / "share" / "minispiral" / "workflow" / "rules"
    rules.mkdir(parents=True)
    (rules / "common.smk").touch()
    (rules.parents[1] / "Snakefile").touch()
    found = run_command.snakefile(tmp_path / "lib" / "site-packages")
    assert found == tmp_path / "share" / "minispiral" / "Snakefile"
    assert run_command.snakefile() == ROOT / "Snakefile"  # that of the source goes first


def test_where_the_workflow_is_missing_it_is_said_where_it_was_looked_for(tmp_path, monkeypatch):
    pretend_installed(tmp_path, monkeypatch)
    (tmp_path / "Snakefile").touch()  # of somebody else's
    with pytest.raises(MinispiralError) as error:
        run_command.snakefile(tmp_path / "lib")
    share = "share/minispiral"
    places = f"{tmp_path} or {tmp_path}/{share} or {tmp_path}/lib/{share}"
    assert f"is not in {places}: install" in str(error.value)


def test_a_wheel_has_all_files_of_the_workflow():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    data = project["tool"]["setuptools"]["data-files"]
    shipped = set()
    for folder, patterns in data.items():
        paths = [path for pattern in patterns for path in ROOT.glob(pattern)]
        assert paths, folder
        assert {ROOT / folder.removeprefix("share/minispiral").strip("/")} == {
            path.parent for path in paths
        }
        shipped |= set(paths)
    needed = [p for name in ("workflow", "profiles") for p in (ROOT / name).rglob("*.*")]
    needed = [path for path in needed if path.is_file() and "__pycache__" not in path.parts]
    assert shipped == {*needed, ROOT / "Snakefile", ROOT / "config.yaml"}
