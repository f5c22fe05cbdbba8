"""Check that the tracks' inputs fit each other, and tabulate them."""

from minispiral.io import atomic
from minispiral.io.tables import write_table
from minispiral.jobs import log
from minispiral.ms.comparison import check_channels, compare, inputs_table
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the table of inputs."""
    inspections = {
        track: read_inspection(path)
        for track, path in zip(job.params.flag_channels, job.input, strict=True)
    }
    compare(inspections)
    check_channels(inspections, job.params.flag_channels)
    with atomic.replacing(job.output[0]) as part:
        write_table(part, inputs_table(inspections))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
