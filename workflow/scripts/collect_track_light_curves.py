"""Collect a track's light curves and their covariance, and write each curve in the memo's form."""

from minispiral.columns.gains import COVARIANCE
from minispiral.columns.light_curves import LIGHT_CURVES
from minispiral.gains.covariance_table import covariance_table
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.light_curves.tables import collected, with_times, write_ascii_light_curve
from minispiral.measures.stated import all_stated
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the stacked table, its covariance, and good integrations as text."""
    curves = [read_table(path) for path in job.input.light_curves]
    seen = read_inspection(job.input.inspection)
    place = seen.direction_deg, seen.position_m
    for path, curve in zip(job.output.memo, curves, strict=True):
        with atomic.replacing(path) as part:
            write_ascii_light_curve(part, curve)
    with atomic.replacing(job.output.table) as part:
        table = collected(curves, all_stated(job.params.stated))
        table = with_times(table, {job.wildcards.track: place})
        write_product(part, table, LIGHT_CURVES, origin_of(part))
    with atomic.replacing(job.output.covariance) as part:
        table = covariance_table(curves, read_table(job.input.gains))
        write_product(part, table, COVARIANCE, origin_of(part))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
