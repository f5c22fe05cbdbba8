"""What to say about a failed job: which, why, the end of its log, and what to do."""

import errno
import os
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from snakemake_logger_plugin_minispiral.jobs import Job, words

LAST_LINES = 10
TAIL_BYTES = 16384
OWN_LINE = "minispiral: "
#: As the system says it, in CASA's last words too.
NO_SPACE = os.strerror(errno.ENOSPC)
#: What executors for clusters put at the end of every message.
ELSEWHERE = (
    "For further error details see the cluster/cloud log and the log files of the involved rule(s)."
)
#: A command's end by a signal, as Python and as the shell report it.
_SIGNAL = re.compile(r"died with <Signals\.(\w+):|exit status (\d+)")
#: SLURM's line on a job's end: ``*** JOB 7 ON node1 CANCELLED AT ... DUE TO TIME LIMIT ***``.
_ENDED = re.compile(r"CANCELLED AT|oom|OUT_OF_MEMORY|TIMEOUT")
_SLURM = re.compile(r"^slurmstepd(?:-\S+)?: error: (.*(?:CANCELLED|FAILED|[Oo]om|KILLED).*)")
#: Snakemake's on files that a job needs and that were there when the run began.
_VANISHED = re.compile(
    r"\AWorkflowError in rule (\w+) .*\bMissing files after \d+ seconds", re.DOTALL
)
_MISSING = re.compile(r"^(.+) \(missing.*\)$", re.MULTILINE)
_PROGRESS = re.compile(
    r" INFO (?:[^\n]*: (?P<done>\d+) of (?P<total>\d+) (?P<unit>\w+), [\d:]+ elapsed"
    r"|(?P<step>step \d+ of \d+):)"
)


def tail(path: str | None, size: int = TAIL_BYTES) -> list[str]:
    """Lines at the end of a log, blank ones left out; none where it cannot be read."""
    if path is None:
        return []
    try:
        with Path(path).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - size))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    # a log may hold control characters, which the terminal is to be spared
    lines = (re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", " ", line) for line in text.split("\n"))
    return [line.rstrip().expandtabs(1) for line in lines if line.strip()]


def how_far(path: str | None) -> str:
    """How far a running job is, where its log says so: like ``12 of 54 blocks``."""
    for line in reversed(tail(path, 2048)):
        told = _PROGRESS.search(line)
        if told and told["step"]:
            return told["step"]
        if told and told["done"] != told["total"]:
            return f"{told['done']} of {told['total']} {told['unit']}"
        if told:
            return ""
    return ""


def signal_of(error: str) -> str | None:
    """Name of the signal that ended a command, from Snakemake's message."""
    end = _SIGNAL.search(error)
    if end is None:
        return None
    if end[1]:
        return end[1]
    number = int(end[2]) - 128  # a shell's status for a command that a signal ended
    return signal.Signals(number).name if number in list(signal.Signals) else None


def vanished(error: str) -> str | None:
    """Which files a job could not find any more, and what to do; None if that is not the error."""
    lost = _VANISHED.search(error)
    if not lost:
        return None
    return (
        f"{words(lost[1])}: cannot find {', '.join(_MISSING.findall(error))} any more: put back "
        "what was moved away; on a slow shared disk, raise --latency-wait"
    )


def own_message(job: Job) -> str | None:
    """The message that a job left at the end of its log, without the job's name; None without."""
    lines = tail(job.log)
    if not lines or not lines[-1].startswith(OWN_LINE):
        return None
    return lines[-1].removeprefix(OWN_LINE).removeprefix(beginning(job))


def is_stopped(job: Job, error: str, by_user: bool) -> bool:
    """Whether a job that ended early was stopped, as by Ctrl-C, and has not failed.

    Ctrl-C reaches the jobs by themselves, perhaps before Snakemake says that it stops them.

    Parameters
    ----------
    job : with its log; a job that could say why it failed has failed, even while a run is stopped
    error : Snakemake's message
    by_user : whether the run is being stopped
    """
    return own_message(job) is None and (by_user or signal_of(error) == "SIGINT")


def beginning(job: Job) -> str:
    """The beginning of a job's lines, as `minispiral.jobs.log` names the job."""
    return ", ".join([job.rule, *(f"{k} {v}" for k, v in job.wildcards.items())]) + ": "


def stopped_at(jobs: Mapping[int, Job]) -> int | None:
    """Which of a group's jobs failed: they run in turn, so that of the youngest log."""
    ages = {}
    for number, job in jobs.items():
        if job.log is not None:
            with suppress(OSError):
                ages[number] = os.stat(job.log).st_mtime
    return max(ages, key=ages.__getitem__, default=next(iter(jobs), None))


def ending(path: str | None) -> str:
    """What SLURM says about a job's end, in SLURM's log of the job; empty if nothing."""
    for line in reversed(tail(path)):
        end = _SLURM.search(line)
        if end:
            return end[1].strip("* ")
    return ""


def reason(job: Job, error: str = "") -> str:
    """Why a job failed and what to do, in one line.

    Parameters
    ----------
    job : with its log, whose last line is the job's own message if it could leave one
    error : Snakemake's message
    """
    message = own_message(job)
    if message is not None:
        return message
    if any(NO_SPACE in line for line in tail(job.log)):
        return f"{NO_SPACE}: make space, and give the same command again"
    name = signal_of(error)
    if name == "SIGKILL":
        asked = f"; it asked for {job.memory_mb} MB" if job.memory_mb else ""
        return (
            "killed (SIGKILL) without a message of its own, most likely as memory ran out: run "
            f"fewer jobs at a time (--cores 1), or use a machine with more memory{asked}"
        )
    if name in ("SIGTERM", "SIGINT", "SIGHUP"):
        return f"ended from outside ({name}) before it was done: run it again"
    if name is not None:
        return f"crashed ({name}) without a message of its own: run it again; its log may say more"
    if _ENDED.search(error):
        return f"{error}: if it needs more than it asked for, see docs/cluster.md"
    if error and "CalledProcessError" not in error:
        return " ".join(error.split())
    return "ended without a message of its own: its log may say more"


def description(job: Job, error: str = "") -> list[str]:
    """Lines on a failed job: its name, the reason, and the end of its log."""
    lines = [job.name, f"  {reason(job, error)}"]
    if job.log is None:
        return lines
    last = tail(job.log)
    if own_message(job) is not None:
        last.pop()  # it is the reason
    if not last:
        return [*lines, f"  its log says nothing else: {job.log}"]
    lines.append(f"  the end of its log, {job.log}:")
    return [*lines, *(f"    {line}" for line in last[-LAST_LINES:])]
