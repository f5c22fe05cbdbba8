"""Measure what a track's fits leave, by baseline length, and sample its uv coverage."""

from minispiral import casa
from minispiral.fit.residuals import measure_residuals
from minispiral.imaging.core import read_sky_model
from minispiral.io import atomic
from minispiral.io.tables import columns, join_spws, read_table, write_table
from minispiral.jobs import log
from minispiral.visibilities.antenna_gains import read_gains


def main(job) -> None:
    """Write the table of residuals and that of the coverage."""
    files, spws = job.input, job.params.spws
    output = job.absolute_output
    splits = job.absolute_input.splits
    sky = read_sky_model(files.im1, files.core)
    curves = [columns(read_table(path)) for path in files.light_curves]
    gains = [read_gains(path) for path in files.gains] or [None] * len(spws)
    with casa.session(job.log[0], threads=job.threads):
        measured = [
            measure_residuals(ms, sky, curve, gain, job.threads)
            for ms, curve, gain in zip(splits, curves, gains, strict=True)
        ]
    for name, tables in zip(("residuals", "coverage"), zip(*measured, strict=True), strict=True):
        with atomic.replacing(getattr(output, name)) as part:
            write_table(part, join_spws(dict(zip(spws, tables, strict=True))))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
