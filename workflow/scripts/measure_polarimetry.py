"""Measure rotation measure, spectral index and depolarisation over a track's spws."""

from minispiral.columns.light_curves import POLARIMETRY
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.light_curves.tables import polarimetry_table, unmatched


def main(job) -> None:
    """Write the table of polarimetry."""
    fits = [read_table(path) for path in job.input.fits]
    light_curves = [read_table(path) for path in job.input.light_curves]
    table = polarimetry_table(fits, light_curves)
    with atomic.replacing(job.output[0]) as part:
        write_product(part, table, POLARIMETRY, origin_of(part))
    for spw, text in unmatched(table).items():
        log.announce(f"spw {spw}: {text}")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
