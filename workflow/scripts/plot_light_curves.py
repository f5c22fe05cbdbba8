"""Plot the campaign's light curves, over the truth where it is known."""

import pandas

from minispiral import atomic, joblog
from minispiral.plots import plot_light_curves
from minispiral.products import read_table


def main(job) -> None:
    """Write the picture."""
    truths = {
        path.rsplit("/", 1)[1].removesuffix(".truth.csv"): pandas.read_csv(path)
        for path in job.input.truths
    }
    figure = plot_light_curves(read_table(job.input.light_curves), truths, job.params.title)
    with atomic.replacing(job.output[0]) as part:
        figure.savefig(part)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
