"""What cannot work is told in a line before any long work: inputs, commands, configurations."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from tests.helpers.runs import messages, run
from tests.helpers.tiny import configuration

pytestmark = pytest.mark.slow


def broken(inputs: Path, folder: Path, change) -> None:
    shutil.copytree(inputs / "a.ms", folder / "a.ms")
    change(folder / "a.ms")


def flag_everything(ms: Path) -> None:
    with casa.session(), casa.table(ms, writable=True) as table:
        table.putcol("FLAG", np.ones_like(table.getcol("FLAG")))


def truncate(ms: Path) -> None:
    (ms / "table.dat").write_bytes((ms / "table.dat").read_bytes()[:100])


@pytest.mark.parametrize(
    ("change", "config", "says"),
    [
        (None, {"field": "Sgr B2"}, "has no field 'Sgr B2': set field to one of 'Sgr A*'"),
        (None, {"spws": [0, 7]}, "has no spw 7: set spws to some of 0, 1"),
        (None, {"split": {"data_column": "corrected"}}, "has no column CORRECTED_DATA"),
        (flag_everything, {}, "are flagged or without weight"),
        (truncate, {}, "as a CASA table"),
    ],
)
def test_unusable_input_is_reported_before_any_long_work(inputs, tmp_path, change, config, says):
    broken(inputs, tmp_path, change or (lambda _: None))
    config = configuration(tracks={"a": {"ms": "a.ms"}}, **config)
    result = run(tmp_path, config)
    assert result.returncode != 0
    (message,) = messages(result)
    assert says in message
    assert "a.ms" in message or "track a" in message
    output = result.stdout + result.stderr
    assert "Traceback" not in output
    assert "split spw" not in output


def test_channels_that_are_not_there_are_reported_before_any_clean(inputs, tmp_path):
    broken(inputs, tmp_path, lambda _: None)
    config = configuration(tracks={"a": {"ms": "a.ms"}}, split={"flag_channels": {"0": "3~9"}})
    result = run(tmp_path, config)
    assert result.returncode != 0
    assert any("spw 0 has channels 0 to 0" in message for message in messages(result))
    assert "clean spw" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--cores", "0"], "--cores is 0, with which no job can start"),
        (["--workflow-profile", "slrum"], "slrum is no profile"),
        (["lightcurves"], "lightcurves is no target: did you mean 'light_curves'?"),
        (["--configfile", "{}/mien.yaml"], "mien.yaml does not exist: did you mean {}/mine.yaml?"),
    ],
)
def test_a_wrong_command_is_reported_at_once(tmp_path, arguments, says):
    """A command of no cores would wait for ever."""
    (tmp_path / "config.yaml").write_text("tracks: {a: {simulate: {scans: 1}}}\n")
    (tmp_path / "mine.yaml").write_text("tracks: {a: {simulate: {scans: 1}}}\n")
    result = run(tmp_path, None, *(text.format(tmp_path) for text in arguments))
    (message,) = messages(result)
    assert says.format(tmp_path) in message
    assert result.returncode != 0
    assert "Traceback" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"tracks": {"a": {"ms": "none.ms"}}}, "track a: none.ms does not exist"),
        ({"tracks": {"a": {"ms": "."}}}, "track a: . is no readable measurement set"),
        ({"image": {"imsiz": 100}}, "did you mean 'imsize'?"),
        ({"tracks": {"a b": {"ms": "a.ms"}}}, "track name 'a b' is ill-formed"),
    ],
)
def test_a_wrong_configuration_is_reported_at_once(tmp_path, config, says):
    result = run(tmp_path, {"tracks": {"a": {"simulate": {}}}, **config})
    (message,) = messages(result)
    assert says in message
    assert result.returncode != 0
    assert "Traceback" not in result.stdout + result.stderr
