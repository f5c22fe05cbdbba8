"""Two nodes of a SLURM, of one core each, take little more than half the time of one.

Run by `make test-speed` alone, on a machine of two cores or more that does nothing else.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from benchmarks.sizes import BENCH
from minispiral.simulation.track import simulate_track
from tests.helpers import slurm_cluster
from tests.helpers.places import ROOT
from tests.helpers.slurm_cluster import NODES, SITE, Cluster

TRACKS = 8
GOAL = 0.6
SECONDS = 3600  # of a run at most
PRODUCT = Path("results", "eight", "light_curves.ecsv")

pytestmark = [
    pytest.mark.speed,
    pytest.mark.slow,
    pytest.mark.skipif((os.cpu_count() or 1) < len(NODES), reason="each node needs a core"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    with slurm_cluster.running(tmp_path_factory.mktemp("slurm"), cpus=1) as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Eight tracks of 936 000 rows, and their configuration."""
    place = tmp_path_factory.mktemp("eight")
    track = BENCH.small
    names = [f"t{k}" for k in range(TRACKS)]
    for k, name in enumerate(names):
        simulate_track(place / f"{name}.ms", place / f"{name}.csv", {**track.simulation, "seed": k})
    config = {
        "campaign": "eight",
        "spws": list(track.spws),
        "tracks": {name: {"ms": f"{name}.ms"} for name in names},
    }
    (place / "config.yaml").write_text(yaml.safe_dump(config))
    return place


def seconds(cluster: Cluster, folder: Path) -> float:
    """Time the light curves of all tracks, from nothing."""
    shutil.rmtree(folder / "results", ignore_errors=True)
    command = [sys.executable, "-m", "snakemake", "light_curves", "-s", str(ROOT / "Snakefile")]
    command += ["-d", str(folder), "--workflow-profile", "slurm", *SITE]
    start = time.monotonic()
    done = subprocess.run(
        command, capture_output=True, text=True, env=cluster.environment, timeout=SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / PRODUCT).exists()
    return time.monotonic() - start


def test_two_nodes_take_less_than_six_tenths_of_the_time_of_one(cluster, folder):
    with cluster.without(NODES[1]):
        one = seconds(cluster, folder)
        assert {job.node for job in cluster.jobs() if job.state == "COMPLETED"} == {NODES[0]}
    two = seconds(cluster, folder)
    assert {job.node for job in cluster.jobs() if job.state == "COMPLETED"} == set(NODES)
    assert two / one < GOAL, f"{two:.0f} s on two nodes, {one:.0f} s on one"
