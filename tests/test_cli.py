"""The command line as a user meets it, without measurement sets."""

import subprocess
import sys

import pytest

import minispiral
from minispiral import cli


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
    [["--help"], *([command, "--help"] for command in ("init", "check", "bin", "fit-table"))],
)
def test_help_names_what_there_is(capsys, arguments):
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 0
    shown = capsys.readouterr().out
    for word in {
        "--help": ("init", "check", "bin", "fit-table"),
        "init": ("--field", "--campaign", "MS"),
        "check": ("config", "error"),
        "bin": ("--seconds", "FOLDER", "ECSV"),
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
