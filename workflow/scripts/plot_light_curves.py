"""Plot the campaign's light curves, over the truth where it is known."""

from minispiral.analysis.truth import read_truth
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.plots.campaign import plot_light_curves
from minispiral.plots.style import save


def main(job) -> None:
    """Write the picture as PNG and PDF."""
    paths = zip(job.params.tracks, job.input.truths, strict=True)
    truths = {track: read_truth(path) for track, path in paths}
    figure = plot_light_curves(read_table(job.input.light_curves), truths, job.params.title)
    save(figure, *job.output)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
