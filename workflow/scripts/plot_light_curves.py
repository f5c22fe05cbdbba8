"""Plot the campaign's light curves and QA2's, over the truth where it is known."""

from minispiral.analysis.truth import read_truth
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.plots.campaign import plot_light_curves
from minispiral.plots.delivered import plot_delivered
from minispiral.plots.style import save


def main(job) -> None:
    """Write both pictures as PNG and PDF."""
    paths = zip(job.params.tracks, job.input.truths, strict=True)
    truths = {track: read_truth(path) for track, path in paths}
    curves, title, output = read_table(job.input.light_curves), job.params.title, job.output
    save(plot_light_curves(curves, truths, title), output.png, output.pdf)
    save(plot_delivered(curves, truths, title), output.delivered_png, output.delivered_pdf)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
