"""The command line as a user meets it, without measurement sets."""

import subprocess
import sys
from pathlib import Path

import pytest

import minispiral
from minispiral import cli
from tests.helpers.places import ROOT


def test_the_command_line_does_not_wait_for_casa():
    code = "import sys; import minispiral.cli; minispiral.cli.parser(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "minispiral.cli" in loaded.split()
    for module in ("casatools", "casatasks", "numpy", "astropy", "yaml"):
        assert module not in loaded.split(), module


def test_the_version_is_the_package_s(capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"minispiral {minispiral.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        *(
            [command, "--help"]
            for command in ("init", "check", "run", "bin", "compare", "fit-table")
        ),
    ],
)
def test_help_names_what_there_is(capsys, arguments):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 0
    shown = capsys.readouterr().out
    for word in {
        "--help": ("init", "check", "run", "bin", "compare", "fit-table"),
        "init": ("--field", "--campaign", "MS", "--output"),
        "run": ("TARGET", "--cores", "--dry-run", "Snakemake"),
        "check": ("config", "error"),
        "bin": ("--seconds", "FOLDER", "ECSV"),
        "compare": ("--table", "--figure", "--track", "hours"),
        "fit-table": ("ECSV", "FILE"),
    }[arguments[0]]:
        assert word in shown


@pytest.mark.parametrize("arguments", [[], ["init"], ["initialise", "a.ms"], ["check", "a", "b"]])
def test_wrong_usage_is_explained(capsys, arguments):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert "usage: minispiral" in capsys.readouterr().err


def test_an_unexpected_error_is_one_line_too(capsys, monkeypatch):
    def fail(_):
        raise ZeroDivisionError("by nothing\nat all")

    monkeypatch.setattr(cli, "run_check", fail)
    assert cli.main(["check"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("minispiral: unexpected ZeroDivisionError: by nothing: ")


def become(monkeypatch) -> list[list[str]]:
    """Let no process become another; return what it would have become."""
    became: list[list[str]] = []
    monkeypatch.setattr(cli.os, "execv", lambda _, command: became.append(command))
    return became


@pytest.mark.parametrize(
    ("arguments", "end"),
    [
        ([], ["Snakefile"]),
        (["-n"], ["--dry-run", "--quiet", "rules"]),
        (["--cores", "2", "light_curves"], ["--cores", "2", "--", "light_curves"]),
        (["-n", "light_curves", "-c1", "report"],
         ["--cores", "1", "--dry-run", "--quiet", "rules", "--", "light_curves", "report"]),
        (["--", "-k", "report"], ["-k", "report"]),
        (["report", "--", "--batch", "a=1/4", "--", "b"], ["a=1/4", "--", "b", "report"]),
    ],
)  # fmt: skip
def test_run_becomes_snakemake_with_the_workflow_of_the_package(monkeypatch, arguments, end):
    became = become(monkeypatch)
    cli.main(["run", *arguments])
    ((*command,),) = became
    assert "snakemake" in command
    assert Path(command[command.index("--snakefile") + 1]) == ROOT / "Snakefile"
    command[-1] = Path(command[-1]).name if not arguments else command[-1]
    assert command[-len(end) :] == end


def test_options_of_snakemake_come_after_two_dashes(monkeypatch, capsys):
    became = become(monkeypatch)
    with pytest.raises(SystemExit) as end:
        cli.main(["run", "report", "--keep-going", "--", "-p"])
    assert end.value.code == 2
    assert "come after --, as in minispiral run -- --keep-going -p" in capsys.readouterr().err
    assert not became


def test_init_overwrites_nothing_and_says_so_before_it_reads(tmp_path, capsys):
    (tmp_path / "config.yaml").write_text("mine")
    assert cli.main(["init", "none.ms", "-o", str(tmp_path / "config.yaml")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"minispiral: {tmp_path}/config.yaml exists already and is not overwr")
    assert (tmp_path / "config.yaml").read_text() == "mine"
    assert cli.main(["init", "none.ms", "-o", str(tmp_path / "none" / "config.yaml")]) == 1
    assert "there is no folder" in capsys.readouterr().err


def test_init_writes_no_file_after_a_failure(tmp_path, capsys):
    assert cli.main(["init", str(tmp_path / "typo.ms"), "-o", str(tmp_path / "config.yaml")]) == 1
    assert "typo.ms" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
