"""Measure what one spw's light curve lacks against the power law through the track's others."""

import logging

from minispiral import atomic, joblog
from minispiral.elevation import elevation
from minispiral.light_curve import scaled_light_curve
from minispiral.measurement_set import read_inspection
from minispiral.plots import plot_absorption, save
from minispiral.products import absorption_table, columns, read_table, write_table


def main(job) -> None:
    """Write the table of absorption, and its picture."""
    files = job.input
    track, spw = job.wildcards.track, int(job.wildcards.spw)
    (limits,) = job.params.limits
    own = scaled_light_curve(files.fit, files.reference, files.gains, limits, track, spw)
    spws = zip(files.other_fits, files.other_references, job.params.other_spws, strict=True)
    others = [
        scaled_light_curve(fit, reference, files.gains, limits, track, other)
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
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
