"""What scripts are given: paths that hold in CASA's scratch folder too."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from snakemake.iocontainers import InputFiles, OutputFiles

from minispiral.jobs.job import Job


@pytest.fixture
def job(tmp_path, monkeypatch) -> Job:
    """A job of a folder that is reached by a link, begun there."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to("disk")
    monkeypatch.chdir(tmp_path / "link")
    files = InputFiles(fromdict={"ms": "../data/a.ms", "mask": [], "rounds": ["r0", "/far/r1"]})
    output = OutputFiles(["out/a"])
    return Job(SimpleNamespace(input=files, output=output, threads=3))


def test_paths_are_absolute_wherever_the_job_goes(job, tmp_path, monkeypatch):
    (tmp_path / "scratch").mkdir()
    monkeypatch.chdir(tmp_path / "scratch")
    assert job.absolute_input.ms == tmp_path / "data" / "a.ms"
    assert job.absolute_output[0] == tmp_path / "disk" / "out" / "a"


def test_files_that_share_a_name_are_a_list(job, tmp_path):
    assert job.absolute_input.rounds == [tmp_path / "disk" / "r0", Path("/far/r1")]
    assert job.absolute_input.mask == []
    assert list(job.absolute_output) == [tmp_path / "disk" / "out" / "a"]


def test_all_else_is_as_snakemake_gives_it(job):
    assert job.input.ms == "../data/a.ms"
    assert job.output[0] == "out/a"
    assert job.threads == 3
    for thing in (job, job.absolute_input):
        with pytest.raises(AttributeError):
            _ = thing.no_such_thing
