"""How a run went, in its last lines: failures, jobs done, and where to look."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from minispiral.io.progress import duration
from minispiral.io.terminal import shown
from snakemake_logger_plugin_minispiral.failures import description, is_stopped, vanished
from snakemake_logger_plugin_minispiral.jobs import Run

ONWARD = "The same command continues from there, and keeps all finished jobs."
REPORT = "report.html"
Line = tuple[str, str]  # with its style


@dataclass(frozen=True)
class Ended:
    """A run that has ended at the time `now`, s of the run's clock.

    Attributes
    ----------
    stopped : whether its user has stopped it
    errors : Snakemake's messages that belong to no job
    failures : Snakemake's message for each failed job, by the job's number
    journal : path of the run's log, if it has one
    """

    run: Run
    now: float
    stopped: bool
    errors: Sequence[str]
    failures: Mapping[int, str]
    journal: str | None


def summary(ended: Ended) -> Iterator[Line]:
    """Yield how the run went, line by line; the path of the report comes last."""
    run = ended.run
    gone = {text: message for text in ended.errors if (message := vanished(text))}
    yield from ((text, "") for text in ended.errors if text not in gone)
    yield from ((f"FAILED: {message}", "bold red") for message in gone.values())
    failed = {
        number: (job, ended.failures.get(number, ""))
        for number, job in run.failed.items()
        if not is_stopped(job, "", by_user=ended.stopped)
    }
    for job, error in failed.values():
        first, *rest = description(job, error)
        yield from [("", ""), (f"FAILED: {first}", "bold red"), *((line, "") for line in rest)]
    yield from _outcome(ended, len(failed) + len(gone))
    yield from _places(ended)


def _outcome(ended: Ended, failures: int) -> Iterator[Line]:
    """How many jobs are done, and what the user does next."""
    run = ended.run
    done = f"done: {run.jobs_done} of {run.jobs} jobs."
    if ended.stopped or (not failures and run.jobs_done < run.jobs):
        yield f"Stopped; {done} {ONWARD}", "bold"
    elif failures:
        yield "", ""
        yield f"Failed: {failures}, {done} Remove the cause of each failure. {ONWARD}", "bold"
    else:
        jobs = "The one job is" if run.jobs == 1 else f"All {run.jobs} jobs are"
        yield f"{jobs} done, in {duration(ended.now - run.started)}.", "bold green"


def _places(ended: Ended) -> Iterator[Line]:
    """Where to look: the campaign's pages that this run has made, and its log."""
    pages = [path for path in ended.run.pages if _is_of_campaign(path, ended.journal)]
    pages.sort(key=lambda path: Path(path).name == REPORT)
    lines = [f"{Path(path).stem.capitalize()}: {shown(path)}" for path in pages]
    if ended.journal is not None:
        log = f"Log of this run: {shown(ended.journal)}"
        has_report = any(Path(path).name == REPORT for path in pages)
        lines.insert(len(lines) - has_report, log)
    yield from ((line, "") for line in lines)


def _is_of_campaign(page: str, journal: str | None) -> bool:
    """Whether a page is the whole campaign's, not one of its tracks'."""
    # CAMPAIGN/logs/runs/TIME.txt
    return journal is None or Path(page).resolve().parent == Path(journal).resolve().parents[2]
