"""Inspect a track's measurement set and check that the workflow can use it."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.comparison import weight_remarks
from minispiral.ms.inspection import inspect, write_inspection


def main(job) -> None:
    """Write what the measurement set holds."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    params = job.params
    with casa.session(job.log[0]):
        inspection = inspect(ms, params.field, params.spws, params.data_column, params.state)
    for remark in weight_remarks(inspection):
        log.announce(remark)
    with atomic.replacing(output) as part:
        write_inspection(part, inspection)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
