"""Where results come from: versions, commands, calls of CASA's tasks, times of jobs."""

import hashlib
import math
from datetime import UTC, datetime

import pytest

import minispiral
from minispiral.jobs import provenance
from minispiral.jobs.provenance import (
    casa_calls,
    job_records,
    read_commands,
    record_command,
    software,
)


def test_versions_of_what_makes_results_are_named():
    versions = software()
    for name in ("Python", "minispiral", "snakemake", "casatools", "numpy", "astropy"):
        assert versions[name][0].isdigit(), name


def test_commands_are_kept_in_order_and_quoted(tmp_path):
    record = tmp_path / "commands.log"
    assert read_commands(record) == []
    record_command(record, ["/bin/snakemake", "-n"])
    record_command(record, ["/lib/snakemake/__main__.py", "--config", "a b"])
    first, second = read_commands(record)
    assert first.endswith(" snakemake -n")
    assert second.endswith(" snakemake --config 'a b'")
    assert first[:19] <= second[:19]


def test_times_of_jobs_come_from_benchmarks_longest_first(tmp_path):
    (tmp_path / "track").mkdir()
    (tmp_path / "quick.tsv").write_text("s\th:m:s\tmax_rss\n0.1\t0:00:00\tNA\n")
    (tmp_path / "track" / "long.tsv").write_text("s\th:m:s\tmax_rss\n61\t0:01:01\t300.5\n")
    (tmp_path / "empty.tsv").write_text("s\th:m:s\tmax_rss\n")
    (tmp_path / "former").mkdir()
    (tmp_path / "former" / "old.tsv").write_text("s\th:m:s\tmax_rss\n9\t0:00:09\t1\n")
    assert [job.name for job in job_records(tmp_path)] == ["track/long", "former/old", "quick"]
    long, quick = job_records(tmp_path, {"track"})
    assert (long.name, long.seconds, long.memory_mb) == ("track/long", 61, 300.5)
    assert quick.name == "quick"
    assert math.isnan(quick.memory_mb)


def test_calls_of_casas_tasks_are_found_in_logs(tmp_path):
    (tmp_path / "clean.log").write_text(
        "2026-01-01 00:00:00,1 INFO reading\n"
        "2026-01-01 00:00:01\tINFO\ttclean::::casa\t##### Begin Task: tclean             #####\n"
        "2026-01-01 00:00:01\tINFO\ttclean::::casa\ttclean( vis='a.ms', mask='', gain=0.1 )\n"
        "2026-01-01 00:00:02\tINFO\ttclean::::casa\tTask tclean complete.\n"
    )
    assert casa_calls(tmp_path) == [("clean", "tclean( vis='a.ms', mask='', gain=0.1 )")]


def test_a_folder_that_is_not_there_is_no_empty_record(tmp_path):
    for read in (job_records, casa_calls):
        with pytest.raises(FileNotFoundError, match="nowhere"):
            read(tmp_path / "nowhere")


def test_an_argument_of_any_bytes_is_recorded(tmp_path):
    record = tmp_path / "commands.txt"
    record.write_bytes(b"\xff old\n")
    record_command(record, ["/bin/snakemake", "caf\udce9"])
    assert len(read_commands(record)) == 2


# what made a product


def test_a_product_says_which_configuration_it_was_made_with(monkeypatch, tmp_path):
    monkeypatch.setenv(provenance.CONFIGURATIONS, "{}")
    (tmp_path / "disk").mkdir()
    (tmp_path / "results").symlink_to("disk")
    for name in ("one", "other"):
        folder = str(tmp_path / "results" / name)
        assert not provenance.is_remembered(folder)
        provenance.remember_configuration(folder, {"campaign": name, "spws": [0]})
        assert provenance.is_remembered(folder)
    text = provenance.configuration_text({"campaign": "one", "spws": [0]})
    checksum = hashlib.sha256(text.encode()).hexdigest()
    for place in ("results/one/a/x.ecsv", "disk/one/x.ecsv"):
        made = provenance.origin_of(tmp_path / place)
        assert (made["campaign"], made["configuration_sha256"]) == ("one", checksum)
    assert tuple(made) == provenance.ORIGIN
    assert made["minispiral_version"] == minispiral.__version__
    assert abs(datetime.fromisoformat(made["date"] + "+00:00") - datetime.now(UTC)).seconds < 60
    assert provenance.origin_of(tmp_path / "results/other/x.ecsv")["campaign"] == "other"
    assert set(provenance.origin_of(tmp_path / "elsewhere/x.ecsv")) == {
        "minispiral_version",
        "date",
    }


def test_a_prefix_before_the_results_does_not_hide_them(monkeypatch):
    monkeypatch.setenv(provenance.CONFIGURATIONS, "{}")
    provenance.remember_configuration("results/one", {"campaign": "one"})
    assert provenance.origin_of("other/results/one/x.ecsv")["campaign"] == "one"
    assert "campaign" not in provenance.origin_of("results/ones/x.ecsv")
