"""The rule files: declarations alone, in any order, and light to read."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from snakemake.settings.enums import RerunTrigger

ROOT = Path(__file__).parents[2]
HEAVY = {"numpy", "scipy", "pandas", "astropy", "matplotlib", "bokeh", "casatools", "stingray"}


def snakemake(snakefile: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    line = [sys.executable, "-m", "snakemake", "-s", str(snakefile), "-d", str(folder)]
    environment = {**os.environ, "PYTHONWARNINGS": ""}
    options = ["--workflow-profile", "none", *arguments]
    return subprocess.run([*line, *options], capture_output=True, text=True, env=environment)


def test_rule_files_hold_no_functions_but_documentation():
    for path in (ROOT / "workflow" / "rules").glob("*.smk"):
        text = path.read_text()
        assert text.startswith('"""'), f"{path} does not say what goes in and out"
        assert not re.search(r"^\s*def |\blambda\b", text, re.MULTILINE), path


def test_rules_name_the_version_of_what_they_run():
    """Neither a changed module nor a changed script redoes anything: their versions do."""
    unversioned = set()
    for path in (ROOT / "workflow" / "rules").glob("*.smk"):
        for rule in re.split(r"(?m)^ *(?=rule )", path.read_text())[1:]:
            if "script:" in rule and "version=" not in rule:
                unversioned.add(re.match(r"rule (\w+|):", rule)[1])
    # what copies its params, and what removes files
    assert unversioned == {"write_configuration", "clean_up"}


def test_profiles_do_not_take_the_time_of_a_script_for_a_change():
    profiles = sorted((ROOT / "profiles").glob("*/config.yaml"))
    assert len(profiles) == 3
    for profile in profiles:
        triggers = yaml.safe_load(profile.read_text())["rerun-triggers"]
        assert set(triggers) == set(RerunTrigger.choices()) - {"code"}, profile


def test_what_rules_import_is_light():
    """Every job reads the rules: a second each would be hours in a large campaign."""
    imports = re.findall(
        r"^(?:from|import) .*", (ROOT / "workflow/rules/common.smk").read_text(), re.MULTILINE
    )
    assert imports
    code = "\n".join([*imports, "import sys", "print(*sys.modules)"])
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stderr
    assert not HEAVY & set(loaded.stdout.split())


@pytest.mark.slow
def test_snakemakes_linter_asks_for_nothing_but_environments():
    """Which the project has one of, for the workflow and all its rules."""
    asked = snakemake(ROOT / "Snakefile", ROOT, "--lint").stderr
    lints = set(re.findall(r"^ +\* (.*)", asked, re.MULTILINE))
    assert lints == {"Specify a conda environment or container for each rule.:"}


@pytest.mark.slow
def test_the_order_in_which_rule_files_are_included_has_no_effect(tmp_path):
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow")
    text = (ROOT / "Snakefile").read_text()
    common, *includes = re.findall(r"^include: .*\n", text, re.MULTILINE)
    assert "common.smk" in common
    assert len(includes) > 10
    block = "".join([common, *includes])
    assert block in text
    reverse = "".join([common, *reversed(includes)])
    (tmp_path / "Snakefile").write_text(text.replace(block, reverse))
    config = {
        "spws": [0, 1, 2],
        "iterations": 2,
        "selfcal": {"rounds": [{"calmode": "p", "combine": "spw"}]},
        "scale": {"correct_spws": [1]},
        "tracks": {
            "a": {"simulate": {"frequencies_ghz": [213.1, 215.1, 227.1]}},
            "b": {"simulate": {"frequencies_ghz": [213.1, 215.1]}, "spws": [0, 1]},
        },
    }
    config["tracks"]["b"]["scale"] = {"reference": "track", "correct_spws": []}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    jobs = [
        dry_run(snakefile, tmp_path) for snakefile in (ROOT / "Snakefile", tmp_path / "Snakefile")
    ]
    assert jobs[0] == jobs[1]
    assert len(jobs[0]) > 50


def dry_run(snakefile: Path, folder: Path) -> list[str]:
    """What a dry run says of its jobs, but numbers, and the order in which it lists reasons."""
    targets = ("all", "calibrated", "validate", "clean_up")
    done = snakemake(snakefile, folder, "--cores", "2", "-n", *targets)
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = re.findall(
        r"^((?:local)?rule \w+:\n(?: +.*\n)+)", done.stdout + done.stderr, re.MULTILINE
    )
    jobs = [re.sub(r"\n +jobid: .*", "", job) for job in jobs]
    in_order = [
        re.sub("reason: .*", lambda r: str(sorted(re.split("[ ,;]+", r[0]))), j) for j in jobs
    ]
    return sorted(in_order)
