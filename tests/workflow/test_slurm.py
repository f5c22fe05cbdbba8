"""A small campaign on a SLURM of two nodes, a job of which is cancelled in the middle.

Run by `make test-slurm` alone, as it installs Debian's packages and starts SLURM, for which it has
to be root.
"""

import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import yaml

from minispiral import casa
from minispiral.jobs import resources
from minispiral.ms.files import measurement_set_bytes
from tests.helpers import slurm_cluster
from tests.helpers.places import ROOT
from tests.helpers.same_products import content, files
from tests.helpers.slurm_cluster import NODES, SITE, Cluster, SlurmJob

TRACKS = ("20170406", "20170407")
SPWS = (0, 1)
SIMULATED = {"scans": 3, "scan_minutes": 1.5, "antennas": 16, "frequencies_ghz": [213.1, 227.1]}
# as the demo, of which it has all kinds of jobs, but fewer
CAMPAIGN = {
    "campaign": "small",
    "spws": list(SPWS),
    "tracks": {
        track: {"simulate": {"seed": seed, "start": f"2017-04-0{seed}T08:30:00", **SIMULATED}}
        for seed, track in enumerate(TRACKS, start=6)
    },
    "image": {"imsize": 256, "pixels_per_fringe": 6, "niter": 1000},
    "model": {"turns": 2},
}
PRODUCTS = Path("results", "small")
SECONDS = 1200  # of a run at most

pytestmark = [pytest.mark.slurm, pytest.mark.slow]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    with slurm_cluster.running(tmp_path_factory.mktemp("slurm")) as started:
        yield started


def snakemake(folder: Path, *options: str) -> list[str]:
    """The command that runs the campaign in a folder."""
    (folder / "config.yaml").write_text(yaml.safe_dump(CAMPAIGN))
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile"), "-d", str(folder)]
    return [*command, *options]


class CancelledRun:
    """The campaign on the cluster, of which the first CLEAN to be seen at work is cancelled."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.folder, self.cluster = folder, cluster
        command = snakemake(folder, "--workflow-profile", "slurm", *SITE)
        with (folder / "output.txt").open("w") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env=cluster.environment
            )
        self.cancelled = self._cancel_a_clean()
        self.status = self.process.wait(SECONDS)
        self.output = (folder / "output.txt").read_text()
        self.jobs = cluster.jobs()

    def _cancel_a_clean(self) -> SlurmJob:
        end = time.monotonic() + SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            for job in self.cluster.jobs():
                group = re.search(r"image_(\d+)_(\d+)_", job.comment)
                if job.state != "RUNNING" or not group:
                    continue
                log = self.folder / PRODUCTS / "logs" / group[1] / f"spw{group[2]}" / "clean.log"
                if log.exists():
                    self.cluster.ask("scancel", job.number)
                    return job
            time.sleep(0.5)
        raise AssertionError(f"no CLEAN was seen at work: {self.folder / 'output.txt'}")


@pytest.fixture(scope="module")
def runs(cluster, tmp_path_factory) -> tuple[CancelledRun, Path, int]:
    """The campaign on the cluster, where it ran as usual at the same time; its number of jobs."""
    folder, local = tmp_path_factory.mktemp("cluster"), tmp_path_factory.mktemp("local")
    with ThreadPoolExecutor() as pool:
        usual = pool.submit(
            subprocess.run,
            snakemake(local, "--cores", "2"),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            env=cluster.environment,
        )
        run = CancelledRun(cluster, folder)
        done = usual.result()
    assert done.returncode == 0, done.stderr
    (number_of_jobs,) = re.findall(r"All (\d+) jobs are done", done.stdout + done.stderr)
    return run, local, int(number_of_jobs)


def test_a_cancelled_job_is_done_again_with_more_memory_and_the_run_ends_well(runs):
    run, _, number_of_jobs = runs
    assert run.status == 0, run.output
    (first,) = (job for job in run.jobs if job.number == run.cancelled.number)
    assert first.state == "CANCELLED"
    (again,) = (
        job for job in run.jobs if job.comment == first.comment and job.number != first.number
    )
    assert again.state == "COMPLETED"
    assert again.memory_mb == pytest.approx(1.5 * first.memory_mb, abs=1)
    assert len(re.findall(r"failed    clean spw, track \d+, spw \d", run.output)) == 1
    assert f"All {number_of_jobs} jobs are done" in run.output
    assert "FAILED" not in run.output


def test_both_nodes_worked_and_small_jobs_were_grouped(runs):
    run, _, number_of_jobs = runs
    assert {job.node for job in run.jobs if job.state == "COMPLETED"} == set(NODES)
    assert Counter(job.state for job in run.jobs)["CANCELLED"] == 1
    assert len(run.jobs) < number_of_jobs / 2


def test_requests_of_a_group_are_those_of_jobs_in_turn(runs):
    run, *_ = runs
    fits_of_tracks = [job for job in run.jobs if job.comment.startswith("rule_fit_")]
    assert len(fits_of_tracks) == len(TRACKS)
    for job in fits_of_tracks:
        (track,) = (track for track in TRACKS if track in job.comment)
        size = measurement_set_bytes(str(run.folder / PRODUCTS / "simulated" / f"{track}.ms"))
        assert job.memory_mb == resources.memory_mb("fit", size, 1)
        assert job.minutes == len(SPWS) * resources.runtime_minutes("fit", size, 1)


def test_results_are_those_of_a_run_on_one_machine(runs):
    run, local, _ = runs
    local_products, slurm_products = local / PRODUCTS, run.folder / PRODUCTS
    names = files(local_products)
    assert names == files(slurm_products)
    for suffix, least in ((".ecsv", 30), (".dat", 8), (".fits", 10), (".fit", 2), (".png", 18)):
        equal = [name for name in names if name.suffix == suffix]
        assert len(equal) >= least
        different = [
            str(n) for n in equal if content(local_products / n) != content(slurm_products / n)
        ]
        assert different == []


@pytest.mark.parametrize(
    ("name", "column"),
    [
        (".ms_ExtendedData", "DATA"),
        (".ms_ExtendedData", "FLAG"),
        (".gains", "CPARAM"),
        (".gains", "FLAG"),
        ("_noPeak.image", "map"),
    ],
)
def test_casas_tables_are_those_of_a_run_on_one_machine(runs, name, column):
    run, local, _ = runs
    for track in TRACKS:
        values = []
        for folder in (local, run.folder):
            (path,) = (folder / PRODUCTS / track).glob(f"small_{track}{name}")
            with casa.table(path) as table:
                values.append(table.getcol(column))
        assert values[0].size > 0
        assert np.array_equal(*values, equal_nan=column != "FLAG")
