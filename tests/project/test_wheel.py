"""The package installed from a wheel, without a checkout, finds and plans its workflow."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.places import ROOT

pytestmark = pytest.mark.slow

SOURCES = (
    "pyproject.toml", "README.md", "LICENSE", "Snakefile", "config.yaml",
    "src", "workflow", "profiles",
)  # fmt: skip
RUN = "import sys; from minispiral.cli import main; sys.exit(main())"
WRITTEN = "campaign: sgr\ntracks: {a: {simulate: {scans: 1}}}\n"


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder into which pip has installed the package alone."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            left_out = shutil.ignore_patterns("*.egg-info", "__pycache__")
            shutil.copytree(ROOT / name, source / name, ignore=left_out)
        else:
            shutil.copy(ROOT / name, source)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation",
         "--no-index", "--target", folder / "installed", source],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    shutil.rmtree(source)
    return folder / "installed"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    # -P is no hindrance to PYTHONPATH; the installed package goes before the checkout's
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONWARNINGS": ""}
    return subprocess.run(
        [sys.executable, "-P", "-c", RUN, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip


def test_a_wheel_runs_the_workflow_that_it_brings(installed, tmp_path):
    (tmp_path / "config.yaml").write_text(WRITTEN)
    done = run(installed, tmp_path, "run", "-n", "light_curves")
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "scale_light_curves" in said
    assert f"{installed}/share/minispiral" in said  # whose profile is used
    assert (installed / "casasiteconfig.py").is_file()


def test_exit_codes_and_messages_are_those_of_the_workflow(installed, tmp_path):
    done = run(installed, tmp_path, "run", "-n")
    assert done.returncode == 1
    assert f"minispiral: no config.yaml in {tmp_path}: write one with minispiral in" in done.stderr
    assert f"(the demo's is {installed}/share/minispiral/config.yaml)" in done.stderr
