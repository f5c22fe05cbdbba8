"""Inspect line data that are to get a target's solutions."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import inspect_target, write_inspection


def main(job) -> None:
    """Write what the measurement set holds."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    line = job.params.line
    with casa.session(job.log[0]):
        inspection = inspect_target(ms, line["field"], None, line["data_column"], line["state"])
    with atomic.replacing(output) as part:
        write_inspection(part, inspection)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
