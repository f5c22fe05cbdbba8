"""The files that fix the environment agree with each other and with what is installed."""

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.helpers.places import ROOT

DIRECT, PINS, CONDA = (
    ROOT / "envs" / name for name in ("requirements.in", "requirements.txt", "environment.yaml")
)
READERS = ROOT / "envs" / "readers.txt"
PYTHONS = ("3.11", "3.12", "3.13")


def lines(path: Path) -> list[str]:
    """Requirements of a pip file, as written, without comments and empty lines."""
    written = (re.sub(r"(^|\s)#.*", "", line).strip() for line in path.read_text().splitlines())
    return [line for line in written if line]


def requirements(path: Path) -> list[Requirement]:
    return [Requirement(line) for line in lines(path)]


def name(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)


def applies(requirement: Requirement, python: str | None = None) -> bool:
    """Whether the marker holds, for another version of Python if one is given."""
    other = {"python_version": python, "python_full_version": f"{python}.0"} if python else None
    return requirement.marker is None or requirement.marker.evaluate(other)


def version(pin: Requirement) -> str:
    (specifier,) = pin.specifier
    return specifier.version


def conda_dependencies() -> list:
    return yaml.safe_load(CONDA.read_text())["dependencies"]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_conda_repeats_the_pins():
    (pip,) = (entry["pip"] for entry in conda_dependencies() if isinstance(entry, dict))
    assert pip == lines(PINS)


def test_conda_takes_the_pythons_of_the_package():
    assert f"python {project()['requires-python']}" in conda_dependencies()


def test_every_pin_is_exact():
    for pin in requirements(PINS):
        operators = [specifier.operator for specifier in pin.specifier]
        assert operators == ["=="], f"{pin} is not pinned by =="
        assert "*" not in version(pin), f"{pin} is not pinned by =="


@pytest.mark.parametrize("python", PYTHONS)
def test_every_direct_requirement_is_pinned_once(python):
    pins = [pin for pin in requirements(PINS) if applies(pin, python)]
    names = [name(pin) for pin in pins]
    assert len(names) == len(set(names))
    versions = {name(pin): version(pin) for pin in pins}
    for wanted in requirements(DIRECT):
        if applies(wanted, python):
            assert name(wanted) in versions, f"{wanted} is in requirements.in but has no pin"
            pinned = versions[name(wanted)]
            assert pinned in wanted.specifier, f"{wanted} excludes its pin {pinned}"


@pytest.mark.parametrize("path", [DIRECT, PINS, CONDA], ids=lambda path: path.name)
def test_no_address_of_an_index(path):
    text = path.read_text()
    assert "://" not in text
    assert not [line for line in lines(path) if re.match(r"(- )?['\"]?--?[a-z]", line)]


def test_the_package_needs_nothing_else():
    direct = {name(wanted) for wanted in requirements(DIRECT)}
    assert {name(Requirement(needed)) for needed in project()["dependencies"]} <= direct


def test_the_installed_versions_are_the_pinned_ones():
    different = []
    for pin in filter(applies, requirements(PINS)):
        try:
            installed = importlib.metadata.version(pin.name)
        except importlib.metadata.PackageNotFoundError:
            installed = "missing"
        if installed != version(pin):
            different.append(f"{pin.name}: {installed}, pinned {version(pin)}")
    assert not different, "run `make env` and use its Python, .venv/bin/python"


def test_readers_are_pinned_and_leave_the_environment_as_it_is():
    """`make readers` installs them without what they depend on, so that all is named there."""
    readers = requirements(READERS)
    assert all(version(reader) for reader in readers)
    assert not {name(reader) for reader in readers} & {name(pin) for pin in requirements(PINS)}


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([f"PYTHON={sys.executable}"], False),
        ([], False),
        (["PYTHON=no-such-python"], True),
    ],
)
def test_another_python_for_an_environment_that_is_there_is_not_ignored_without_a_word(
    asked, told, tmp_path
):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "envs").mkdir()
    for name in ("envs/requirements.txt", "pyproject.toml"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    for name in (".requirements", ".installed"):
        (tmp_path / ".venv" / name).touch()
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHON", "MAKEFLAGS")}
    done = subprocess.run(
        ["make", "env", *asked],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ("PYTHON=no-such-python is ignored" in done.stderr) == told
    assert not told or f"with Python {platform.python_version()}: make clean" in done.stderr


def linters() -> set[str]:
    """Names of the programs that `make lint` runs."""
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return {re.match(r"\.venv/bin/(\S+)", line.strip())[1] for line in recipe[1].splitlines()}


def test_pre_commit_runs_the_pinned_linters():
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    programs = [hook["entry"].split()[0] for hook in repository["hooks"]]
    assert {program.removeprefix(".venv/bin/") for program in programs} == linters()
    for hook, program in zip(repository["hooks"], programs, strict=True):
        if hook["language"] == "system":
            assert program.startswith(".venv/bin/")
        else:
            (pin,) = (line for line in lines(PINS) if line.startswith(f"{program}=="))
            assert hook["additional_dependencies"] == [pin]


def test_public_ci_runs_what_ci_runs_and_nothing_else():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
    (job,) = workflow["jobs"].values()
    checkout, run = job["steps"]
    assert checkout.keys() == {"uses"}
    assert run == {"run": ".ci/run"}
    pythons = job["strategy"]["matrix"]["python"]
    assert set(pythons) <= set(PYTHONS)
    assert (pythons[0], pythons[-1]) == (PYTHONS[0], PYTHONS[-1])


def test_what_make_test_leaves_out_is_run_by_a_target_of_its_own():
    makefile = (ROOT / "Makefile").read_text()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    markers = {marker.split(":")[0] for marker in settings["markers"]} - {"slow"}
    assert set(re.findall(r"^test-(\w+): env .*\n\t.* -m \1$", makefile, re.MULTILINE)) == markers


def test_nights_of_known_truth_are_not_recovered_by_make_test():
    for path in (ROOT / "tests" / "workflow").glob("test_*.py"):
        text = path.read_text()
        if "from tests.helpers.shared_tracks" in text or "import SHARED" in text:
            assert "pytestmark = [pytest.mark.nights, pytest.mark.slow]" in text, path


def test_the_citation_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (citation["version"], citation["license"]) == (
        project()["version"],
        project()["license"],
    )


def test_the_catalog_of_workflows_is_told_what_it_reads():
    told = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())
    assert list(told) == ["usage"]
    assert set(told["usage"]) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert set(told["usage"]["mandatory-flags"]) == {"desc", "flags"}
    # no rule has an environment of its own, which the flags for them would make
    rules = [path.read_text() for path in (ROOT / "workflow" / "rules").glob("*.smk")]
    assert not [text for text in rules if re.search(r"^ {4}(conda|container):", text, re.MULTILINE)]
    assert not any(told["usage"]["software-stack-deployment"].values())
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme  # without these words it is not listed
    assert "workflow" in readme
