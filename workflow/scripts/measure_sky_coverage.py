"""Measure what determines the grid of the sky: frequencies, dishes and longest baselines."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection
from minispiral.sky.coverage import measure_coverage, write_coverage


def main(job) -> None:
    """Write the track's coverage."""
    inspection = read_inspection(job.input.inspection)
    with casa.session(job.log[0]):
        coverage = measure_coverage(job.absolute_input.splits, inspection)
    with atomic.replacing(job.output[0]) as part:
        write_coverage(part, coverage)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
