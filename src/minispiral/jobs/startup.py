"""How a run of the workflow begins: the configuration with its messages, the lock, the record."""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, Protocol

from minispiral.config import Campaign, default_file, load, resolve
from minispiral.errors import MinispiralError
from minispiral.io.terminal import columns, say, wrapped
from minispiral.jobs import command, copied, lock, process, provenance

Path = str | os.PathLike[str]


class Checks(Protocol):
    """What `minispiral.checks.inputs` has, which stands on a higher floor than jobs."""

    def check_inputs(self, campaign: Campaign) -> None:
        """Raise a MinispiralError where something that it refers to is not there."""
        ...

    def remarks(self, campaign: Campaign) -> list[str]:
        """Say what is perhaps not what was meant."""
        ...


def load_campaign(
    project: Path,
    files: Sequence[Path],
    overrides: Mapping[str, Any],
    checks: Checks,
    display: logging.Logger | None,
    cores: int | None = None,
    at_once: int | None = None,
    given: Mapping[str, Any] | None = None,
) -> Campaign:
    """Read the configuration: the files given, else config.yaml here.

    Another workflow that uses this one as a module gives the configuration itself, and keeps its
    own ways with Ctrl-C: Snakemake does not run the `onstart` of a module, which calls `begin`.

    Snakemake's own `configfile:` would merge the demo's tracks into the user's. A run, which
    has a display, checks what the command and the configuration name, and shows remarks; a job,
    which has none, does not again. Mistakes end the process, with a line for each.
    """
    if display is not None and given is None:
        process.end_at_once_on_interrupt()
    try:
        if display is not None:
            command.check_command(sys.argv[1:], cores, at_once, project)
        if given is None:
            campaign = load(files or [default_file(project)], overrides)
        else:
            campaign = resolve(given)
        if display is not None:
            checks.check_inputs(campaign)
            for remark in checks.remarks(campaign):
                _note(remark)
            _restore_times(campaign)
            # the display of runs keeps their log there
            display.info(None, extra={"minispiral_logs": f"{campaign.folder}/logs"})
    except MinispiralError as error:
        _refuse(error)
    if display is not None or not provenance.is_remembered(campaign.folder):
        provenance.remember_configuration(campaign.folder, campaign.resolved)
    process.collect_garbage_seldom()
    process.parse_paths_once()
    process.remember_signatures()
    process.find_producers_once()
    return campaign


def _restore_times(campaign: Campaign) -> None:
    """Keep what `cp -r` has copied from being made anew."""
    try:
        restored = copied.restore_times(campaign.folder)
    except OSError as error:  # somebody else's results, to be looked at
        _note(f"{campaign.folder} was copied without the times of its files: {error}")
    else:
        if restored:
            _note(
                f"{campaign.folder} was copied without the times of its files, as cp -r does: "
                f"those of {restored} products are set back to when they were made (measurement "
                "sets that were copied along count as changed data; cp -a keeps all times)"
            )


def begin(campaign: Campaign) -> None:
    """Begin to run jobs: from here on Snakemake ends them, no other run starts, it is recorded."""
    process.leave_interrupts_to_snakemake()
    _hold_results(campaign)
    _record_command(campaign)


def _hold_results(campaign: Campaign) -> None:
    """Let no other run work on the campaign's folder as long as this one does."""
    try:
        if not lock.hold(campaign.folder):
            where = f"the file system of {campaign.folder} has no locks"
            _note(f"{where}: start no second run there")
    except MinispiralError as error:
        _refuse(error)


def _record_command(campaign: Campaign) -> None:
    """Add this command to the record that the report quotes."""
    try:
        provenance.record_command(f"{campaign.folder}/logs/{provenance.COMMANDS}", sys.argv)
    except OSError as error:  # a full disk: jobs will say so
        _note(f"no record of this command: {error}")


def _note(text: str) -> None:
    say(f"minispiral: note: {text}", sys.stderr)


def _refuse(error: MinispiralError) -> NoReturn:
    lines = (f"minispiral: {line}" for line in str(error).splitlines())
    sys.exit(wrapped("\n".join(lines), columns(sys.stderr)))
