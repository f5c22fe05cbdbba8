"""The list of findings: everything at once, one line each, whatever is wrong."""

from pathlib import Path

import pytest
import yaml

from minispiral.checks.findings import ERROR, NOTE, OK, note, ok
from minispiral.checks.preflight import idle_flags, preflight
from minispiral.light_curves.memo_flags import MemoFlag
from minispiral.light_curves.user_flags import UserFlag
from tests.helpers.observations import START, observation
from tests.helpers.places import ROOT


@pytest.fixture(autouse=True)
def without_casa(monkeypatch):
    monkeypatch.setattr("minispiral.casa.quiet_tools", lambda: None)
    monkeypatch.setattr("minispiral.casa.data_path", lambda relative: Path("/casa", relative))


def checked(folder: Path, config: dict | str) -> list[tuple[str, str]]:
    path = folder / "config.yaml"
    path.write_text(config if isinstance(config, str) else yaml.safe_dump(config))
    return [(f.level, f.text) for f in preflight(path, lambda _: None)]


def errors(folder: Path, config: dict | str) -> list[str]:
    return [text for level, text in checked(folder, config) if level == ERROR]


def test_the_demo_is_all_right(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    findings = checked(tmp_path, (ROOT / "config.yaml").read_text())
    assert {level for level, _ in findings} <= {OK, NOTE}
    assert any("20170406: to be simulated, 20 antennas" in text for _, text in findings)


def test_mistakes_of_all_kinds_are_said_at_once(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("empty.ms").mkdir()
    lines = errors(
        tmp_path,
        {
            "campaign": "x",
            "image": {"imsiz": 512, "gain": 3},
            "spws": [-1],
            "tracks": {
                "a": {"ms": "none.ms"},
                "b": {"ms": "empty.ms"},
                "c": {},
                "d e": {"ms": "x.ms"},
                "f": {"simulate": {"sed": 1}},
                "g": {"simulate": {"frequencies_ghz": [213.1]}},
            },
            "selfcal_targets": {"t": {"ms": "gone.ms"}},
            "fit": {"min_baseline_m": -1},
        },
    )
    for part in (
        "image.imsiz is no key",
        "image.gain is 3",
        "spws, entry 1 is -1",
        "none.ms does not exist",
        "empty.ms is no readable",
        "tracks.c needs",
        "'d e' is ill-formed",
        "tracks.f.simulate.sed is no key of minispiral: did you mean 'seed'?",
        "track g: spws has 1",
        "gone.ms does not exist",
        "fit.min_baseline_m is -1",
    ):
        assert sum(part in line for line in lines) == 1, part
    assert len(lines) == 11
    assert not any("\n" in line for line in lines)


WRONG = """\
campaign: x
spws: [0, 1,
       -1]
image:
  imsiz: 512
selfcal:
  rounds:
    - {calmode: p}
    - solint: 60
tracks:
  a:
    ms: [none.ms,
         gone.ms]
    scale: {flux_range: [5, 1]}
  b: {simulate: {frequencies_ghz: [213.1]}, image: {mask: none.mask}}
flag:
  table: none.csv
"""


def test_mistakes_have_the_lines_of_their_keys(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    lines = errors(tmp_path, WRONG)
    for place, part in (
        (3, "spws, entry 3 is -1"),
        (5, "image.imsiz is no key"),
        (9, "selfcal.rounds, entry 2: solint is 60: write 60s"),
        (12, "none.ms does not exist"),
        (13, "gone.ms does not exist"),
        (14, "scale.flux_range of track 'a' is [5, 1]"),
        (15, "none.mask does not exist"),
        (17, "none.csv does not exist"),
    ):
        found = [line for line in lines if part in line]
        assert found
        assert all(line.startswith(f"config.yaml:{place}: ") for line in found), found


def test_notes_have_the_lines_of_keys_that_the_file_has(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    about = [note("look", "fit.min_baseline_m"), note("look twice", "image.cell"), ok("fine")]
    monkeypatch.setattr("minispiral.checks.preflight.check_tracks", lambda *_: about)
    text = "tracks: {a: {simulate: {}}}\n\nfit:\n  min_baseline_m: 10\n"
    found = checked(tmp_path, text)
    for line in ((NOTE, "config.yaml:4: look"), (NOTE, "look twice"), (OK, "fine")):
        assert line in found


@pytest.mark.parametrize("text", ["tracks: {", "", "- a\n", "a: 1\na: 2\n"])
def test_a_file_that_is_no_configuration_is_one_error(tmp_path, text):
    assert len(errors(tmp_path, text)) == 1


def test_a_missing_configuration_is_one_error(tmp_path):
    findings = list(preflight(tmp_path / "none.yaml", lambda _: None))
    assert [f.level for f in findings if f.level != OK] == [ERROR]


def test_lines_of_the_flag_table_that_flag_nothing_are_found():
    def flag(track="a", spw="*", start=START, end=START + 10) -> UserFlag:
        return UserFlag(track, spw, start, end)

    good = [flag(), flag("*"), flag(spw="3"), flag(start=START - 99), flag("unknown")]
    idle = [flag(spw="4"), flag(start=START - 99, end=START - 9), flag(start=START + 2000, end=9e9)]
    assert idle_flags([*good, *idle], {"a": observation()}) == idle


def test_lines_of_the_memos_flag_files_that_flag_nothing_are_found():
    """Their times count from the full hour in which the track begins."""
    since = (START % 3600) / 3600
    good = MemoFlag("a", "0", since, since + 0.001, 0, 0)
    idle = [MemoFlag("a", "0", since + 20, since + 21, 0, 0), MemoFlag("a", "9", 0, 24, 0, 0)]
    assert idle_flags([good, *idle], {"a": observation()}) == idle
