"""List a track's flagged integrations as commands for CASA's flagdata."""

from minispiral.io import atomic
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.light_curves.user_flags import write_flagdata_commands


def main(job) -> None:
    """Write the list."""
    curves = read_table(job.input[0])
    with atomic.replacing(job.output[0]) as part:
        write_flagdata_commands(part, curves, curves.meta["interval_s"])


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
