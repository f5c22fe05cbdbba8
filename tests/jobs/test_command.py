"""Mistakes in a command that Snakemake would not tell."""

import re

import pytest

from minispiral.errors import MinispiralError
from minispiral.jobs.command import TARGETS, all_given, check_command, given, no_target
from tests.helpers.places import ROOT


def test_an_option_of_one_value_leaves_the_targets_alone():
    arguments = ["-n", "--workflow-profile", "slurm", "all", "calibrated"]
    assert given(arguments, "--workflow-profile") == "slurm"
    assert given(["--workflow-profile=slurm", "all"], "--workflow-profile") == "slurm"
    assert given(["-n"], "--workflow-profile") is None


def test_the_targets_are_the_rules_without_a_product():
    files = [ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk")]
    rules = [re.split(r"(?m)^(?=rule )", file.read_text())[1:] for file in files]
    asking = {
        re.match(r"rule (\w+):", rule)[1]
        for rules_of_file in rules
        for rule in rules_of_file
        if not re.search(r"(?m)^    output:", rule)
    }
    assert asking == set(TARGETS)


def test_values_of_options():
    command = ["--cores", "2", "--configfile", "a.yaml", "b.yaml", "-n", "--profile=x", "all"]
    assert all_given(command, "--configfile", "--configfiles") == ["a.yaml", "b.yaml"]
    assert given(command, "--profile") == "x"
    assert given(command, "--workflow-profile") is None
    assert given(["--profile", "a", "--profile", "b"], "--profile") == "b"


@pytest.mark.parametrize(
    ("arguments", "cores", "at_once", "says"),
    [
        ([], 0, None, "--cores is 0, with which no job can start: give a number from 1 on"),
        ([], -1, None, "--cores is -1"),
        ([], None, 0, "--jobs is 0"),
        (["--workflow-profile", "slrum"], 1, None, "slrum is no profile.*: did you mean 'slurm'"),
        (["--workflow-profile=x"], 1, None, "possible are default, slurm, workstation"),
    ],
)
def test_what_could_never_run_is_refused(arguments, cores, at_once, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MinispiralError, match=says):
        check_command(arguments, cores, at_once, ROOT)


@pytest.mark.parametrize("profile", [None, "none", "slurm", "own", "profiles/mine"])
def test_profiles_are_found_where_snakemake_looks(profile, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "profiles" / "mine").mkdir(parents=True)
    (tmp_path / "own").mkdir()
    arguments = [] if profile is None else ["--workflow-profile", profile]
    check_command(arguments, 2, None, ROOT)


def test_a_target_that_is_none():
    assert no_target("lightcurves") == "lightcurves is no target: did you mean 'light_curves'?"
    assert "possible are all, binned, calibrated" in no_target("xyz")
    assert no_target("results/a/b.ecsv").startswith("nothing makes results/a/b.ecsv")
