"""What can be told of the container without a registry of images: what goes in is enough."""

import re
from fnmatch import fnmatch

from packaging.specifiers import SpecifierSet

from tests.helpers.places import ROOT
from tests.project.test_environment import project
from tests.project.test_wheel import SOURCES

LINES = (ROOT / "Containerfile").read_text().splitlines()


def copied() -> list[str]:
    """What is copied into the container, by its names in the project."""
    return [name for line in LINES if line.startswith("COPY ") for name in line.split()[1:-1]]


def test_what_is_copied_is_there_and_not_left_out():
    ignored = [
        line for line in (ROOT / ".containerignore").read_text().splitlines()
        if line and not line.startswith("#")
    ]  # fmt: skip
    assert len(ignored) > 3
    for name in copied():
        assert (ROOT / name).exists()
        assert not any(fnmatch(name, pattern) for pattern in ignored), name


def test_a_package_of_these_files_alone_runs_the_workflow():
    # test_wheel.py installs the package of SOURCES and plans a campaign with it
    assert set(copied()) == {*SOURCES, "envs/requirements.txt"}


def test_its_python_is_one_of_the_package_s():
    (image,) = re.findall(r"^FROM \S+/python:(\d\.\d+)-slim-\w+$", "\n".join(LINES), re.MULTILINE)
    assert image in SpecifierSet(project()["requires-python"])
