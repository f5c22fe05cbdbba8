"""Collect light curves of several spws or tracks in one table."""

from minispiral import atomic, joblog
from minispiral.products import read_table, stack, write_table


def main(job) -> None:
    """Write the stacked table."""
    with atomic.replacing(job.output[0]) as part:
        write_table(part, stack([read_table(path) for path in job.input]))


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
