"""Mistakes in a command that Snakemake would not tell."""

import re

import pytest
from snakemake.cli import get_argument_parser, parse_args

from minispiral.errors import MinispiralError
from minispiral.jobs.command import (
    PROFILE,
    TARGETS,
    THEMSELVES,
    all_given,
    check_command,
    given,
    no_target,
)
from tests.helpers.places import ROOT


def test_an_option_of_one_value_leaves_the_targets_alone():
    arguments = ["-n", "--workflow-profile", "slurm", "all", "calibrated"]
    assert given(arguments, "--workflow-profile") == "slurm"
    assert given(["--workflow-profile=slurm", "all"], "--workflow-profile") == "slurm"
    assert given(["-n"], "--workflow-profile") is None
    assert given(["--", "all"], "--workflow-profile") is None


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
        (["--workflow-prof", "slrum"], 1, None, "--workflow-profile slrum is no profile"),
        (["--workflow-pr=slrum"], 1, None, "--workflow-profile slrum is no profile"),
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


def test_abbreviations_are_those_that_snakemake_takes():
    """An option's own name is none of another that begins like it."""
    command = ["--config", "results=a", "--configfile", "b.yaml"]
    assert all_given(command, "--configfile", "--configfiles") == ["b.yaml"]
    exact = {
        option for action in get_argument_parser()._actions for option in action.option_strings
    }
    for option in (PROFILE, "--configfile", "--configfiles"):
        shorter = {option[:n] for n in range(3, len(option))} & exact
        assert shorter <= {*THEMSELVES, "--configfile"}


@pytest.mark.parametrize("option", ["--profile", "--workflow-profile"])
def test_what_snakemake_says_itself_of_profiles(option, tmp_path, monkeypatch, capsys):
    """Of a name that is none, and of a folder that holds none: before it reads rules."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Snakefile").touch()
    if option == "--workflow-profile":
        (tmp_path / "slrum").mkdir()
    with pytest.raises(SystemExit):
        parse_args(["-n", "--cores", "1", option, "slrum"])
    (line,) = (line for line in capsys.readouterr().err.splitlines() if "Error" in line)
    assert "slrum" in line
    assert "no profile.yaml (or config.yaml) found" in line


def test_a_target_that_is_none():
    assert no_target("lightcurves") == "lightcurves is no target: did you mean 'light_curves'?"
    assert "possible are all, binned, calibrated" in no_target("xyz")
    assert no_target("results/a/b.ecsv").startswith("nothing makes results/a/b.ecsv")
