"""Check how far a target's data may be averaged in frequency and time."""

import logging
from dataclasses import asdict

from astropy.table import Table

from minispiral import casa
from minispiral.columns.campaign import AVERAGING
from minispiral.columns.column import described
from minispiral.imaging.averaging import averaging_of
from minispiral.imaging.clean import choose_cell
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the losses, and the widest averaging under the limit."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    inspection = read_inspection(job.input.inspection)
    image, limit = job.params.settings["image"], job.params.settings["max_smearing"]
    radius = choose_cell(image, inspection) * image["imsize"] / 2
    with casa.session(job.log[0]):
        spws = [window.spw for window in inspection.spws]
        check = averaging_of(ms, spws, inspection, radius, limit)
    logging.info(
        "averaging of %d channels and %d integrations keeps each loss under %g",
        check.channels,
        check.integrations,
        limit,
    )
    with atomic.replacing(output) as part:
        table = described(Table(rows=[asdict(check)]), AVERAGING)
        write_product(part, table, AVERAGING, origin_of(part))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
