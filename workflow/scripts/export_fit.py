"""Export a track's fits as the memo's .fit file."""

from minispiral.fit.memo_file import write_fit_file
from minispiral.io import atomic
from minispiral.io.tables import read_table
from minispiral.jobs import log


def main(job) -> None:
    """Write the .fit file."""
    fits = [read_table(path) for path in job.input.fits]
    light_curves = [read_table(path) for path in job.input.light_curves]
    with atomic.replacing(job.output[0]) as part:
        write_fit_file(part, fits, light_curves)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
