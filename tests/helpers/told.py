"""What Snakemake would tell the display of runs, for its tests."""

import io
import logging
from pathlib import Path
from types import SimpleNamespace

from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_minispiral import LogHandler
from snakemake_logger_plugin_minispiral.display import PlainDisplay
from snakemake_logger_plugin_minispiral.jobs import Job, Run

FIT = {"track": "a", "iteration": "0", "spw": "1"}
MESSAGE = "minispiral: fit_visibilities, track a, iteration 0, spw 1: no fit: leave the spw out"


def job(rule="fit_visibilities", wildcards=FIT, log=None, memory=900, started=0.0) -> Job:
    return Job(rule, wildcards, None if log is None else str(log), memory, started)


def run_of(**total: int) -> Run:
    return Run(total, cores=2, started=0.0)


SETTINGS = {
    "printshellcmds": False,
    "nocolor": False,
    "quiet": None,
    "debug_dag": False,
    "verbose": False,
    "show_failed_logs": False,
    "stdout": False,
    "dryrun": False,
}


class Told:
    """A handler whose lines are kept, and the events that Snakemake would send."""

    def __init__(self, folder: Path) -> None:
        self.handler = LogHandler(SimpleNamespace(**SETTINGS), None)
        self.handler.clock = lambda: self.now
        self.now, self.folder, self.stream = 100.0, folder, io.StringIO()
        self.send(minispiral_logs=str(folder / "logs"))
        self.send(LogEvent.WORKFLOW_STARTED, cmd="snakemake --cores 2")
        self.send(LogEvent.RESOURCES_INFO, cores=2)

    def send(self, event=None, msg=None, level=logging.INFO, **fields) -> None:
        record = logging.makeLogRecord({"msg": msg, "levelno": level, "event": event, **fields})
        self.handler.emit(record)

    def begin(self, monkeypatch, **stats: int) -> None:
        monkeypatch.setattr(
            "snakemake_logger_plugin_minispiral.PlainDisplay",
            lambda _: PlainDisplay(self.stream),
        )
        self.send(LogEvent.RUN_INFO, stats={**stats, "total": sum(stats.values())})

    def start(self, number: int, wildcards=FIT, rule="fit_visibilities", output=()) -> None:
        self.send(
            LogEvent.JOB_INFO,
            jobid=number,
            rule_name=rule,
            wildcards=wildcards,
            output=list(output),
            log=[str(self.folder / f"{number}.log")],
            resources=SimpleNamespace(mem_mb=900),
        )

    def fail(self, number: int, status: int, message: str = "") -> None:
        (self.folder / f"{number}.log").write_text(f"before\n{message}\n")
        error = f"RuleException:\nCalledProcessError in x.smk:\nx.py returned exit status {status}."
        self.send(LogEvent.ERROR, error, logging.ERROR, exception="RuleException")
        self.send(LogEvent.JOB_ERROR, "Error in rule", logging.ERROR, jobid=number)

    def close(self) -> list[str]:
        for noise in (
            "Shutting down, this might take some time.",
            "Exiting because a job execution failed. Look above for error messages",
            "Complete log(s): /x",
        ):
            self.send(msg=noise)
        failed = "WorkflowError:\nAt least one job did not complete successfully."
        self.send(LogEvent.ERROR, failed, logging.ERROR)
        self.handler.close()
        self.handler.close()
        return self.stream.getvalue().splitlines()
