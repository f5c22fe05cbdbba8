"""Draw a track's polarimetry over its spws."""

from minispiral import joblog
from minispiral.plots import save
from minispiral.products import read_table
from minispiral.track_plots import plot_polarimetry


def main(job) -> None:
    """Write the picture as PNG and PDF."""
    figure = plot_polarimetry(read_table(job.input[0]), job.wildcards.track)
    save(figure, *job.output)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
