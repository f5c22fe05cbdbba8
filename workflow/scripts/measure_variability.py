"""Measure the variability of the campaign's light curves."""

from minispiral import atomic, joblog
from minispiral.plots import plot_variability, save
from minispiral.products import read_table, write_table
from minispiral.variability_products import (
    correlation_table,
    statistics_table,
    structure_function_table,
    tracks_of,
)


def main(job) -> None:
    """Write tables and picture."""
    output = job.output
    tracks = tracks_of([read_table(path) for path in job.input])
    structure, correlation = structure_function_table(tracks), correlation_table(tracks)
    for path, table in (
        (output.statistics, statistics_table(tracks)),
        (output.structure, structure),
        (output.correlation, correlation),
    ):
        with atomic.replacing(path) as part:
            write_table(part, table)
    save(plot_variability(structure, correlation), output.png, output.pdf)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
