"""The workflow in a process of its own, as a user runs it."""

import resource
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent


MB = 1_000_000


def run(
    folder: Path,
    config: Mapping[str, Any],
    *arguments: str,
    cores: int = 1,
    memory_mb: int | None = None,
) -> None:
    """Run the workflow in a folder, with this configuration.

    With `memory_mb`, all of its jobs at a time ask for no more, and each process, Snakemake's and
    theirs, has an address space of no more: it fails where it wants more.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    command = _command(folder, config, *arguments)
    command += ["-q", "all", "--cores", str(cores)]
    limit = None
    if memory_mb is not None:
        command += ["--resources", f"mem_mb={memory_mb}"]
        limit = partial(resource.setrlimit, resource.RLIMIT_AS, (memory_mb * MB, memory_mb * MB))
    subprocess.run(command, check=True, preexec_fn=limit)  # noqa: PLW1509  (it has no threads)


def dry_run(folder: Path, config: Mapping[str, Any]) -> str:
    """Return how many jobs of which rule the workflow would do, as Snakemake tells it.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    command = _command(folder, config, "--workflow-profile", "none", "-n", "-q", "rules")
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        print(done.stdout)
    done.check_returncode()
    return done.stdout


def _command(folder: Path, config: Mapping[str, Any], *arguments: str) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(yaml.safe_dump(dict(config)))
    snakemake = [sys.executable, "-m", "snakemake", "-s", str(ROOT / "Snakefile")]
    return [*snakemake, "-d", str(folder), *arguments]
