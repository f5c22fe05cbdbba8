"""Draw a track's pictures: minispiral and gains, uv coverage, fit residuals."""

from pathlib import Path

from minispiral.io.tables import by_spw, read_table
from minispiral.jobs import log
from minispiral.plots.style import save
from minispiral.plots.track import plot_fit_residuals, plot_minispiral_flux, plot_uv_coverage


def main(job) -> None:
    """Write each picture as PNG and PDF."""
    files, track = job.input, job.wildcards.track
    residuals, coverage = (
        by_spw(read_table(path), job.params.spws) for path in (files.residuals, files.coverage)
    )
    figures = {
        "minispiral_flux": plot_minispiral_flux(read_table(files.light_curves), track),
        "uv_coverage": plot_uv_coverage(coverage, track),
        "fit_residuals": plot_fit_residuals(residuals, track),
    }
    for path in job.output:
        save(figures[Path(path).stem], path)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
