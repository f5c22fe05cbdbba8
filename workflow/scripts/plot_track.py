"""Draw a track's pictures: minispiral and gains, uv coverage, fit residuals and their image."""

from pathlib import Path

from minispiral.imaging.core import read_offset
from minispiral.imaging.models import read_model
from minispiral.io.tables import by_spw, read_table
from minispiral.jobs import log
from minispiral.plots.sky import plot_residual
from minispiral.plots.style import save
from minispiral.plots.track import plot_fit_residuals, plot_minispiral_flux, plot_uv_coverage
from minispiral.sky.image import THERMAL


def main(job) -> None:
    """Write each picture as PNG and PDF."""
    files, track = job.input, job.wildcards.track
    residuals, hour_angles, coverage = (
        by_spw(read_table(path), job.params.spws)
        for path in (files.residuals, files.hour_angles, files.coverage)
    )
    residual = read_model(files.residual)
    rms = residual.header.get(THERMAL)
    where = residual.cell, residual.beam, read_offset(files.core)
    figures = {
        "minispiral_flux": plot_minispiral_flux(read_table(files.light_curves), track),
        "uv_coverage": plot_uv_coverage(coverage, track),
        "fit_residuals": plot_fit_residuals(residuals, hour_angles, track),
        "residual_image": plot_residual(residual.pixels, *where, rms, f"{track}, residual"),
    }
    for path in job.output:
        save(figures[Path(path).stem], path)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
