"""What goes wrong while the workflow runs: it says so, goes on afterwards, and harms nothing."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import yaml

from minispiral import casa
from tests.helpers.places import ROOT
from tests.helpers.runs import command, kill_script, messages, run
from tests.helpers.same_products import differences, files, tables
from tests.helpers.tiny import SPWS, TRACKS, configuration, products
from tests.helpers.tracks import checksums

pytestmark = pytest.mark.slow

SECONDS = 600  # of a run at most


@pytest.fixture
def folder(inputs, tmp_path) -> Iterator[Path]:
    """A folder with measurement sets, which are found to be as they were."""
    for track in TRACKS:
        shutil.copytree(inputs / f"{track}.ms", tmp_path / f"{track}.ms")
    before = {track: checksums(tmp_path / f"{track}.ms") for track in TRACKS}
    yield tmp_path
    assert before == {track: checksums(tmp_path / f"{track}.ms") for track in TRACKS}


class Run:
    """A run of the workflow with all its jobs as a session of its own, as a terminal's is."""

    def __init__(self, folder: Path, config: dict, *arguments: str) -> None:
        self.output = folder / "output.txt"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command(folder, config, *arguments),
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONWARNINGS": ""},
                start_new_session=True,
            )

    def wait_for(self, happened: Callable[[], bool]) -> None:
        end = time.monotonic() + SECONDS
        while not happened():
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < end
            time.sleep(0.02)

    def end(self, number: signal.Signals) -> int:
        """Send a signal to all of its processes; return its status once none is left."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        status = self.process.wait(SECONDS)
        end = time.monotonic() + 30
        while (left := self._left()) and time.monotonic() < end:
            time.sleep(0.05)
        assert not left
        return status

    def _left(self) -> list[str]:
        """Command lines of the session's processes that are still there."""
        commands = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
                if int(session) == self.process.pid and state != "Z":
                    commands.append((stat.parent / "cmdline").read_text().replace("\0", " "))
            except OSError:  # it has ended meanwhile
                continue
        return commands


def survive(
    folder: Path, config: dict, moments: int, seconds: float, seed: int, *targets: str
) -> None:
    """Kill a run that takes so long at random moments, start it again each time, let it end."""
    draw, killed = random.Random(seed), 0
    while killed < moments:
        run_ = Run(folder, config, *targets)
        try:
            run_.process.wait(draw.uniform(1, 1 + 2 * seconds / moments))
        except subprocess.TimeoutExpired:
            run_.end(signal.SIGKILL)
            killed += 1
            continue
        assert run_.process.returncode == 0, run_.output.read_text()
        # it was quicker than expected: from the beginning, and killed sooner
        shutil.rmtree(folder / "results")
        seconds /= 2
    completes(folder, config, *targets)


def completes(folder: Path, config: dict, *arguments: str) -> None:
    """The same command goes on, without any other, and leaves nothing behind but products."""
    result = run(folder, config, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    assert not list((folder / "results").rglob(".part-*"))


def same(folder: Path, campaign: Path) -> None:
    assert differences(products(campaign), products(folder)) == []


@pytest.mark.nights
def test_killed_at_three_moments_it_makes_the_same(folder, campaign):
    """As far as light curves and the extended data of a track; the demo below makes everything."""
    extended = f"results/tiny/{TRACKS[0]}/tiny_{TRACKS[0]}.ms_ExtendedData"
    made = [products(campaign) / "light_curves.ecsv", campaign / extended / "table.dat"]
    begun = min(p.stat().st_mtime for p in products(campaign).rglob("inspection.json"))
    seconds = max(p.stat().st_mtime for p in made) - begun
    assert seconds > 5
    # other tests may have held up that campaign, and other products have been made between
    survive(folder, configuration(), 3, seconds / 3, 1, "light_curves", extended)
    for path in ("light_curves.ecsv", f"{TRACKS[0]}/tiny_{TRACKS[0]}.ms_ExtendedData/table.dat"):
        assert (products(folder) / path).exists()
    whole, part = products(campaign), products(folder)
    lacking = (files(whole) - files(part)) | (tables(whole) - tables(part))
    assert set(differences(whole, part)) == {str(path) for path in lacking}


@pytest.mark.faults
def test_the_demo_killed_at_twenty_moments_makes_the_same(tmp_path):
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    (tmp_path / "undisturbed").mkdir()
    (tmp_path / "disturbed").mkdir()
    start = time.monotonic()
    completes(tmp_path / "undisturbed", config)
    seconds = time.monotonic() - start
    survive(tmp_path / "disturbed", config, 20, seconds, seed=2)
    reference, result = (
        tmp_path / name / "results" / "demo" for name in ("undisturbed", "disturbed")
    )
    assert differences(reference, result) == []


@pytest.mark.faults
@pytest.mark.parametrize("options", [("--cores", "1"), ("--set-threads", "describe_gains=2")])
def test_one_core_and_two_make_the_same(folder, campaign, options):
    """The campaign was made with two cores, and small tracks' gains by one process."""
    completes(folder, configuration(), "all", *options)
    same(folder, campaign)


@pytest.mark.faults
def test_jobs_in_another_order_make_the_same(folder, campaign):
    """The last track and spw first, each by itself."""
    for track in reversed(TRACKS):
        for spw in reversed(SPWS):
            completes(folder, configuration(), f"results/tiny/{track}/spw{spw}/im0")
    completes(folder, configuration())
    same(folder, campaign)


@pytest.mark.faults
@pytest.mark.parametrize(
    "name",
    ["$(touch pwned)", "`touch pwned`", "a b", "ä;touch pwned", "-a", "a\n;touch pwned", "x*"],
)
def test_no_path_reaches_a_shell(inputs, tmp_path, name):
    """Paths may hold what they like; what a shell would run of them is not run."""
    place = tmp_path / "data" / name
    place.parent.mkdir()
    shutil.copytree(inputs / "a.ms", place)
    config = configuration(tracks={"a": {"ms": f"data/{name}"}}, spws=[0])
    completes(tmp_path, config, "results/tiny/a/spw0/im0")
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.faults
def test_a_path_that_casa_would_hand_to_a_shell_is_refused(inputs, tmp_path):
    """Its split runs `cp -r 'PATH/POINTING' ...`."""
    folder = tmp_path / "x';touch pwned;'"
    shutil.copytree(inputs / "a.ms", folder / "a.ms")
    config = configuration(tracks={"a": {"ms": "a.ms"}}, spws=[0])
    result = run(folder, config, "light_curves")
    assert result.returncode == 1
    assert not list(tmp_path.rglob("pwned"))
    place, track = messages(result)
    assert place.endswith("hand to a shell or misread: choose another place with results")
    assert "track a: a.ms has a quote in its path" in track
    assert "correct tracks.a.ms" in track


@pytest.mark.faults
@pytest.mark.parametrize("table", ["FIELD", "ANTENNA"])
def test_no_name_of_a_table_reaches_a_shell(inputs, tmp_path, table):
    shutil.copytree(inputs / "a.ms", tmp_path / "a.ms")
    hostile = "x'$(touch pwned)`touch pwned`"
    with casa.session(), casa.table(tmp_path / "a.ms" / table, writable=True) as names:
        names.putcell("NAME", 0, hostile)
    config = configuration(tracks={"a": {"ms": "a.ms"}}, spws=[0])
    completes(tmp_path, config | ({"field": hostile} if table == "FIELD" else {}))
    assert not list(tmp_path.rglob("pwned"))


@pytest.mark.faults
def test_ctrl_c_ends_all_children_and_says_how_to_go_on(folder):
    run_ = Run(folder, configuration())
    log = products(folder) / "logs" / "a" / "spw0" / "clean.log"
    run_.wait_for(log.exists)
    assert run_.end(signal.SIGINT) != 0
    output = run_.output.read_text()
    assert "Traceback" not in output
    assert re.search(
        r"Stopped; done: \d+ of \d+ jobs. The same command continues from there", output
    ), output
    completes(folder, configuration(), "light_curves")


@pytest.mark.faults
def test_a_second_run_on_the_same_results_says_so_and_stops(folder):
    first = Run(folder, configuration())
    first.wait_for((products(folder) / ".lock").exists)
    time.sleep(0.2)
    second = run(folder, configuration(), "light_curves")
    assert second.returncode == 1
    (line,) = messages(second)
    pattern = r"another run is at work on results/tiny \(process (\d+) on \S+, since .* UTC\): wait"
    assert int(re.search(pattern, line)[1]) == first.process.pid
    dry = run(folder, configuration(), "-n")
    assert dry.returncode == 0
    first.end(signal.SIGKILL)
    completes(folder, configuration(), "results/tiny/a/inspection.json")


@pytest.mark.faults
def test_jobs_that_outlive_their_run_are_waited_for(folder):
    run_ = Run(folder, configuration())
    run_.wait_for((products(folder) / "logs" / "a" / "spw0" / "clean.log").exists)
    os.kill(run_.process.pid, signal.SIGKILL)
    run_.process.wait()
    refused = run(folder, configuration())
    message = "jobs of a run that was killed are still at work on results/tiny: wait for them"
    assert refused.returncode == 1
    assert message in refused.stdout + refused.stderr
    run_.end(signal.SIGKILL)
    completes(folder, configuration(), "light_curves")


@pytest.mark.faults
def test_a_job_killed_for_want_of_memory_is_done_again_with_more(folder):
    """As the profiles for clusters and workstations have it; they ask for more the second time."""
    profile = ("--workflow-profile", str(ROOT / "profiles" / "workstation"))
    run_ = Run(folder, configuration(), *profile, "--verbose", "light_curves")
    kill_script(run_.process, ".split_spw.py", folder)
    assert run_.process.wait(SECONDS) == 0, run_.output.read_text()
    jobs = re.findall(
        r"rule split_spw:[\s\S]*?wildcards: (.*)[\s\S]*?mem_mb=(\d+)", run_.output.read_text()
    )
    asked: dict[str, list[int]] = {}
    for wildcards, memory in jobs:
        asked.setdefault(wildcards, []).append(int(memory))
    (twice,) = (memory for memory in asked.values() if len(memory) == 2)
    assert twice[1] == pytest.approx(1.5 * twice[0], abs=1)
    assert len(asked) == 4


@pytest.mark.faults
def test_an_input_that_vanishes_is_named(folder):
    away = folder / "away"
    run_ = Run(folder, configuration(), "--keep-going")
    run_.wait_for((products(folder) / "a" / "inspection.json").exists)
    (folder / "a.ms").rename(away)
    status = run_.process.wait(SECONDS)
    away.rename(folder / "a.ms")
    output = run_.output.read_text()
    assert status == 1, output
    assert re.search(r"FAILED: split spw: cannot find a.ms any more: put back what was", output)
    assert "WorkflowError" not in output
    assert "Traceback" not in output
    completes(folder, configuration(), "light_curves")


@pytest.fixture
def small_disk(folder) -> Iterator[Callable[[str], None]]:
    """A file system for the results whose options can be changed: size=10m, ro."""
    results = folder / "results"
    results.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", results])
    if mounted.returncode:
        pytest.skip("only root can mount a file system")
    try:
        yield lambda options: subprocess.run(
            ["mount", "-o", f"remount,{options}", results], check=True
        )
    finally:
        subprocess.run(["umount", "-l", results], check=True)


@pytest.mark.faults
def test_a_full_disk_is_told_and_can_be_mended(folder, small_disk):
    failed = run(folder, configuration(), "light_curves")
    output = failed.stdout + failed.stderr
    assert failed.returncode == 1
    assert "Traceback" not in output
    assert re.search(r"FAILED: [\s\S]*[Nn]o space left on device: make space", output), output
    again = run(folder, configuration(), "light_curves")  # on a disk that is full from the start
    assert again.returncode == 1
    assert "Traceback" not in again.stdout + again.stderr
    small_disk("size=500m")
    completes(folder, configuration(), "light_curves")


@pytest.mark.faults
def test_results_that_cannot_be_written_to_are_named(folder, small_disk):
    small_disk("ro")
    failed = run(folder, configuration(), "light_curves")
    output = failed.stdout + failed.stderr
    assert failed.returncode == 1
    assert "Traceback" not in output
    assert "minispiral: cannot write to results/tiny (Read-only file system): " in output
    small_disk("rw,size=500m")
    completes(folder, configuration(), "results/tiny/a/inspection.json")
