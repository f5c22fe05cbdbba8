"""The workflow as a module of another one, as docs/workflow.md says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.helpers.places import ROOT
from tests.helpers.runs import planned

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "workflow.md").read_text()
CONFIG = {
    "campaign": "mine",
    "tracks": {
        "a": {
            "simulate": {"scans": 1, "scan_minutes": 0.2, "antennas": 5, "broken_integrations": 0}
        }
    },
}


def run(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path) -> Path:
    """Another workflow, which is the one of the documentation, with a configuration of its own."""
    example = PAGE.split("## As a module")[1].split("```python")[1].split("```")[0]
    text = example.replace("path/to/minispiral", str(ROOT))
    assert str(ROOT) in text
    (tmp_path / "Snakefile").write_text(text)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"minispiral": CONFIG}))
    return tmp_path


def test_the_rules_are_those_of_the_workflow_under_another_name(folder, tmp_path_factory):
    target = "results/mine/light_curves.ecsv"
    jobs = re.findall(r"^minispiral_(\w+) +(\d+)$", run(folder, "-n", "-q", "rules"), re.MULTILINE)
    alone = planned(tmp_path_factory.mktemp("alone"), CONFIG, target)
    assert {rule for rule, _ in jobs} == {rule for rule, _ in alone}
    assert sum(int(number) for _, number in set(jobs)) == len(alone)


def test_jobs_run_with_the_configuration_that_is_given(folder):
    target = "results/mine/a/inspection.json"
    run(folder, target, "results/mine/config.yaml")
    assert (folder / target).is_file()
    resolved = yaml.safe_load((folder / "results" / "mine" / "config.yaml").read_text())
    assert resolved["tracks"] == CONFIG["tracks"]
    assert "Nothing to be done" in run(folder, target)
