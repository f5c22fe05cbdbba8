"""Bin a track's light curves in time, with errors by their covariance."""

from minispiral.columns.light_curves import BINS
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.light_curves.binning import bin_light_curves


def main(job) -> None:
    """Write the table of bins."""
    curves, covariance = (
        read_table(path) for path in (job.input.light_curves, job.input.covariance)
    )
    binned = bin_light_curves(curves, covariance, float(job.wildcards.seconds))
    with atomic.replacing(job.output[0]) as part:
        write_product(part, binned, BINS, origin_of(part))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
