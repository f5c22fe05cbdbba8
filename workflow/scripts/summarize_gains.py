"""Tabulate how the gains of each track and spw were found."""

from minispiral import atomic, joblog
from minispiral.gain_products import gain_summary
from minispiral.products import read_table, write_table


def main(job) -> None:
    """Write the table."""
    table = gain_summary([read_table(path) for path in job.input])
    with atomic.replacing(job.output[0]) as part:
        write_table(part, table)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
