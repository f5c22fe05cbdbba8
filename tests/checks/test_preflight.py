"""The list of findings: everything at once, one line each, whatever is wrong."""

import os
from pathlib import Path

import pytest
import yaml

from minispiral.checks import machine as machine_checks
from minispiral.checks.findings import ERROR, NOTE, OK, error, note, ok, summary
from minispiral.checks.machine import (
    check_disks,
    check_memory,
    check_software,
    estimate_results,
    estimate_scratch,
    estimate_targets,
    largest_request,
)
from minispiral.checks.preflight import idle_flags, preflight
from minispiral.config import Campaign, defaults, resolve
from minispiral.config.salvage import salvage
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
    return [(f.level, f.text) for f in preflight(path, lambda what: None)]


def errors(folder: Path, config: dict | str) -> list[str]:
    return [text for level, text in checked(folder, config) if level == ERROR]


def test_a_finding_is_one_line_with_its_level_first():
    lines = [str(finding) for finding in (ok("a"), note("b\n c"), error("d"))]
    assert lines == ["ok    a", "note  b c", "error d"]
    assert summary([ok("a"), note("b"), error("c"), note("d")]) == "1 error, 2 notes"


def test_the_demo_is_all_right(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found = checked(tmp_path, (ROOT / "config.yaml").read_text())
    assert {level for level, _ in found} <= {OK, NOTE}
    assert any("20170406: to be simulated, 30 antennas" in text for _, text in found)


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
        "spws.0 is -1",
        "none.ms does not exist",
        "empty.ms is no readable",
        "tracks.c needs",
        "'d e' is ill-formed",
        "unknown setting 'sed'",
        "track g: spws has 1",
        "gone.ms does not exist",
        "fit.min_baseline_m is -1",
    ):
        assert sum(part in line for line in lines) == 1, part
    assert len(lines) == 11 and not any("\n" in line for line in lines)


@pytest.mark.parametrize("text", ["tracks: {", "", "- a\n", "a: 1\na: 2\n"])
def test_a_file_that_is_no_configuration_is_one_error(tmp_path, text):
    assert len(errors(tmp_path, text)) == 1


def test_a_missing_configuration_is_one_error(tmp_path):
    found = list(preflight(tmp_path / "none.yaml", lambda what: None))
    assert [f.level for f in found if f.level != OK] == [ERROR]


def test_what_is_left_of_a_configuration_has_defaults_for_what_is_wrong():
    wrong = {"image": {"imsize": 7, "niter": 5, "x": 1}, "spws": ["a"], "fit": 3}
    campaign, problems = salvage({**wrong, "tracks": {"a": {"ms": "a.ms"}, "b": {"ms": 3}}})
    assert len(problems) == 5 and campaign.tracks == ["a"]
    default = defaults()
    assert campaign.resolved["image"] == {**default["image"], "niter": 5}
    assert campaign.resolved["spws"] == default["spws"]
    assert campaign.resolved["fit"] == default["fit"]


def test_problems_between_keys_are_said_beside_those_of_keys():
    mistakes = {"scale": {"flux_range": [3, 2]}, "image": {"niter": 0}}
    _, problems = salvage({"tracks": {"a": {"ms": "a.ms"}}, **mistakes})
    assert len(problems) == 2 and "lower limit first" in problems[1]


@pytest.mark.parametrize("config", [{}, {"tracks": {}}, {"tracks": 3}, {"tracks": {"a": {}}}])
def test_nothing_may_be_left(config):
    campaign, problems = salvage(config)
    assert campaign is None and problems


def test_lines_of_the_flag_table_that_flag_nothing_are_found():
    def flag(track="a", spw="*", start=START, end=START + 10) -> UserFlag:
        return UserFlag(track, spw, start, end)

    good = [flag(), flag("*"), flag(spw="3"), flag(start=START - 99), flag("unknown")]
    idle = [flag(spw="4"), flag(start=START - 99, end=START - 9), flag(start=START + 2000, end=9e9)]
    assert idle_flags([*good, *idle], {"a": observation()}) == idle


def campaign(**keys) -> Campaign:
    return resolve({"tracks": {"a": {"ms": "a.ms"}}, **keys})


def test_the_disk_estimate_is_that_of_a_campaign_that_was_run():
    """One track of four spws of 49680 rows, with an iteration: 203 MB, 0.25 % of it tables."""
    window = {"rows": 49680, "usable_rows": 49680}
    observed = {"a": observation(window=window)}
    observed["a"].__dict__["subtable_bytes"] = 2_600_000
    assert estimate_results(campaign(iterations=1), observed) == pytest.approx(208e6, rel=0.1)


def test_a_full_track_s_data_take_what_was_measured():
    """14 million rows of 4 correlations in one channel are 2.5 GB; on its way, half of a spw is."""
    window = {"rows": 3_500_000, "usable_rows": 3_500_000}
    full = {"a": observation(window=window)}
    assert estimate_results(campaign(), full) == pytest.approx(2 * 2.5e9, rel=0.05)
    assert estimate_scratch(campaign(), full) == pytest.approx(2.5e9 / 8, rel=0.05)
    full["a"].__dict__["subtable_bytes"] = 1e9  # with pointings: those of each spw are joined
    assert estimate_scratch(campaign(), full) == 5e9
    full["a"].__dict__["subtable_bytes"] = 0
    fewer = estimate_results(campaign(iterations=3), full)
    kept = estimate_results(campaign(iterations=3, keep_intermediates=True), full)
    assert kept - fewer == pytest.approx(2 * 2.5e9, rel=0.05)
    flagged = campaign(split={"flag_channels": {"2": "0~3"}})
    many = {"a": observation(window=window, channels=128)}
    assert estimate_scratch(flagged, many) > 1.4e10


def test_a_results_folder_that_cannot_be_written_to_is_an_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [f.level for f in check_disks(campaign(), {"a": observation()}, {})] == [OK, OK]
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    (finding,) = check_disks(campaign(), {}, {})
    assert finding.level == ERROR and "cannot be written to" in finding.text
    assert not (tmp_path / "results").exists()


def test_what_is_written_already_is_not_needed_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    window = {"rows": 10**6, "usable_rows": 10**6}
    observed = {"a": observation(window=window)}
    needed = estimate_results(campaign(), observed)
    for size in (0, 10**9, 10**10):
        Path("results/eht2017").mkdir(parents=True, exist_ok=True)
        with open("results/eht2017/data", "wb") as file:
            file.truncate(size)
        line = next(check_disks(campaign(), observed, {})).text
        assert f": {max(0, needed - size) / 1e9:.2g} GB to write" in line


def test_targets_need_space_too():
    targets = {"selfcal_targets": {"t": {"ms": "t.ms", "rounds": [{}, {}]}}}
    window = {"rows": 10**6, "usable_rows": 10**6}
    observed = {"t": observation(window=window, channels=128)}
    size = estimate_targets(resolve(targets), observed)
    assert size == pytest.approx(2 * 4e6 * 4 * 8.125 * 128, rel=0.05)


def test_disks_that_are_too_small_are_an_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    huge = {"a": observation(window={"rows": 10**12, "usable_rows": 10**12})}
    assert [f.level for f in check_disks(campaign(), huge, {})] == [ERROR, ERROR]


def test_the_largest_request_is_compared_with_the_machine_s_memory(monkeypatch):
    megabytes, job = largest_request(campaign())
    assert (megabytes, job) == (700, "clean, track a")
    simulated = resolve({"tracks": {"a": {"simulate": {}}}})
    assert largest_request(simulated) == (1200, "simulate, track a")
    levels = {}
    for there in (600, 1000, 100_000):
        pages = {"SC_PAGE_SIZE": 1_000_000, "SC_PHYS_PAGES": there}
        monkeypatch.setattr(os, "sysconf", pages.__getitem__)
        monkeypatch.setattr(os, "cpu_count", lambda: 4)
        levels[there] = check_memory(campaign()).level
    assert levels == {600: NOTE, 1000: NOTE, 100_000: OK}


def test_a_missing_package_is_an_error(monkeypatch):
    assert [f.level for f in check_software()] == [OK]
    monkeypatch.setattr(machine_checks, "PACKAGES", ("no-such-package",))
    assert ERROR in [f.level for f in check_software()]
