"""Measure rotation measure, spectral index and depolarisation over a track's spws."""

from minispiral import atomic, joblog
from minispiral.products import polarimetry_table, read_table, write_table


def main(job) -> None:
    """Write the table of polarimetry."""
    fits = [read_table(path) for path in job.input.fits]
    light_curves = [read_table(path) for path in job.input.light_curves]
    with atomic.replacing(job.output[0]) as part:
        write_table(part, polarimetry_table(fits, light_curves))


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
