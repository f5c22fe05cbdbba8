"""How a run of the workflow is shown: a logger of Snakemake's, by the name of minispiral.

On a terminal there are bars of the stages at work and of all jobs, with the time that is left;
elsewhere a line for each job's start and end. All these lines go to a log of the run as well. After
a failure stands what failed, why, and what to do. Dry runs and whatever is asked for by --quiet,
--verbose and the like look as they do in Snakemake.
"""

import os
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from logging import ERROR, WARNING, LogRecord
from pathlib import Path
from typing import Any, TextIO, cast

from snakemake.logging import ColorizingTextHandler
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from minispiral.io.progress import duration
from minispiral.io.terminal import say, shown
from minispiral.jobs.process import ignore_interrupts
from snakemake_logger_plugin_minispiral.display import PlainDisplay, TerminalDisplay, times
from snakemake_logger_plugin_minispiral.earlier import seconds_of_rules
from snakemake_logger_plugin_minispiral.failures import (
    ELSEWHERE,
    NO_SPACE,
    OWN_LINE,
    beginning,
    ending,
    is_stopped,
    own_message,
    signal_of,
    stopped_at,
)
from snakemake_logger_plugin_minispiral.jobs import Job, Run, words
from snakemake_logger_plugin_minispiral.mistakes import in_a_line
from snakemake_logger_plugin_minispiral.relay import Relay
from snakemake_logger_plugin_minispiral.summary import Ended, summary

#: Beginnings of Snakemake's messages that say nothing to a user, or what is said here otherwise.
NOISE = (
    "Assuming unrestricted shared filesystem",
    "Building DAG of jobs",
    "Using shell",
    "Select jobs to execute",
    "Shutting down",
    "Exiting because a job execution failed",
    "Removing output files of failed job",
    "WorkflowError:\nAt least one job did not complete successfully",
    "Complete log",
    "Elapsed time",
    "Trying to restart",
    "None",
    "Removing temporary output",
    # of the executor for SLURM, which also guesses an account for every job
    "Cleaning up SLURM log files",
    "No SLURM account given",
    "No account was given",
    "Unable to guess SLURM account",
)

#: What the executor for SLURM says about each job or group that it has submitted.
SUBMITTED = re.compile(
    r"Job \S+ has been submitted with SLURM jobid (?P<number>\S+) \(log: (?P<log>.*)\)"
)

RUNS = "runs"  # folder of the logs of runs, within that for logs
JOURNAL = "{:%Y-%m-%dT%H-%M-%S}.txt"  # name of a run's log


Display = PlainDisplay | TerminalDisplay


class Event(LogRecord):
    """A record of Snakemake's: it has the attributes of its event, and only these."""

    minispiral_logs: str
    stats: Mapping[str, int]
    resources: Any
    rule_name: str
    wildcards: Mapping[str, str] | None
    log: Sequence[str]
    output: Sequence[str]
    jobid: int
    job_id: int
    job_error_info: Sequence[Mapping[str, Any]]
    aux_logs: Sequence[str]


class LogHandler(LogHandlerBase):
    """Turn Snakemake's events into what its user is to see."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Begin without a run: messages before a run are shown as they are."""
        self.clock: Callable[[], float] = time.monotonic
        self.run: Run | None = None
        self.display: Display | None = None
        self.cores = 1
        self.on_cluster = False
        self.command = ""
        self.stopped = False  # by the user
        self.logs: Path | None = None  # the folder for logs, which the workflow names
        self.errors: list[str] = []  # of commands, until it is known which jobs they were
        self.failures: dict[int, str] = {}  # Snakemake's message for each failed job
        self._no_space: list[str] = []  # remarks of jobs about a full disk, which takes no log
        self._traceback: list[str] = []  # of jobs that end before they have a log, until the end
        self._telling = threading.Lock()  # events and what jobs print come by different threads
        self._stream: TextIO | None = None
        self._journal: TextIO | None = None
        self._relay: Relay | None = None
        self._default: ColorizingTextHandler | None = None

    def emit(self, record: LogRecord) -> None:
        """Handle one event or message."""
        event = cast(Event, record)
        try:
            mistake = None if self.run else in_a_line(record.getMessage())
            if mistake is not None:
                self._tell(f"{OWN_LINE}{mistake}", style="red", stamped=False)
            elif self._as_snakemake():
                self._emit_as_snakemake(record)
            elif hasattr(record, "minispiral_logs"):
                self.logs = Path(event.minispiral_logs).resolve()
            else:
                kind: Any = getattr(record, "event", None)
                self._handlers().get(kind, self._message)(event)
        except Exception:
            self.handleError(record)

    def _as_snakemake(self) -> bool:
        asked = self.common_settings
        return bool(
            asked.dryrun or asked.quiet or asked.verbose or asked.debug_dag or asked.printshellcmds
        )

    def _emit_as_snakemake(self, record: LogRecord) -> None:
        if self._default is None:
            self._default = ColorizingTextHandler(
                nocolor=self.common_settings.nocolor,
                stream=sys.stdout if self.common_settings.stdout else sys.stderr,
                formatter=self.formatter,
            )
        self._default.emit(record)

    def _handlers(self) -> dict[LogEvent, Callable[[Event], None]]:
        def ignore(_: Event) -> None:
            pass

        return {
            LogEvent.WORKFLOW_STARTED: self._workflow_started,
            LogEvent.RESOURCES_INFO: self._resources,
            LogEvent.RUN_INFO: self._run_info,
            LogEvent.JOB_INFO: self._job_info,
            LogEvent.JOB_FINISHED: self._job_finished,
            LogEvent.JOB_ERROR: self._job_error,
            LogEvent.GROUP_ERROR: self._group_error,
            LogEvent.ERROR: self._error,
            **dict.fromkeys(
                (
                    LogEvent.JOB_STARTED,
                    LogEvent.GROUP_INFO,
                    LogEvent.SHELLCMD,
                    LogEvent.PROGRESS,
                    LogEvent.RULEGRAPH,
                ),
                ignore,
            ),
        }

    def _under_way(self) -> tuple[Run, Display]:
        """The run and its display, which exist before any event of a job."""
        if self.run is None or self.display is None:
            raise RuntimeError("Snakemake announced a job before its run")
        return self.run, self.display

    # events

    def _workflow_started(self, record: Event) -> None:
        self.command = getattr(record, "cmd", "")

    def _resources(self, record: Event) -> None:
        self.cores = getattr(record, "cores", None) or self.cores
        if getattr(record, "nodes", None):  # set where jobs are submitted to other machines
            self.on_cluster, self.cores = True, sys.maxsize

    def _run_info(self, record: Event) -> None:
        total = {rule: n for rule, n in record.stats.items() if rule != "total" and n}
        earlier = seconds_of_rules(self.logs / RUNS) if self.logs else {}
        run = self.run = Run(total, self.cores, self.clock(), earlier=earlier)
        self._begin(run)
        at_once = f", {self.cores} at a time" if self.cores > 1 else ""
        if self.on_cluster:
            at_once = " on the cluster"
        jobs = "1 job" if run.jobs == 1 else f"{run.jobs} jobs"
        self._tell(f"{jobs} to do{at_once}")

    def _job_info(self, record: Event) -> None:
        run, display = self._under_way()
        memory = getattr(record.resources, "mem_mb", None)
        job = Job(
            rule=record.rule_name,
            wildcards=dict(record.wildcards or {}),
            log=record.log[0] if record.log else None,
            memory_mb=memory if isinstance(memory, int) else None,
            started=self.clock(),
            makes=tuple(getattr(record, "output", None) or ()),
        )
        self.failures.pop(record.jobid, None)
        run.start(record.jobid, job)
        if not job.is_target:
            submitted = self.on_cluster and not getattr(record, "local", False)
            state = "submitted" if submitted else "started  "
            self._tell(f"{state} {job.name}", display.tells_all)

    def _job_finished(self, record: Event) -> None:
        now = self.clock()
        run, display = self._under_way()
        job = run.finish(record.job_id, now)
        if job is None:
            return
        took = duration(now - job.started)
        far = f"{run.jobs_done} of {run.jobs} jobs done, {times(run, now)}"
        if job.is_target:
            return
        self._tell(f"finished  {job.name} in {took}; {far}", display.tells_all)
        whole = run.done[job.rule] == run.total.get(job.rule)
        if whole and not display.tells_all:
            display.say(f"done: {words(job.rule)} ({run.done[job.rule]})", "dim")

    def _job_error(self, record: Event) -> None:
        message = (getattr(record, "rule_msg", None) or "").removesuffix(ELSEWHERE)
        self._failed(record.jobid, message)

    def _group_error(self, record: Event) -> None:
        """Tell which of a group's jobs failed; the others were done before or never begun."""
        run, _ = self._under_way()
        numbers = {info["jobid"] for info in record.job_error_info}
        jobs = {n: job for n, job in run.running.items() if n in numbers}
        culprit = stopped_at(jobs)
        for number in jobs.keys() - {culprit}:
            del run.running[number]
        if culprit is not None:
            self._failed(culprit, ending(next(iter(record.aux_logs), None)))

    def _failed(self, number: int, message: str) -> None:
        """Take note of a job that failed, with Snakemake's message about it."""
        run, _ = self._under_way()
        job = run.fail(number)
        if job is None:
            return
        error = message or self._error_of(job)
        told = [line for line in self._no_space if line.startswith(beginning(job))]
        self.failures[number] = told[-1].removeprefix(beginning(job)) if told else error
        if is_stopped(job, error, self.stopped):
            self._tell(f"stopped   {job.name}")
        else:
            self._tell(f"failed    {job.name}", style="red")

    def _error(self, record: Event) -> None:
        if self.run is not None and not record.getMessage().startswith("WorkflowError:\nAt least"):
            self.errors.append(record.getMessage())
        else:
            self._message(record)

    def _message(self, record: Event) -> None:
        text = record.getMessage()
        if text.startswith("Terminating processes on user request"):
            self.stopped = True
            ignore_interrupts()  # once is enough
        submitted = SUBMITTED.match(text)
        if submitted and self.display is not None:
            self._tell(f"SLURM job {submitted['number']}, log {shown(submitted['log'])}", False)
            return
        if text.strip() and not text.startswith(NOISE):
            style = {WARNING: "yellow", ERROR: "red"}.get(record.levelno, "")
            self._tell(text, style=style, stamped=False)

    def _error_of(self, job: Job) -> str:
        """Take Snakemake's message on a job, which names the script but not the job."""
        if not self.errors:
            return ""
        silent = own_message(job) is None  # as a job is that a signal ended
        likely = max(self.errors, key=lambda e: (job.rule in e, bool(signal_of(e)) == silent))
        self.errors.remove(likely)
        return likely

    # what is seen

    def _begin(self, run: Run) -> None:
        """Open the display and the run's log, and take over what jobs print."""
        # of the handler's own, as what is written to the usual one will be relayed to here
        self._stream = stream = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="replace")
        terminal = stream.isatty() and os.environ.get("TERM") not in (None, "", "dumb")
        color = not self.common_settings.nocolor
        display = TerminalDisplay(stream, color) if terminal else PlainDisplay(stream)
        self.display = display
        self._open_journal(display)
        descriptors = [2, 1] if terminal and os.isatty(1) else [2]
        self._relay = Relay(descriptors, self._relayed)
        display.begin(run)

    def _relayed(self, line: str) -> None:
        """Tell what a job prints; a traceback, which Ctrl-C gives a job that just begins, later."""
        if line.startswith(OWN_LINE) and NO_SPACE in line:
            self._no_space.append(line.removeprefix(OWN_LINE))
        traceback = self._traceback or line.startswith("Traceback (most recent call last)")
        if traceback and not line.startswith(OWN_LINE):
            self._traceback.append(line)
        else:
            self._tell(line, stamped=False)

    def _open_journal(self, display: Display) -> None:
        if self.logs is None:
            return
        path = self.logs / RUNS / JOURNAL.format(datetime.now())
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._journal = path.open("a", encoding="utf-8")
        except OSError as error:
            display.say(f"minispiral: note: no log of the run: {error}")
        else:
            self._note(self.command)

    def _tell(self, text: str, shown: bool = True, style: str = "", stamped: bool = True) -> None:
        """Write a line to the run's log, and show it."""
        now = datetime.now()
        line = f"{now:%H:%M:%S}  {text}" if stamped else text
        with self._telling:
            self._note(f"{now:%Y-%m-%d %H:%M:%S}  {text}")
            if self.display is None:
                say(line, sys.stderr)
            elif shown:
                self.display.say(line, style)

    def _note(self, line: str) -> None:
        """Write a line to the run's log, as long as that can be written."""
        if self._journal is not None:
            try:
                print(line, file=self._journal, flush=True)
            except OSError:  # a full disk
                with suppress(OSError):
                    self._journal.close()
                self._journal = None

    def close(self) -> None:
        """End the run: say how it went. Snakemake and Python may both call this."""
        run, self.run = self.run, None
        if run is not None:
            if self._relay is not None:
                self._relay.close()
            if self.display is not None:
                self.display.end()
            for line in [] if self.stopped else self._traceback:
                self._tell(line, stamped=False)
            journal = None if self._journal is None else self._journal.name
            ended = Ended(run, self.clock(), self.stopped, self.errors, self.failures, journal)
            for line, style in summary(ended):
                self._tell(line, style=style, stamped=False)
            for file in filter(None, (self._journal, self._stream)):
                file.close()
            self.display = self._journal = self._stream = None
        super().close()
