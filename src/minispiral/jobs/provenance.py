"""The origin of results: software, commands, calls of CASA's tasks, and the times of all jobs.

A run and its jobs are processes of their own. Which configuration a table was made with, a job
learns from its environment: `remember_configuration` writes it there when a run begins.
"""

import csv
import hashlib
import json
import os
import platform
import re
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from minispiral.io.atomic import replacing

# what makes results, beside the package's own requirements
TOOLS = ("minispiral", "snakemake")
CONFIGURATIONS = "MINISPIRAL_CONFIGURATIONS"  # in the environment, by folder of results
ORIGIN = ("campaign", "minispiral_version", "date", "configuration_sha256")
COMMANDS = "commands.txt"  # in the campaign's folder of logs
# as casatasks logs a call: date, level, task::::casa, then the call in one line
_CALL = re.compile(r"^\S+ \S+\s+INFO\s+\w+::::casa\s+(\w+\( .*\))\s*$")


@dataclass(frozen=True)
class Job:
    """One job as Snakemake's benchmark has it: seconds, peak memory (MB), and when it ended."""

    name: str
    seconds: float
    memory_mb: float
    ended: datetime


def configuration_text(resolved: Mapping[str, Any]) -> str:
    """The configuration in force as the campaign's config.yaml has it."""
    return yaml.safe_dump(dict(resolved), sort_keys=False)


def remember_configuration(folder: str, resolved: Mapping[str, Any]) -> None:
    """Tell this process, and the jobs that it starts, the configuration of a folder of results."""
    known = _configurations()
    known[folder] = {
        "campaign": str(resolved["campaign"]),
        "configuration_sha256": hashlib.sha256(configuration_text(resolved).encode()).hexdigest(),
    }
    os.environ[CONFIGURATIONS] = json.dumps(known)


def is_remembered(folder: str) -> bool:
    """Whether a process knows the configuration of a folder of results."""
    return folder in _configurations()


def origin_of(product: str | Path) -> dict[str, str]:
    """What made a product that is written now: for the meta of tables.

    `campaign`, `minispiral_version`, `date` (UTC) and `configuration_sha256`, the checksum of the
    campaign's config.yaml. A process that no run has started knows of neither campaign nor
    configuration.
    """
    known = [of for folder, of in _configurations().items() if _lies_in(Path(product), folder)]
    told = known[-1] if known else {}
    found = told | {
        "minispiral_version": metadata.version("minispiral"),
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
    }
    return {name: found[name] for name in ORIGIN if name in found}


def _lies_in(product: Path, folder: str) -> bool:
    """Whether a product is one of a folder, which other workflows may put a prefix before."""
    parts, place = product.parts, Path(folder).parts
    within = any(parts[k : k + len(place)] == place for k in range(len(parts)))
    return within or Path(folder).resolve() in product.resolve().parents


def _configurations() -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = json.loads(os.environ.get(CONFIGURATIONS, "{}"))
    return known


def software() -> dict[str, str]:
    """Versions of Python, of the package and of everything that it needs, by name."""
    needed = {re.split(r"[\s;<>=!~\[(]", line, maxsplit=1)[0] for line in _requirements()}
    versions = {"Python": platform.python_version(), "system": platform.platform()}
    for name in (*TOOLS, *sorted(needed - set(TOOLS))):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def _requirements() -> list[str]:
    try:
        return metadata.requires("minispiral") or []
    except metadata.PackageNotFoundError:
        return []


def record_command(path: str | Path, arguments: Sequence[str]) -> None:
    """Add a line to the record of the commands that worked on a campaign: time (UTC) and command.

    No two runs work on one folder at a time, see `minispiral.jobs.lock`.
    """
    path = Path(path)
    before = "".join(f"{line}\n" for line in read_commands(path))
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    program = Path(arguments[0])
    name = program.parent.name if program.name == "__main__.py" else program.name  # python -m
    with replacing(path) as part:
        line = f"{now} {shlex.join([name, *arguments[1:]])}\n"
        # an argument may be any bytes, and no record is worth a run
        part.write_text(before + line, encoding="utf-8", errors="backslashreplace")


def read_commands(path: str | Path) -> list[str]:
    """Lines of that record; none where there is no record."""
    path = Path(path)
    if not path.exists():
        return []
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def job_records(folder: str | Path, within: Collection[str] | None = None) -> list[Job]:
    """Jobs whose benchmarks lie in a folder or below, the longest first.

    Of its subfolders only those `within`, where given: others are left of what is no longer
    configured.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    """
    jobs = []
    for path, name in _files(Path(folder), ".tsv", within):
        ended = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        if rows:
            row = rows[-1]
            jobs.append(Job(name, _number(row.get("s")), _number(row.get("max_rss")), ended))
    return sorted(jobs, key=lambda job: -job.seconds)


def _files(folder: Path, suffix: str, within: Collection[str] | None) -> Iterator[tuple[Path, str]]:
    """Files of a suffix, with their paths within the folder, the suffix left out."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} does not exist")
    for path in sorted(folder.rglob(f"*{suffix}")):
        inside = path.relative_to(folder)
        if within is None or len(inside.parts) == 1 or inside.parts[0] in within:
            yield path, inside.with_suffix("").as_posix()


def _number(text: str | None) -> float:
    """A number of a benchmark, which Snakemake leaves as NA or - where a job was too short."""
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def casa_calls(folder: str | Path, within: Collection[str] | None = None) -> list[tuple[str, str]]:
    """Calls of CASA's tasks in the logs of a folder, as `job_records`: the job, and the call."""
    return [
        (name, call) for path, name in _files(Path(folder), ".log", within) for call in _calls(path)
    ]


def _calls(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            call = _CALL.match(line)
            if call:
                yield re.sub(r"\s+", " ", call[1])
