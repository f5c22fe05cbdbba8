"""Measure what the fit of one spw leaves, by baseline length, and sample its uv coverage."""

from pathlib import Path

from minispiral import atomic, casa, joblog
from minispiral.antenna_gains import read_gains
from minispiral.core_position import read_offset
from minispiral.fit_residuals import measure_residuals
from minispiral.model_image import read_model
from minispiral.products import columns, read_table, write_table


def main(job) -> None:
    """Write the table of residuals and that of the coverage."""
    ms = Path(job.input.ms).resolve()
    output = {name: Path(path).resolve() for name, path in job.output.items()}
    im1, core = read_model(job.input.im1), read_offset(job.input.core)
    curve = columns(read_table(job.input.light_curve))
    gains = next(map(read_gains, job.input.gains), None)
    with casa.session(job.log[0], threads=job.threads):
        tables = measure_residuals(ms, im1.pixels, im1.cell, core, curve, gains, job.threads)
    for name, table in zip(("residuals", "coverage"), tables, strict=True):
        with atomic.replacing(output[name]) as part:
            write_table(part, table)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
