"""Draw a track's pictures: minispiral and gains, uv coverage, fit residuals."""

from pathlib import Path

from minispiral import joblog
from minispiral.plots import save
from minispiral.products import by_spw, read_table
from minispiral.sky_plots import plot_fit_residuals, plot_uv_coverage
from minispiral.track_plots import plot_minispiral_flux


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
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
