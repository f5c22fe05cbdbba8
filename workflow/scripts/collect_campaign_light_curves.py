"""Collect the light curves of all tracks; tabulate the minispiral's flux and the gains."""

from minispiral.gains.tables import gain_summary
from minispiral.io import atomic
from minispiral.io.tables import read_table, write_table
from minispiral.jobs import log
from minispiral.light_curves.tables import collected, minispiral_flux_table
from minispiral.measures.stated import all_stated


def main(job) -> None:
    """Write the stacked table, the minispiral's flux, and how gains were found."""
    curves = [read_table(path) for path in job.input]
    for path, table in (
        (job.output.minispiral_flux, minispiral_flux_table(curves)),
        (job.output.gains, gain_summary(curves)),
        (job.output.light_curves, collected(curves, all_stated(job.params.stated))),
    ):
        with atomic.replacing(path) as part:
            write_table(part, table)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
