"""Check that a night's executions fit each other, and say what they hold together."""

from minispiral.columns.campaign import EXECUTIONS
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.ms.comparison import executions_table
from minispiral.ms.executions import check_night, together, what_is_missing
from minispiral.ms.inspection import read_inspection, write_inspection


def main(job) -> None:
    """Write the inspection of the night, and the table of its executions."""
    sets, output = job.params.sets, job.absolute_output
    inspections = [read_inspection(path) for path in job.input]
    check_night(sets, inspections)
    night = together(inspections)
    for ms, inspection in zip(sets, inspections, strict=True):
        for remark in what_is_missing(night, inspection):
            log.announce(f"{ms}: {remark}")
    with atomic.replacing(output.executions) as part:
        write_product(part, executions_table(sets, inspections), EXECUTIONS, origin_of(part))
    with atomic.replacing(output.inspection) as part:
        write_inspection(part, night)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
