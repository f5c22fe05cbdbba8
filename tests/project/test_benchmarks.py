"""The benchmarks' pages and sizes; `make bench-smoke` runs the benchmarks themselves."""

import os
import platform
import re
import subprocess
import sys

import numpy as np
import pytest
from astropy.io import fits

from benchmarks import fit_bench, job, run, timing, turns, turns_bench, workflow, workflow_bench
from benchmarks.page import Page, origin
from benchmarks.sizes import BENCH, SMOKE, Growth, SplitGrowth, Track
from minispiral import __version__
from minispiral.simulation.settings import TrackSimulation
from minispiral.sky.coverage import TrackCoverage, read_frame, sky_frame, write_coverage
from minispiral.sky.grid import Coverage
from minispiral.sky.image import STOPPED
from tests.helpers.places import ROOT

PAGE = """\
# Small track

Made by hand.

## A section

| job | MB | s |
|---|---|---|
| fit | 205 | 1.3 |
| clean | 343 | |

That is all.
"""


def test_a_page_is_markdown_printed_as_it_comes_and_written(tmp_path, capsys):
    page = Page("Small track", ["Made by hand."])
    page.section("A section")
    page.table("job", "MB", "s")
    page.row("fit", 205, "1.3")
    page.row("clean", 343, "")
    page.say("That is all.")
    assert capsys.readouterr().out == PAGE
    page.write(tmp_path / "small.md")
    assert (tmp_path / "small.md").read_text() == PAGE


def test_a_page_says_how_when_and_where_it_was_made_without_a_path():
    text = "\n".join(origin("FULL=1 make bench"))
    assert "`FULL=1 make bench`" in text
    assert re.search(r"\b\d{4}-\d\d-\d\d\b.*\b\d\d:\d\d UTC", text)
    assert re.search(rf", {os.cpu_count()} cores, \d+ GB", text)
    assert f"Python {platform.python_version()}, minispiral {__version__}, casatools" in text
    assert not re.search(r"(^|\s|`)[~.]*/", text)


def test_the_time_of_a_call_comes_with_its_result(monkeypatch):
    clock = iter([10.0, 12.5])
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    assert timing.timed(lambda: "result") == ("result", 2.5)


def test_of_repeated_calls_the_median_time_counts(monkeypatch):
    clock = iter([0.0, 1.0, 1.0, 10.0, 10.0, 12.0])  # 1, 9 and 2 s
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    assert timing.seconds(lambda: None) == 2.0


def test_memory_and_time_are_the_largest_of_all_jobs_of_a_kind(tmp_path):
    folder = tmp_path / "benchmarks" / "a"
    for name, seconds, memory in (
        ("spw0/fit", 2.0, "300.0"),
        ("spw1/fit", 1.0, "400.0"),
        ("iteration1/spw0/fit", 1.5, "NA"),
        ("locate_core", 0.5, "NA"),
    ):
        path = folder / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\tmax_rss\n{seconds}\t{memory}\n")
    assert workflow_bench.peaks(tmp_path) == {"fit": (400.0, 2.0), "locate_core": (0.0, 0.5)}


def test_the_fit_grows_in_one_number_at_a_time():
    growth = Growth(minutes=(10, 20), antennas=(10, 40), components=(300, 1150))
    assert list(fit_bench.cases(growth)) == [
        ("integrations", 10, 40, 1150),
        ("integrations", 20, 40, 1150),
        ("antennas", 20, 10, 1150),
        ("antennas", 20, 40, 1150),
        ("components", 20, 40, 300),
        ("components", 20, 40, 1150),
    ]


def test_a_job_makes_what_its_script_makes_and_its_memory_is_its_own(tmp_path):
    coverage = TrackCoverage((266.4, -29.0), (Coverage(2.2e11, 12.0, 2e5, 50.0),))
    write_coverage(tmp_path / "coverage.json", coverage)
    of_this_process = np.ones(50_000_000)  # 400 MB
    cost = job.run(
        "choose_sky_grid",
        input={"coverages": [tmp_path / "coverage.json"]},
        output={"grid": tmp_path / "new" / "grid.json"},
    )
    assert read_frame(tmp_path / "new" / "grid.json") == sky_frame([coverage])
    assert 30 < cost.memory_mb < of_this_process.nbytes / 1e6
    assert cost.cpu_seconds > 0
    assert cost.cpu_seconds < cost.seconds * 1.1  # on one core


def test_a_job_that_fails_ends_the_benchmark(tmp_path, capfd):
    with pytest.raises(subprocess.CalledProcessError):
        job.run("no_such_script", output={"grid": tmp_path / "grid.json"})
    assert "minispiral: no_such_script: " in capfd.readouterr().err


def test_files_of_a_job_go_by_name_and_by_number():
    files = job.Files({"splits": ["a.ms", "b.ms"], "grid": "grid.json", "sky": []})
    assert (files.splits, files.grid, files.sky) == (["a.ms", "b.ms"], "grid.json", [])
    assert files == ["a.ms", "b.ms", "grid.json"]


def test_costs_of_jobs_add_up_but_for_their_memory():
    costs = [job.Cost(1.5, 1.0, 200.0), job.Cost(2.0, 1.5, 100.0)]
    assert job.total(costs) == job.Cost(3.5, 2.5, 200.0)


def names_in_rule(rule: str, section: str) -> set[str]:
    """Names that a rule of sky.smk has in a section; none where it has none, or no such rule."""
    text = (ROOT / "workflow/rules/sky.smk").read_text()
    block = re.search(rf"^rule {rule}:\n(.*?)(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    found = block and re.search(rf"^    {section}:\n((?: {{8}}.*\n)+)", block[1], re.MULTILINE)
    return set(re.findall(r"^ {8}(\w+)=", found[1], re.MULTILINE)) if found else set()


def test_turns_go_on_until_the_sky_says_that_they_stopped(tmp_path, monkeypatch):
    done = []

    def pretend(script, **given):
        done.append((script, given["wildcards"]["turn"], len(given["input"].get("sky", []))))
        for section, names in (("input", set()), ("params", {"version"})):
            wanted = names_in_rule(script, section)
            assert not wanted or set(given[section]) | names == wanted, script
        if script == "solve_sky":
            header = fits.Header({STOPPED: "fluxes"} if len(done) > 12 else {})
            fits.writeto(given["output"]["sky"], np.zeros((2, 2)), header)
            assert len(given["input"]["fluxes_before"]) == (0 if len(done) < 9 else 2)
        return job.Cost(1.0, 0.5, 100.0)

    monkeypatch.setattr(job, "run", pretend)
    track = turns.Track(tmp_path / "inspection.json", tmp_path / "core.json", [0], [tmp_path])
    ran = turns.Turns(tmp_path, track, 2).run()
    assert done == [
        *[("measure_sky_coverage", "1", 0)] * 2,
        ("choose_sky_grid", "1", 0),
        *[("average_for_sky", "1", 0)] * 2,
        *[("sum_sky", "1", 0)] * 2,
        ("solve_sky", "1", 0),
        *[("sum_sky", "2", 1)] * 2,
        ("solve_sky", "2", 1),
        *[("sum_sky", "3", 1)] * 2,
        ("solve_sky", "3", 1),
        *[("collect_antenna_gains", "1", 0), ("measure_pointing", "1", 0)] * 2,
    ]
    assert (ran.number, ran.total) == (3, job.Cost(18.0, 9.0, 100.0))


def test_clean_is_that_of_im0_alone(tmp_path):
    for name in ("a/spw0/clean", "a/spw1/clean", "a/iteration1/spw0/clean", "a/spw0/fit"):
        path = tmp_path / "benchmarks" / f"{name}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("s\tmax_rss\n2.5\t300\n")
    assert workflow_bench.clean_seconds(tmp_path) == 5.0


@pytest.mark.parametrize("size", [BENCH, SMOKE], ids=["bench", "smoke"])
def test_turns_grow_from_one_track(size):
    assert size.tracks[0] == 1 < size.tracks[-1]


@pytest.mark.parametrize("size", [BENCH, SMOKE], ids=["bench", "smoke"])
def test_tracks_of_the_benchmarks_can_be_simulated(size):
    growing = [track for _, track in size.split_growth.cases()]
    for track in filter(None, (size.small, size.full, size.light_curves, size.channels, *growing)):
        TrackSimulation.from_settings(track.simulation)


def test_the_split_grows_in_one_number_at_a_time():
    growth = SplitGrowth(Track({"antennas": 8}), minutes=(1, 2), channels=(4, 8), spws=(2, 3))
    cases = [
        (name, track.simulation["scan_minutes"], track.simulation["channels"], len(track.spws))
        for name, track in growth.cases()
    ]
    assert cases == [
        ("rows", 1, 4, 2),
        ("rows", 2, 4, 2),
        ("channels", 1, 4, 2),
        ("channels", 1, 8, 2),
        ("spws", 1, 4, 2),
        ("spws", 1, 4, 3),
    ]
    assert {track.simulation["antennas"] for _, track in growth.cases()} == {8}


def test_a_run_of_little_memory_gets_no_more(tmp_path, monkeypatch):
    limit = workflow.MB * 3000
    script = f"import resource, sys; sys.exit(resource.getrlimit(resource.RLIMIT_AS)[0] != {limit})"
    asked = []

    def command(*_):
        return [sys.executable, "-c", script]

    def run(command, **options):
        asked.append(command[-2:])
        return real(command, **options)

    real = subprocess.run
    monkeypatch.setattr(workflow, "_command", command)
    monkeypatch.setattr(workflow.subprocess, "run", run)
    workflow.run(tmp_path, {}, memory_mb=3000)
    assert asked == [["--resources", "mem_mb=3000"]]


def test_the_full_track_is_that_of_the_readme():
    full = TrackSimulation.from_settings(BENCH.full.simulation)
    integrations = full.scans * full.scan_minutes * 60 / full.integration_s
    assert (full.antennas, integrations, len(full.frequencies_ghz)) == (40, 4500, 4)


@pytest.mark.parametrize(
    ("options", "pages", "command"),
    [
        ([], ["small"], "make bench"),
        (["--full"], ["small", "full"], "FULL=1 make bench"),
        (["--smoke"], [], "make bench-smoke"),
    ],
)
def test_pages_are_written_beside_the_benchmarks_but_by_a_smoke_run(
    options, pages, command, tmp_path, monkeypatch, capsys
):
    made = []
    monkeypatch.setattr(run, "__file__", str(tmp_path / "run.py"))
    monkeypatch.setattr(run, "bench_small", lambda *_: made.append("small"))
    monkeypatch.setattr(run, "bench_full", lambda *_: made.append("full"))
    run.main(options)
    assert made == (pages or ["small", "full"])
    assert sorted(path.stem for path in tmp_path.iterdir()) == sorted(pages)
    assert capsys.readouterr().out.count(f"Made by `{command}`") == len(made)


@pytest.mark.parametrize(
    ("size", "tracks", "spw"),
    [(BENCH, [BENCH.full], "full.ms"), (SMOKE, [], "small.ms")],
    ids=["bench", "smoke"],
)
def test_fit_and_turns_are_timed_on_a_full_track_or_in_a_smoke_run_on_the_small_one(
    size, tracks, spw, tmp_path, monkeypatch
):
    benched, turned, fitted = [], [], []

    def bench_track(_, folder, track, memory_mb):
        assert memory_mb == size.memory_mb
        benched.append(track)
        return folder / "a" / "spw0" / folder.with_suffix(".ms").name

    monkeypatch.setattr(workflow_bench, "bench", bench_track)
    monkeypatch.setattr(turns_bench, "bench", lambda _, __, results, ___: turned.append(results))
    monkeypatch.setattr(fit_bench, "bench", lambda _, ms, **__: fitted.append(ms))
    run.bench_full(Page("Full track", []), tmp_path, size, tmp_path / "a" / "spw0" / "small.ms")
    assert (benched, [ms.name for ms in fitted]) == (tracks, [spw])
    assert turned == [ms.parent.parent for ms in fitted]
