"""A script of the workflow in a process of its own, as Snakemake runs it: its time and memory.

As a program, it is that process: it reads from its input what the script is given, and prints what
it cost. The memory is the process's own peak, which Linux notes (`VmHWM`); that of
`resource.getrusage` begins with what the process that started it had.
"""

import json
import os
import re
import runpy
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from benchmarks.timing import timed
from benchmarks.workflow import ROOT
from minispiral.jobs import log
from minispiral.jobs.job import Job

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Cost:
    """What a job takes: wall-clock and processor time (s), and its peak memory (MB)."""

    seconds: float
    cpu_seconds: float
    memory_mb: float


class Files(list[str]):
    """Files in order, and by name, as a job of Snakemake has them."""

    def __init__(self, named: Mapping[str, str | Sequence[str]]) -> None:
        """Take one file, or several, for each name."""
        for files in named.values():
            self.extend([files] if isinstance(files, str) else files)
        self.__dict__.update(named)


def run(script: str, **given: Any) -> Cost:
    """Run a script of the workflow, and return what it cost.

    Parameters
    ----------
    script : its name in workflow/scripts, without the suffix
    given : `input` and `output`, files by name; `params`, `wildcards`

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    command = [sys.executable, "-m", "benchmarks.job"]
    call = {"script": script, "input": {}, "output": {}, "params": {}, "wildcards": {}, **given}
    done, seconds = timed(
        lambda: subprocess.run(
            command,
            input=json.dumps(call, default=str),
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD},
        )
    )
    return Cost(**{**json.loads(done.stdout), "seconds": seconds})


def total(costs: Sequence[Cost]) -> Cost:
    """Return the time of all, and the memory of the largest."""
    return Cost(
        sum(cost.seconds for cost in costs),
        sum(cost.cpu_seconds for cost in costs),
        max(cost.memory_mb for cost in costs),
    )


def main() -> None:
    """Run the script that the input names, and print what it cost."""
    call = json.load(sys.stdin)
    script = call["script"]
    files = Files(call["output"])
    for file in files:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    logs = [f"{files[0]}.log"]
    snakemake = SimpleNamespace(
        input=Files(call["input"]),
        output=files,
        params=SimpleNamespace(**call["params"]),
        wildcards=SimpleNamespace(**call["wildcards"]),
        threads=1,
        log=logs,
    )
    with log.logged(logs[0], script, call["wildcards"]):
        runpy.run_path(str(ROOT / "workflow" / "scripts" / f"{script}.py"))["main"](Job(snakemake))
    cost = Cost(0.0, time.process_time(), _peak_mb())
    print(json.dumps(asdict(cost)))


def _peak_mb() -> float:
    """Peak memory of this process, MB."""
    found = re.search(r"^VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is None:
        raise OSError("/proc/self/status has no VmHWM: the benchmarks run on Linux")
    return int(found[1]) * 1024 / 1e6


if __name__ == "__main__":
    main()
