"""Measure one spw's absorption: its light curve over the power law through the other spws."""

import logging

from minispiral.io import atomic
from minispiral.io.tables import columns, read_table, write_table
from minispiral.jobs import log
from minispiral.light_curves.reading import scaled_light_curve
from minispiral.light_curves.tables import absorption_table
from minispiral.measures.elevation import elevation
from minispiral.ms.inspection import read_inspection
from minispiral.plots.style import save
from minispiral.plots.track import plot_absorption


def main(job) -> None:
    """Write the table of absorption, and its picture."""
    files = job.input
    track, spw = job.wildcards.track, int(job.wildcards.spw)
    (limits,) = job.params.limits
    gains = read_table(files.gains)
    own = scaled_light_curve(files.fit, files.reference, gains, limits, track, spw)
    spws = zip(files.other_fits, files.other_references, job.params.other_spws, strict=True)
    others = [
        scaled_light_curve(fit, reference, gains, limits, track, other)
        for fit, reference, other in spws
    ]
    inspection = read_inspection(job.input.inspection)
    above = elevation(
        columns(read_table(files.fit))["time"], inspection.direction_deg, inspection.position_m
    )
    table = absorption_table(own, others, above)
    logging.info(
        "polynomial of order %d, cross-validation scores %s",
        table.meta["order"],
        table.meta["cross_validation"],
    )
    with atomic.replacing(job.output.table) as part:
        write_table(part, table)
    save(plot_absorption(table, f"{track}, spw {spw}"), job.output.picture)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
