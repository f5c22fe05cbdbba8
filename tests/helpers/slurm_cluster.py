"""A SLURM of two nodes on this one machine, from Debian's packages, as root and without systemd.

It lies in a scratch folder but for /etc/slurm/slurm.conf, which the executor's inner srun insists
on. Where there is another SLURM it refuses to run, and nothing of it is left when it is stopped.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

NODES = ("node1", "node2")
PATH = "/usr/sbin:/usr/bin"
PACKAGES = ("slurm-wlm", "slurmctld", "slurmd", "slurm-client", "munge")
CONFIGURATION = Path("/etc/slurm/slurm.conf")
OWN = (
    "# Of a test of minispiral, which removes this file when it ends: process {process} in {folder}"
)
MARK = "MINISPIRAL_TEST_SLURM"  # in the environment of all its processes, daemons and jobs alike
# what Snakemake's executor is told of it; a user would have it in a copy of the profile
SITE = ["--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "1"]
SITE += ["--slurm-keep-successful-logs", "--latency-wait", "10"]
PORTS = {"slurmctld": 17000, "node1": 17001, "node2": 17002}

SLURM_CONF = """{own}
ClusterName=minispiral
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[slurmctld]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool/%n
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=bf_interval=5
SlurmdParameters=config_overrides
SlurmdTimeout=30
KillWait=5
ReturnToService=2
MinJobAge=86400
DefMemPerCPU=500
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=10:00:00 LLN=YES State=UP
"""
NODE = (
    "NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} "
    "RealMemory=8000 State=UNKNOWN"
)


@dataclass(frozen=True)
class SlurmJob:
    """A job as squeue tells it; the comment names its rule or group."""

    number: str
    state: str
    node: str
    memory_mb: int
    minutes: int
    comment: str


class Cluster:
    """A running SLURM."""

    def __init__(self, folder: Path, cpus: int = 2) -> None:
        """Keep everything in `folder`; each node has so many cores."""
        self.folder, self.cpus = folder, cpus
        self.daemons: list[subprocess.Popen] = []

    @property
    def environment(self) -> dict[str, str]:
        """Environment of what is to submit jobs, by which they are found again."""
        return {**os.environ, MARK: str(self.folder)}

    def jobs(self) -> list[SlurmJob]:
        """All jobs so far, finished ones too."""
        text = self.ask("squeue", "-h", "-t", "all", "-o", "%i|%T|%N|%m|%l|%k")
        rows = (line.split("|", 5) for line in text.splitlines())
        return [
            SlurmJob(number, state, node, int(memory.rstrip("M")), minutes(limit), comment)
            for number, state, node, memory, limit, comment in rows
        ]

    def ask(self, *command: str) -> str:
        """Run one of SLURM's commands and return what it prints."""
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
        return done.stdout

    @contextmanager
    def without(self, node: str) -> Iterator[None]:
        """Give a node no jobs for a while."""
        self.ask("scontrol", "update", f"NodeName={node}", "State=DRAIN", "Reason=timed")
        try:
            yield
        finally:
            self.ask("scontrol", "update", f"NodeName={node}", "State=RESUME")

    def start(self) -> None:
        """Start the daemons and wait until both nodes are ready."""
        for name in ("state", "spool/node1", "spool/node2"):
            (self.folder / name).mkdir(parents=True)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        where = (
            ("--key-file", key),
            ("--socket", self.folder / "munge.socket"),
            ("--pid-file", self.folder / "munged.pid"),
            ("--log-file", self.folder / "munged.log"),
            ("--seed-file", self.folder / "munge.seed"),
        )
        # forced, as only the user of this test can get to the folder of the socket
        options = [f"{option}={path}" for option, path in where]
        self._daemon("munged", "--foreground", "--force", *options)
        wait(lambda: (self.folder / "munge.socket").exists(), 20, "munged")
        CONFIGURATION.write_text(configuration(self.folder, self.cpus))
        self._daemon("slurmctld", "-D", "-c")
        for node in NODES:
            self._daemon("slurmd", "-D", "-N", node)
        wait(self._ready, 60, "both nodes")

    def _ready(self) -> bool:
        with suppress(RuntimeError):
            return self.ask("sinfo", "-h", "-t", "idle", "-o", "%D").split() == ["2"]
        return False

    def _daemon(self, name: str, *options: str) -> None:
        with (self.folder / f"{name}.out").open("a") as output:
            daemon = subprocess.Popen(
                [shutil.which(name, path=PATH) or name, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment,
                start_new_session=True,
            )
        self.daemons.append(daemon)


def minutes(limit: str) -> int:
    """A time limit as squeue writes it: h:mm:ss, or mm:ss."""
    *hours, of_hour, _ = map(int, limit.split(":"))
    return 60 * sum(hours) + of_hour


def configuration(folder: Path, cpus: int) -> str:
    """SLURM's configuration."""
    host = os.uname().nodename.split(".")[0]
    nodes = "\n".join(
        NODE.format(node=node, host=host, port=PORTS[node], cpus=cpus) for node in NODES
    )
    owner_line = OWN.format(process=os.getpid(), folder=folder)
    return SLURM_CONF.format(own=owner_line, folder=folder, host=host, ports=PORTS, nodes=nodes)


def wait(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.2)


def processes(folder: str) -> list[int]:
    """Processes of the cluster in a folder, its jobs among them, but not this one."""
    numbers = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended meanwhile; of one that nobody waited for it is empty
            if f"{MARK}={folder}".encode() in entry.read_bytes().split(b"\0"):
                numbers.append(int(entry.parent.name))
    return [number for number in numbers if number != os.getpid()]


def end_processes(folder: str) -> None:
    """End all processes of the cluster in a folder."""
    for name in (signal.SIGTERM, signal.SIGKILL):
        for number in processes(folder):
            with suppress(ProcessLookupError):
                os.kill(number, name)
        with suppress(TimeoutError):
            wait(lambda: not processes(folder), 10, "processes to end")
            return
    raise RuntimeError(f"processes that do not end: {processes(folder)}")


def install() -> None:
    """Install Debian's packages, as far as they are missing."""
    if all(shutil.which(name, path=PATH) for name in ("slurmctld", "slurmd")):
        return
    # in this runlevel, packages do not start their services
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for step in (("update", "-qq"), ("install", "-y", "-qq", "--no-install-recommends", *PACKAGES)):
        subprocess.run(["apt-get", *step], check=True, env=environment, timeout=600)


def refuse() -> None:
    """Raise where this machine is not one to start a SLURM of its own on."""
    if os.geteuid() != 0:
        raise RuntimeError("the test of the cluster starts SLURM, as root: run it in a container")
    if CONFIGURATION.exists():
        test = owner()
        if test is None:
            raise RuntimeError(f"{CONFIGURATION} is not of a test: run it where there is no SLURM")
        if Path(f"/proc/{test[0]}").exists():
            raise RuntimeError(f"this test is at work already, process {test[0]}: wait for its end")
    for entry in Path("/proc").glob("[0-9]*/comm"):
        with suppress(OSError):
            daemon = entry.read_text().strip()
            if daemon in ("slurmctld", "slurmd") and not is_own(entry.parent):
                raise RuntimeError(f"a {daemon} runs here: run this test where there is no SLURM")


def owner() -> tuple[str, str] | None:
    """Process and folder of the test that the configuration is of; None if of another SLURM."""
    with suppress(FileNotFoundError):
        pattern = OWN.format(process=r"(\d+)", folder=r"(\S+)") + r"\n"
        match = re.match(pattern, CONFIGURATION.read_text())
        return None if match is None else (match[1], match[2])
    return None


def is_own(process: Path) -> bool:
    """Whether a process is of a cluster of this test."""
    return f"\0{MARK}=".encode() in b"\0" + (process / "environ").read_bytes()


def remove(folder: str) -> None:
    """End a cluster and remove its configuration."""
    end_processes(folder)
    if owner() is not None:
        CONFIGURATION.unlink()


@contextmanager
def running(folder: Path, cpus: int = 2) -> Iterator[Cluster]:
    """A cluster in a new folder, of nodes with so many cores, which is ended whatever happens."""
    refuse()
    install()
    if killed := owner():
        remove(killed[1])
    cluster = Cluster(folder, cpus)
    try:
        cluster.start()
        yield cluster
    finally:
        remove(str(folder))
        for daemon in cluster.daemons:
            daemon.wait(10)
