"""Collect a track's light curves and their covariance, and write each curve in the memo's form."""

from minispiral.gains.covariance_table import covariance_table
from minispiral.io import atomic
from minispiral.io.tables import read_table, write_table
from minispiral.jobs import log
from minispiral.light_curves.tables import collected, write_ascii_light_curve
from minispiral.measures.stated import all_stated


def main(job) -> None:
    """Write the stacked table, its covariance, and good integrations as text."""
    curves = [read_table(path) for path in job.input.light_curves]
    for path, curve in zip(job.output.memo, curves, strict=True):
        with atomic.replacing(path) as part:
            write_ascii_light_curve(part, curve)
    with atomic.replacing(job.output.table) as part:
        write_table(part, collected(curves, all_stated(job.params.stated)))
    with atomic.replacing(job.output.covariance) as part:
        write_table(part, covariance_table(curves, read_table(job.input.gains)))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
