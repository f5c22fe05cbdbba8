"""List a track's flagged integrations as commands for CASA's flagdata."""

from minispiral import atomic, joblog
from minispiral.products import read_table
from minispiral.user_flags import write_flagdata_commands


def main(job) -> None:
    """Write the list."""
    curves = read_table(job.input[0])
    with atomic.replacing(job.output[0]) as part:
        write_flagdata_commands(part, curves, curves.meta["interval_s"])


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
