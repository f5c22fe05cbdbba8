"""Inspect a track's measurement set, or a later one of a night, by the spws of the first."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.comparison import weight_remarks
from minispiral.ms.executions import inspect_execution
from minispiral.ms.inspection import inspect, read_inspection, write_inspection


def main(job) -> None:
    """Write what the measurement set holds."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    params = job.params
    first = [read_inspection(path) for path in job.input.first]
    with casa.session(job.log[0]):
        if first:
            inspection = inspect_execution(
                ms, params.field, first[0], params.data_column, params.state
            )
        else:
            inspection = inspect(ms, params.field, params.spws, params.data_column, params.state)
    if inspection.field_name != params.field:
        log.announce(f"{ms}: the field at the track's phase centre is {inspection.field_name!r}")
    for remark in weight_remarks(inspection):
        log.announce(remark)
    with atomic.replacing(output) as part:
        write_inspection(part, inspection)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
