"""What a configuration refers to is checked before anything starts."""

import tarfile
import zipfile
from pathlib import Path

import pytest

from minispiral.checks.inputs import check_inputs, remarks
from minispiral.config import resolve
from minispiral.errors import MinispiralError
from tests.helpers.configurations import TRACKS


def test_inputs_that_do_not_exist_are_all_reported(tmp_path):
    (tmp_path / "folder").mkdir()
    campaign = resolve(
        {
            "tracks": {
                "a": {"ms": str(tmp_path / "none.ms")},
                "b": {"ms": str(tmp_path / "folder")},
            },
            "image": {"mask": "none.crtf"},
            "flag": {"table": "none.csv"},
        }
    )
    with pytest.raises(MinispiralError) as error:
        check_inputs(campaign)
    lines = str(error.value).splitlines()
    assert len(lines) == 6
    assert "track a" in lines[0]
    assert "does not exist: correct tracks.a.ms" in lines[0]
    assert any("is no readable measurement set" in line for line in lines)


def test_inputs_that_are_there_pass(tmp_path, monkeypatch):
    (tmp_path / "a.ms").mkdir()
    (tmp_path / "a.ms" / "table.dat").write_text("")
    (tmp_path / "flags.csv").write_text("track,spw,start,end\n")
    monkeypatch.chdir(tmp_path)
    config = {"tracks": {"a": {"ms": "a.ms"}}, "flag": {"table": "flags.csv"}}
    check_inputs(resolve(config))
    (tmp_path / "flags.csv").unlink()
    with pytest.raises(MinispiralError, match="flags.csv does not exist: correct flag.table"):
        check_inputs(resolve(config))


@pytest.mark.parametrize(
    ("name", "mode", "command"),
    [
        ("a b.ms.tar.xz", "w:xz", "tar -xf 'data/a b.ms.tar.xz' -C data"),
        ("a.ms.tar.gz", "w:gz", "tar -xf data/a.ms.tar.gz -C data"),
        ("a.ms", "w:", "tar -xf data/a.ms -C data"),  # whatever it is called
        ("a.ms.zip", "", "unzip data/a.ms.zip -d data"),
    ],
)
def test_a_packed_archive_is_named_as_such_with_what_to_do(
    tmp_path, monkeypatch, name, mode, command
):
    monkeypatch.chdir(tmp_path)
    Path("data/in").mkdir(parents=True)
    Path("data/in/table.dat").write_text("")
    path = f"data/{name}"
    if mode:
        with tarfile.open(path, mode) as archive:
            archive.add("data/in", "a.ms")
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.write("data/in/table.dat", "a.ms/table.dat")
    config = {"tracks": {"t": {"ms": path}}, "selfcal_targets": {"s": {"ms": path}}}
    with pytest.raises(MinispiralError) as error:
        check_inputs(resolve(config))
    of_track, of_target = str(error.value).splitlines()
    for line in (of_track, of_target):
        assert f"{path} is a packed archive (unpack it: {command}, and name the folder" in line
    assert of_track.endswith("correct tracks.t.ms")


def test_a_set_that_is_still_packed_is_found_beside_its_place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.ms.tar.xz").write_bytes(b"")
    Path("b.ms").write_text("no archive")
    config = {"tracks": {"a": {"ms": "a.ms/"}, "b": {"ms": "b.ms"}}}
    with pytest.raises(MinispiralError) as error:
        check_inputs(resolve(config))
    packed, plain = str(error.value).splitlines()
    assert "does not exist, but a.ms.tar.xz does (unpack it: tar -xf a.ms.tar.xz -C .)" in packed
    assert "b.ms is a file, and no measurement set, which is a folder" in plain


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("it's.ms", "CASA would hand"),
        ('a"b.ms', "CASA would hand"),
        ("{a}.ms", "would take for a wildcard"),
    ],
)
def test_paths_that_other_programs_would_misread_are_refused(tmp_path, monkeypatch, name, says):
    (tmp_path / name).mkdir()
    (tmp_path / name / "table.dat").write_text("")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MinispiralError, match=says):
        check_inputs(resolve({"tracks": {"a": {"ms": name}}}))
    (tmp_path / "a.ms").mkdir()
    (tmp_path / "a.ms" / "table.dat").write_text("")
    config = {"tracks": {"a": {"ms": "a.ms"}}, "results": name}
    with pytest.raises(MinispiralError, match=f"{says}.*: choose another place with results"):
        check_inputs(resolve(config))


def test_a_missing_measurement_set_is_named_with_its_key():
    campaign = resolve({"tracks": {"20170406": {"ms": "data/none.ms"}}})
    with pytest.raises(MinispiralError) as error:
        check_inputs(campaign)
    message = str(error.value)
    assert "data/none.ms does not exist" in message
    assert "tracks.20170406.ms" in message
    assert "\n" not in message


def test_a_simulated_track_needs_no_input():
    check_inputs(resolve({"tracks": {"a": {"simulate": {}}}}))


def test_a_flag_table_and_a_simulation_are_checked_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("flags.csv").write_text("track, spw, start, end\nb, *, 2017-04-06, 2017-04-07\n")
    tracks = {"a": {"simulate": {"broken_integrations": 301}}}
    config = {"tracks": tracks, "flag": {"table": "flags.csv"}}
    with pytest.raises(MinispiralError) as error:
        check_inputs(resolve(config))
    table, simulation = str(error.value).splitlines()
    assert "flags.csv names track 'b', but the campaign has a" in table
    assert simulation.startswith("track a: ")
    assert "has 300 integrations" in simulation
    Path("flags.csv").write_text("track, spw, start, end\na, *, 2017-04-07, 2017-04-06\n")
    with pytest.raises(MinispiralError, match="flags.csv, line 2: the end"):
        check_inputs(resolve(config))


def test_rounds_that_no_iteration_does_are_remarked_on():
    config = {"tracks": TRACKS, "selfcal": {"rounds": [{}, {"calmode": "ap"}]}}
    (remark,) = remarks(resolve({**config, "iterations": 1}))
    assert remark.startswith("selfcal.rounds has 2, but iterations is 1")
    assert remarks(resolve({**config, "iterations": 2})) == []


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"model": {"turns": 2}}, True),
        ({"model": {"turns": 3}}, False),
        ({"model": {"turns": 2}, "selfcal": {"solve": "never"}}, False),
        ({"model": {"turns": 2, "method": "clean"}}, False),
        (
            {"model": {"turns": 2}, "iterations": 1, "selfcal": {"rounds": [{"calmode": "p"}]}},
            False,
        ),
    ],
    ids=str,
)
def test_turns_that_are_too_few_to_solve_for_antennas_are_told(changes, told):
    said = remarks(resolve({"tracks": TRACKS, **changes}))
    assert len(said) == told
    assert all(f"model.turns is below 3 for {', '.join(TRACKS)}" in line for line in said)
