"""Join one spw of all executions of a night."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.executions import check_intervals
from minispiral.ms.nights import interval_of, join_executions


def main(job) -> None:
    """Write the night's split measurement set."""
    parts = job.absolute_input.parts
    with atomic.replacing(job.absolute_output[0]) as part, casa.session(job.log[0]):
        spw = int(job.wildcards.spw)
        check_intervals(job.params.sets, [{spw: interval_of(part)} for part in parts])
        join_executions(parts, part)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
