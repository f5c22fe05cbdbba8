"""Tabulate the minispiral's flux: reference, and each track's median and scatter."""

from minispiral import atomic, joblog
from minispiral.products import minispiral_flux_table, read_table, write_table


def main(job) -> None:
    """Write the table."""
    with atomic.replacing(job.output[0]) as part:
        write_table(part, minispiral_flux_table([read_table(path) for path in job.input]))


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
