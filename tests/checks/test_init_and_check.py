"""`minispiral init` and `minispiral check` as a user runs them, on simulated tracks."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from minispiral import casa
from minispiral.checks.survey import read_fields
from minispiral.config import load
from minispiral.simulation.track import simulate_track
from tests.helpers.runs import planned
from tests.helpers.tracks import checksums, flag

pytestmark = pytest.mark.slow

TRACK = {
    "antennas": 10,
    "scans": 1,
    "scan_minutes": 0.5,
    "frequencies_ghz": [213.1, 215.1, 227.1],
    "broken_integrations": 0,
}
COMMAND = Path(sys.executable).with_name("minispiral")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONWARNINGS": ""}
    return subprocess.run(
        [COMMAND, *arguments], cwd=folder, capture_output=True, text=True, env=environment
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Two nights; on the second, 64 channels, another name of the field, and two columns."""
    folder = tmp_path_factory.mktemp("made")
    simulate_track(folder / "first.ms", folder / "first.csv", TRACK)
    second = {**TRACK, "start": "2017-04-07T08:40:00", "channels": 64}
    simulate_track(folder / "second.ms", folder / "second.csv", second)
    flag(folder / "second.ms", "DATA_DESC_ID == 1")
    with casa.session():
        casa.tasks().clearcal(vis=str(folder / "second.ms"))
        with casa.table(folder / "second.ms/FIELD", writable=True) as table:
            table.putcell("NAME", 0, "SGRA")
    return folder


@pytest.fixture
def data(made, tmp_path) -> Path:
    """A folder of the user's, with copies of both in data/."""
    shutil.copytree(made, tmp_path / "data", ignore=shutil.ignore_patterns("*.csv"))
    return tmp_path


def test_what_init_writes_can_be_checked_and_planned(data):
    before = checksums(data / "data")
    written = run(data, "init", "data/second.ms/", "data/first.ms", "-o", "config.yaml")
    assert written.returncode == 0
    assert checksums(data / "data") == before
    assert written.stdout == ""
    campaign = load([data / "config.yaml"], {})
    assert campaign.resolved["tracks"] == {
        "20170406": {"ms": "data/first.ms"},
        "20170407": {"ms": "data/second.ms", "field": "SGRA", "spws": [0, 2]},
    }
    assert campaign.resolved["spws"] == [0, 1, 2]
    assert campaign.name == "eht2017"
    *notes, last = written.stderr.splitlines()
    assert last == "minispiral: config.yaml is written: next, minispiral check config.yaml"
    assert notes
    assert all(line.startswith("minispiral: note: ") for line in notes), notes
    for part in ("CORRECTED_DATA", "spw 1 left out", "falls into channels "):
        assert sum(part in line for line in notes) >= 1, part
    checked = run(data, "check")
    assert checked.returncode == 0, checked.stdout
    assert checked.stderr == ""
    assert checksums(data / "data") == before
    lines = checked.stdout.splitlines()
    assert all(line.split()[0] in ("ok", "note") for line in lines[:-1]), lines
    assert lines[-1].startswith("0 errors, ")
    assert sorted(path.name for path in data.iterdir()) == ["config.yaml", "data"]


def test_a_field_can_be_asked_for_and_sets_that_lack_it_are_left_out(data):
    written = run(
        data, "init", "data/first.ms", "data/second.ms", "data/none.ms", "--field", "SGRA"
    )
    assert written.returncode == 0
    assert list(yaml.safe_load(written.stdout)["tracks"]) == ["20170407"]
    messages = written.stderr
    assert (
        "data/first.ms is left out: no data of a field 'SGRA': give --field one of 'Sgr A*'"
        in messages
    )
    assert "data/none.ms is left out: it does not exist" in messages


def test_where_nothing_can_be_used_nothing_is_written(data):
    written = run(data, "init", "data/first.ms", "data/none.ms", "--field", "M87")
    assert written.returncode == 1
    assert written.stdout == ""
    assert [line.split(":")[1].strip() for line in written.stderr.splitlines()] == [
        "data/first.ms",
        "data/none.ms",
    ]


def test_the_field_is_found_among_calibrators(data):
    """A calibrator with the first rows; then a second field on Sgr A* with some more."""
    ms = data / "data" / "first.ms"
    with casa.session():
        for name, away, rows in (("J1924-2914", 0.3, 90), ("sgra_offset", 1e-5, 45)):
            with casa.table(f"{ms}/FIELD", writable=True) as table:
                row, direction = table.nrows(), table.getcell("PHASE_DIR", 0)
                table.copyrows(f"{ms}/FIELD", nrow=1)
                table.putcell("NAME", row, name)
                table.putcell("PHASE_DIR", row, direction + away)
            with casa.table(ms, writable=True) as table:
                table.putcol("FIELD_ID", np.full(rows, row), 0, rows)
            written = run(data, "init", "data/first.ms")
            assert yaml.safe_load(written.stdout)["field"] == "Sgr A*"
    fields = {field.name: field for field in read_fields(str(ms))}
    assert {name: field.is_near for name, field in fields.items()} == {
        "Sgr A*": True,
        "J1924-2914": False,
        "sgra_offset": True,
    }
    assert fields["Sgr A*"].spws == (0, 1, 2)
    assert "field 'Sgr A" in run_check(data)


def test_targets_are_written_that_can_be_checked_and_planned(data):
    """A calibrator of 2 Jy through antennas' phases, and a set whose field is extended."""
    ms = data / "data" / "first.ms"
    phase = np.exp(1j * np.random.default_rng(1).uniform(-np.pi, np.pi, TRACK["antennas"]))
    with casa.session():
        with casa.table(ms / "FIELD", writable=True) as table:
            table.putcell("NAME", 0, "3C 279")
        with casa.table(ms, writable=True) as table:
            first, second = (table.getcol(name) for name in ("ANTENNA1", "ANTENNA2"))
            values = np.zeros(table.getcol("DATA").shape, complex)
            values[[0, -1]] = 2 * phase[first] * phase[second].conj()
            table.putcol("DATA", values)
    before = checksums(data / "data")
    written = run(data, "init", "--targets", "data/first.ms", "data/second.ms", "data/none.ms")
    assert written.returncode == 0, written.stderr
    (data / "config.yaml").write_text(written.stdout)
    targets = load([data / "config.yaml"], {}).resolved["selfcal_targets"]
    assert list(targets) == ["3C_279", "SGRA"]
    chosen = {"ms": "data/first.ms", "field": "3C 279", "spws": [0, 1, 2], "data_column": "data"}
    chosen |= {"start": "point", "keep_start": True}
    assert {key: targets["3C_279"][key] for key in chosen} == chosen
    assert targets["SGRA"]["spws"] == [0, 2]
    assert targets["SGRA"]["start"] == "image"
    assert "note: data/none.ms is left out: it does not exist" in written.stderr
    assert "target SGRA: spw 1 left out" in written.stderr
    checked = run(data, "check")
    assert checked.returncode == 0, checked.stdout
    assert {rule for rule, _ in planned(data, None, "selfcal")} >= {"image_target", "run_round"}
    assert checksums(data / "data") == before


def run_check(folder: Path) -> str:
    (folder / "mine.yaml").write_text("spws: [0, 1, 2]\ntracks: {a: {ms: data/first.ms}}\n")
    return run(folder, "check", "mine.yaml").stdout


def test_every_problem_of_a_broken_campaign_is_one_line(data):
    for name in ("no_windows", "truncated"):
        shutil.copytree(data / "data/first.ms", data / f"data/{name}.ms")
    shutil.rmtree(data / "data/no_windows.ms/SPECTRAL_WINDOW")
    largest = max((data / "data/truncated.ms").glob("table.f*"), key=lambda f: f.stat().st_size)
    for file in (data / "data/truncated.ms").glob("table.f*"):
        os.truncate(file, min(file.stat().st_size, 100))
    assert largest.stat().st_size == 100
    (data / "flags.csv").write_text(
        "track, spw, start, end\nfine, *, 2017-04-06T00:00:00, 2017-04-06T00:00:01\n"
    )
    config = {
        "spws": [0, 1, 2],
        "tracks": {
            "fine": {"ms": "data/first.ms"},
            "windows": {"ms": "data/no_windows.ms"},
            "truncated": {"ms": "data/truncated.ms"},
            "gone": {"ms": "data/gone.ms"},
            "other": {"ms": "data/second.ms", "spws": [0]},
            "flagged": {"ms": "../" + data.name + "/data/copy.ms", "field": "SGRA"},
        },
        "flag": {"table": "flags.csv"},
        "image": {"gain": 2, "cell": 1.5},
        "iterations": 1,
        "selfcal": {"rounds": [{"refant": "DV99"}]},
        "selfcal_targets": {"one": {"ms": "data/first.ms", "spws": [7]}},
    }
    shutil.copytree(data / "data/second.ms", data / "data/copy.ms")
    (data / "mine.yaml").write_text(yaml.safe_dump(config))
    checked = run(data, "check", "mine.yaml")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert checked.stderr == ""
    lines = checked.stdout.splitlines()
    errors = [line for line in lines if line.startswith("error ")]
    for part in (
        "image.gain is 2",
        "data/gone.ms does not exist",
        "track windows: ",
        "track truncated: ",
        "track other: data/second.ms has no field 'Sgr A*'",
        "all data of field 'SGRA' in spw 1 are flagged",
        "no antenna 'DV99'",
        "target one: data/first.ms has no spw 7",
    ):
        assert sum(part in line for line in errors) == 1, (part, errors)
    notes = [line for line in lines if line.startswith("note ")]
    assert sum("the cell of 1.5 arcsec" in line for line in notes) == 1
    assert len(errors) == 8, errors
    assert sum("flags.csv: the line of track fine" in line for line in lines) == 1
    assert lines[-1].startswith("8 errors, ")
    assert any(line.startswith("ok    track fine: data/first.ms") for line in lines)


def test_data_that_end_too_early_are_found(data):
    ms = data / "data" / "short.ms"
    shutil.copytree(data / "data/first.ms", ms)
    largest = max(ms.glob("table.f*_TSM*"), key=lambda file: file.stat().st_size)
    os.truncate(largest, largest.stat().st_size // 2)
    (data / "short.yaml").write_text("spws: [0, 1, 2]\ntracks: {a: {ms: data/short.ms}}\n")
    checked = run(data, "check", "short.yaml")
    (error,) = (line for line in checked.stdout.splitlines() if line.startswith("error "))
    assert "data/short.ms: spw" in error
    assert "the copy is incomplete, copy it again" in error
