"""Running the workflow as a user does, for the tests."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from tests.helpers.places import ROOT


def command(folder: Path, config: dict[str, Any] | None, *arguments: str) -> list[str]:
    """Return what runs Snakemake in `folder`, with a --configfile unless `config` is None."""
    command = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile")]
    command += ["-d", str(folder), "--cores", "2", *arguments]
    if config is not None:
        path = folder / "mine.yaml"
        path.write_text(yaml.safe_dump(config))
        command += ["--configfile", str(path)]
    return command


def run(
    folder: Path, config: dict[str, Any] | None, *arguments: str
) -> subprocess.CompletedProcess:
    """Run Snakemake in `folder`, with a --configfile unless `config` is None."""
    environment = {**os.environ, "PYTHONWARNINGS": ""}
    line = command(folder, config, *arguments)
    return subprocess.run(line, capture_output=True, text=True, env=environment)


def make(folder: Path, config: dict[str, Any], *arguments: str) -> None:
    """Run the workflow and insist that it succeeds."""
    result = run(folder, config, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr


def planned(folder: Path, config: dict[str, Any] | None, *arguments: str) -> set[tuple[str, str]]:
    """Jobs that a dry run would do, as (rule, wildcards), without the target rule."""
    result = run(folder, config, "-n", *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    blocks = re.split(r"\n(?=(?:local)?rule \w+:)", result.stdout + result.stderr)
    jobs = set()
    for block in blocks[1:]:
        rule = re.match(r"(?:local)?rule (\w+):", block)[1]
        wildcards = re.search(r"wildcards: (.*)", block)
        jobs.add((rule, wildcards[1] if wildcards else ""))
    return {job for job in jobs if job[0] != "all"}


def messages(result: subprocess.CompletedProcess) -> list[str]:
    """The lines that are the workflow's own, meant for the user."""
    output = result.stdout + result.stderr
    return [line for line in output.splitlines() if line.startswith("minispiral: ")]


def kill_script(process: subprocess.Popen, script: str, folder: Path) -> None:
    """Kill the first job in the folder that runs a script, as a lack of memory would."""
    while process.poll() is None:
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                arguments = entry.read_bytes().split(b"\0")
                inside = os.readlink(entry.parent / "cwd") == str(folder.resolve())
            except OSError:  # it has ended meanwhile
                continue
            if inside and len(arguments) > 1 and arguments[1].decode().endswith(script):
                os.kill(int(entry.parent.name), signal.SIGKILL)
                return
        time.sleep(0.02)
