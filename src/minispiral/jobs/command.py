"""A user's command: mistakes in it that Snakemake would not report, or not plainly.

Snakemake takes a profile that is not there for none, and waits for ever for a core of none.
"""

import difflib
import os
from collections.abc import Sequence
from pathlib import Path

from minispiral.errors import MinispiralError

#: The rules that ask for products, as the Snakefile and the rule files have them.
TARGETS = (
    "all",
    "binned",
    "calibrated",
    "campaign",
    "clean_up",
    "core_subtracted",
    "light_curves",
    "memo_curves",
    "polarimetry",
    "report",
    "residual_data",
    "science",
    "selfcal",
    "systematics",
    "validate",
)
PROFILE = "--workflow-profile"
#: Options that begin like others that are asked for here, and yet are their own.
THEMSELVES = ("--config",)


def check_command(
    arguments: Sequence[str],
    cores: int | None,
    at_once: int | None,
    project: str | os.PathLike[str],
) -> None:
    """Check the command that began a run.

    Parameters
    ----------
    arguments : of Snakemake
    cores : that it may use, as it understood them
    at_once : jobs that it may submit to a cluster
    project : the folder of the Snakefile

    Raises
    ------
    MinispiralError
        If nothing could ever run, or the profile is not there.
    """
    if cores is not None and cores < 1:
        raise MinispiralError(
            f"--cores is {cores}, with which no job can start: give a number from 1 on, or all"
        )
    if at_once is not None and at_once < 1:
        raise MinispiralError(
            f"--jobs is {at_once}, with which no job can start: give a number from 1 on"
        )
    profile = given(arguments, PROFILE)
    folder = Path(project, "profiles")
    if profile in (None, "", "none"):
        return
    places = (Path(profile), Path("profiles", profile), folder / profile)
    if not any(path.exists() for path in places):
        names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        raise MinispiralError(
            f"{PROFILE} {profile} is no profile, here or in {folder}: {hint(profile, names)}"
        )


def given(arguments: Sequence[str], option: str) -> str | None:
    """The one value of a command's option, the last if it is given twice; None if it is not.

    What comes after the value are targets.
    """
    value = None
    for argument, after in zip(arguments, [*arguments[1:], ""], strict=False):
        name, equals, text = argument.partition("=")
        if _is_one_of(name, option):
            value = text if equals else after
    return value


def all_given(arguments: Sequence[str], *options: str) -> list[str]:
    """All values of a command's option, by any of its names: up to the next option."""
    values, taken = [], False
    for argument in arguments:
        name, equals, text = argument.partition("=")
        if argument.startswith("-"):
            asked = _is_one_of(name, *options)
            taken = asked and not equals
            values += [text] if asked and equals else []
        elif taken:
            values.append(argument)
    return values


def _is_one_of(name: str, *options: str) -> bool:
    """Whether an argument names one of the options, in full or as short as Snakemake takes it.

    What begins like two options, Snakemake refuses itself.
    """
    if name in options:
        return True
    return (
        name.startswith("--")
        and name not in ("--", *THEMSELVES)
        and any(option.startswith(name) for option in options)
    )


def hint(name: str, possible: Sequence[str]) -> str:
    """Ask whether the nearest of the possible names was meant, or name all."""
    near = difflib.get_close_matches(name, possible, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return "possible are " + ", ".join(possible) if possible else "give the path of one"


def no_target(name: str) -> str:
    """Say that a command's target is none: neither a rule nor a product."""
    if "/" in name or "." in name:
        return (
            f"nothing makes {name} with this configuration: compare its campaign, track and spw "
            "with the configuration, and the name of the file with docs/products.md"
        )
    return f"{name} is no target: {hint(name, TARGETS)}"
