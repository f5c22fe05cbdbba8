"""Plot the campaign's light curves, over the truth where it is known."""

from minispiral import joblog
from minispiral.plots import plot_light_curves, save
from minispiral.products import read_table
from minispiral.validation_products import read_truth


def main(job) -> None:
    """Write the picture as PNG and PDF."""
    paths = zip(job.params.tracks, job.input.truths, strict=True)
    truths = {track: read_truth(path) for track, path in paths}
    figure = plot_light_curves(read_table(job.input.light_curves), truths, job.params.title)
    save(figure, *job.output)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
