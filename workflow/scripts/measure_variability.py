"""Measure the variability of the campaign's light curves."""

from minispiral.analysis.variability_tables import (
    correlation_table,
    statistics_table,
    structure_function_table,
    tracks_of,
)
from minispiral.columns.analysis import CORRELATION, STATISTICS, STRUCTURE_FUNCTION
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.plots.campaign import plot_variability
from minispiral.plots.style import save


def main(job) -> None:
    """Write tables and picture."""
    output = job.output
    tracks = tracks_of([read_table(path) for path in job.input])
    structure, correlation = structure_function_table(tracks), correlation_table(tracks)
    for path, table, known in (
        (output.statistics, statistics_table(tracks), STATISTICS),
        (output.structure, structure, STRUCTURE_FUNCTION),
        (output.correlation, correlation, CORRELATION),
    ):
        with atomic.replacing(path) as part:
            write_product(part, table, known, origin_of(part))
    save(plot_variability(structure, correlation), output.png, output.pdf)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
