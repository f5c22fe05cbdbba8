"""The workflow in a process of its own, as a user runs it."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent


def run(folder: Path, config: Mapping[str, Any], *arguments: str, cores: int = 1) -> None:
    """Run the workflow in a folder, with this configuration.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    command = _command(folder, config, *arguments)
    subprocess.run([*command, "-q", "all", "--cores", str(cores)], check=True)


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
