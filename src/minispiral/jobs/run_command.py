"""What `minispiral run` becomes: a command of Snakemake with the workflow's own Snakefile."""

import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from minispiral.errors import MinispiralError

SNAKEFILE = "Snakefile"
RULES = Path("workflow", "rules", "common.smk")  # a Snakefile beside it is the workflow's


PACKAGES = Path(__file__).resolve().parents[2]  # where minispiral lies, and in a wheel others do


def snakefile(packages: Path = PACKAGES) -> Path:
    """Find the workflow: in the checkout of the package, or among what its wheel has installed.

    Raises
    ------
    MinispiralError
        If it is in neither place.
    """
    # the last is where pip install --target puts it, and its list of files does not say so
    places = [packages.parent, *_installed(), packages / "share" / "minispiral"]
    for folder in places:
        if (folder / SNAKEFILE).is_file() and (folder / RULES).is_file():
            return folder / SNAKEFILE
    raise MinispiralError(
        f"the workflow is not in {' or '.join(map(str, places))}: install minispiral anew, or run "
        "snakemake -s with the Snakefile of a git clone"
    )


def _installed() -> list[Path]:
    """Folders of Snakefiles that were installed with the package, wherever pip has put them."""
    try:
        files = metadata.files("minispiral") or []
    except metadata.PackageNotFoundError:
        return []
    return [Path(str(f.locate())).resolve().parent for f in files if f.name == SNAKEFILE]


def run_command(
    targets: Sequence[str], cores: str | None, dry_run: bool, options: Sequence[str]
) -> list[str]:
    """Return the command of Snakemake, whose messages and exit code are then those of the run.

    Parameters
    ----------
    targets : rules or files to be made; none for the default
    cores : how many to use, or "all"; None leaves it to the profile
    dry_run : whether only to say how many jobs of each rule would be done
    options : Snakemake's own, as given after ``--``

    Raises
    ------
    MinispiralError
        If the workflow is not found.
    """
    # -P: a user's folder may hold a file that is called like one of Snakemake's modules
    command = [sys.executable, "-P", "-m", "snakemake", "--snakefile", str(snakefile())]
    command += ["--cores", cores] if cores is not None else []
    command += ["--dry-run", "--quiet", "rules"] if dry_run else []
    command += options
    # some options would take a target for a value of their own
    separator = ["--"] if targets and "--" not in options else []
    return [*command, *separator, *targets]
