"""What is told of a mistaken command, before there is a run."""

import logging

import pytest

from snakemake_logger_plugin_minispiral.mistakes import in_a_line
from tests.helpers.told import Told

NO_FILE = """Traceback (most recent call last):

  File "x/snakemake/common/configfile.py", line 12, in _load_configfile
    obj = open(configpath_or_obj, encoding="utf-8")

FileNotFoundError: [Errno 2] No such file or directory: '{file}'
"""
NO_RULE = """MissingRuleException:
No rule to produce {} (if you use input functions make sure that they don't raise unexpected \
exceptions)."""
NO_ENTRY = """Traceback (most recent call last):

ValueError: Invalid config definition: Config entries have to be defined as name=value pairs. \
(Unparsable value: 'tracks')
"""
NO_YAML = "WorkflowError:\nConfig file is not valid JSON or YAML. In case of YAML, make sure to not"


def test_a_configuration_that_is_not_there(tmp_path):
    for name in ("config.yaml", "mine.yaml"):
        (tmp_path / name).touch()
    told = in_a_line(NO_FILE.format(file=tmp_path / "mien.yaml"))
    assert told == (
        f"--configfile {tmp_path}/mien.yaml does not exist: did you mean {tmp_path}/mine.yaml?"
    )
    told = in_a_line(NO_FILE.format(file="/nowhere/a.yaml"))
    assert "correct the path, or write one with minispiral init" in told


def test_a_configuration_that_is_no_yaml(tmp_path, monkeypatch):
    path = tmp_path / "bad.yaml"
    path.write_text("tracks: [1\n")
    monkeypatch.setattr("sys.argv", ["snakemake", "--configfile", str(path)])
    assert in_a_line(NO_YAML).startswith(f"--configfile {path}:2: ")
    path.write_text("tracks: {}\n")
    assert in_a_line(NO_YAML) is None  # Snakemake's own words then


@pytest.mark.parametrize(
    ("message", "says"),
    [
        (NO_RULE.format("reprot"), "reprot is no target: did you mean 'report'?"),
        (NO_ENTRY, "--config 'tracks' has no value: give KEY=VALUE, such as"),
    ],
)
def test_mistakes_are_told_in_a_line(message, says):
    assert says in in_a_line(message)


@pytest.mark.parametrize("message", ["", "FileNotFoundError: [Errno 2] No such: 'a'", "Other"])
def test_other_messages_are_left_as_they_are(message):
    assert in_a_line(message) is None


def test_the_handler_tells_it_and_no_traceback(tmp_path, capsys):
    told = Told(tmp_path)
    told.send(msg=NO_RULE.format("reprot"), level=logging.ERROR)
    told.send(msg="all is well")
    err = capsys.readouterr().err
    assert "minispiral: reprot is no target: did you mean 'report'?" in err
    assert "MissingRule" not in err
    assert "all is well" in err
