"""Draw a track's polarimetry over its spws."""

from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.plots.style import save
from minispiral.plots.track import plot_polarimetry


def main(job) -> None:
    """Write the picture as PNG and PDF."""
    figure = plot_polarimetry(read_table(job.input[0]), job.wildcards.track)
    save(figure, *job.output)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
