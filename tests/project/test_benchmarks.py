"""The benchmarks' pages and sizes; `make bench-smoke` runs the benchmarks themselves."""

import os
import platform
import re

import pytest

from benchmarks import fit_bench, run, timing, workflow_bench
from benchmarks.page import Page, origin
from benchmarks.sizes import BENCH, SMOKE, Growth
from minispiral import __version__
from minispiral.simulation.settings import TrackSimulation

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


@pytest.mark.parametrize("size", [BENCH, SMOKE], ids=["bench", "smoke"])
def test_tracks_of_the_benchmarks_can_be_simulated(size):
    for track in filter(None, (size.small, size.full, size.light_curves)):
        TrackSimulation.from_settings(track.simulation)


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
def test_the_fit_is_timed_on_a_full_track_or_in_a_smoke_run_on_the_small_one(
    size, tracks, spw, tmp_path, monkeypatch
):
    benched, fitted = [], []

    def bench_track(_, folder, track):
        benched.append(track)
        return folder.with_suffix(".ms")

    monkeypatch.setattr(workflow_bench, "bench", bench_track)
    monkeypatch.setattr(fit_bench, "bench", lambda _, ms, **__: fitted.append(ms.name))
    run.bench_full(Page("Full track", []), tmp_path, size, tmp_path / "small.ms")
    assert (benched, fitted) == (tracks, [spw])
