"""Whether a machine can run a campaign: memory, disks, software."""

import os
from pathlib import Path

import pytest

from minispiral.checks import machine as machine_checks
from minispiral.checks.findings import ERROR, NOTE, OK
from minispiral.checks.machine import (
    check_disks,
    check_memory,
    check_software,
    estimate_results,
    estimate_scratch,
    estimate_targets,
    largest_request,
)
from minispiral.config import Campaign, resolve
from tests.helpers.observations import observation


@pytest.fixture(autouse=True)
def without_casa(monkeypatch):
    monkeypatch.setattr("minispiral.casa.quiet_tools", lambda: None)
    monkeypatch.setattr("minispiral.casa.data_path", lambda relative: Path("/casa", relative))


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
    cleaned = estimate_results(campaign(model={"method": "clean"}), full)
    # those of a simulated full track with baselines of 390 m: four integrations of 4 s, 52 bytes
    assert estimate_results(campaign(), full) - cleaned == pytest.approx(182e6, rel=0.01)
    assert estimate_scratch(campaign(), full) == pytest.approx(2.5e9 / 8, rel=0.05)
    full["a"].__dict__["subtable_bytes"] = 1e9  # with pointings: those of each spw are joined
    assert estimate_scratch(campaign(), full) == 5e9
    full["a"].__dict__["subtable_bytes"] = 0
    fewer = estimate_results(campaign(iterations=3), full)
    kept = estimate_results(campaign(iterations=3, keep_intermediates=True), full)
    assert kept - fewer == pytest.approx(2 * 2.5e9, rel=0.05)
    night = resolve({"tracks": {"a": {"ms": ["a.ms", "b.ms"]}}})
    parts = estimate_results(night, full) - estimate_results(campaign(), full)
    assert parts == pytest.approx(2.5e9, rel=0.05)
    flagged = campaign(split={"flag_channels": {"2": "0~3"}})
    many = {"a": observation(window=window, channels=128)}
    assert estimate_scratch(flagged, many) > 1.4e10


def test_a_results_folder_that_cannot_be_written_to_is_an_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert [f.level for f in check_disks(campaign(), {"a": observation()}, {})] == [OK, OK]
    monkeypatch.setattr(os, "access", lambda *_: False)
    (finding,) = check_disks(campaign(), {}, {})
    assert finding.level == ERROR
    assert "cannot be written to" in finding.text
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
        assert f": {max(0, needed - size) / 1e9:.2g} GB are needed" in line


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
    assert largest_request(campaign()) == (1500, "solve_sky, track a")
    clean = {"model": {"method": "clean"}}
    assert largest_request(resolve({"tracks": {"a": {"ms": "a.ms"}}, **clean})) == (
        800,
        "transients, track a",
    )
    simulated = resolve({"tracks": {"a": {"simulate": {}}}, **clean})
    assert largest_request(simulated) == (1200, "simulate, track a")
    levels = {}
    for memory in (1000, 2000, 100_000):
        pages = {"SC_PAGE_SIZE": 1_000_000, "SC_PHYS_PAGES": memory}
        monkeypatch.setattr(os, "sysconf", pages.__getitem__)
        monkeypatch.setattr(os, "cpu_count", lambda: 4)
        levels[memory] = check_memory(campaign()).level
    assert levels == {1000: NOTE, 2000: NOTE, 100_000: OK}


def test_a_missing_package_is_an_error(monkeypatch):
    assert [f.level for f in check_software()] == [OK]
    monkeypatch.setattr(machine_checks, "PACKAGES", ("no-such-package",))
    assert ERROR in [f.level for f in check_software()]
