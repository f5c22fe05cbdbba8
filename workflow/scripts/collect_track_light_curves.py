"""Collect the light curves of a track's spws in one table, and write each in the memo's form."""

from minispiral.io import atomic
from minispiral.io.tables import read_table, write_table
from minispiral.jobs import log
from minispiral.light_curves.tables import collected, write_ascii_light_curve
from minispiral.measures.stated import all_stated


def main(job) -> None:
    """Write the stacked table, and good integrations as text."""
    curves = [read_table(path) for path in job.input]
    for path, curve in zip(job.output.memo, curves, strict=True):
        with atomic.replacing(path) as part:
            write_ascii_light_curve(part, curve)
    with atomic.replacing(job.output.table) as part:
        write_table(part, collected(curves, all_stated(job.params.stated)))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
