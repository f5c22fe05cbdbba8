"""Export a track's fits as the memo's .fit file."""

from minispiral import atomic, joblog
from minispiral.fit_file import write_fit_file
from minispiral.products import read_table


def main(job) -> None:
    """Write the .fit file."""
    fits = [read_table(path) for path in job.input.fits]
    light_curves = [read_table(path) for path in job.input.light_curves]
    with atomic.replacing(job.output[0]) as part:
        write_fit_file(part, fits, light_curves)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
