"""Collect the light curves of a track's spws in one table, and write each in the memo's form."""

from minispiral import atomic, joblog
from minispiral.products import read_table, stack, write_ascii_light_curve, write_table


def main(job) -> None:
    """Write the stacked table, and good integrations as text."""
    curves = [read_table(path) for path in job.input]
    for path, curve in zip(job.output.memo, curves, strict=True):
        with atomic.replacing(path) as part:
            write_ascii_light_curve(part, curve)
    with atomic.replacing(job.output.table) as part:
        write_table(part, stack(curves))


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
