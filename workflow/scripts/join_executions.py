"""Join one spw of all executions of a night."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.executions import check_intervals
from minispiral.ms.nights import has_rows, interval_of, join_executions


def main(job) -> None:
    """Write the night's split measurement set."""
    parts = job.absolute_input.parts
    with atomic.replacing(job.absolute_output[0]) as part, casa.session(job.log[0]):
        spw = int(job.wildcards.spw)
        filled = [place for place, ms in enumerate(parts) if has_rows(ms)]
        check_intervals(
            [job.params.sets[place] for place in filled],
            [{spw: interval_of(parts[place])} for place in filled],
        )
        join_executions(parts, part)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
