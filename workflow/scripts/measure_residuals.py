"""Measure the residuals of a track's fits by baseline, hour angle, antenna; its uv coverage."""

import logging

from minispiral import casa
from minispiral.columns.column import described
from minispiral.columns.fit import BY_ANTENNA, BY_BASELINE, BY_HOUR_ANGLE, UV_COVERAGE
from minispiral.fit.residuals import measure_residuals
from minispiral.imaging.core import read_sky_model
from minispiral.imaging.models import read_model, root_mean_square, write_model
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.tables import columns, join_spws, read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.measures.elevation import hour_angle
from minispiral.measures.units import SECONDS_PER_DAY
from minispiral.ms.inspection import read_inspection
from minispiral.sky.image import residual_image
from minispiral.visibilities.antenna_gains import read_gains_of_spws
from minispiral.visibilities.dirty_image import DirtyImage
from minispiral.visibilities.pointing import read_pointing


def main(job) -> None:
    """Write the tables of residuals and of the coverage, and the image."""
    files, spws = job.input, job.params.spws
    output = job.absolute_output
    splits = job.absolute_input.splits
    im1, sky = read_model(files.im1), read_sky_model(files.im1, files.core)
    inspection = read_inspection(files.inspection)
    place = inspection.direction_deg, inspection.position_m
    curves = [columns(read_table(path)) for path in files.light_curves]
    for curve in curves:
        curve["hour_angle"] = hour_angle(curve["mjd"] * SECONDS_PER_DAY, *place)
    dirty = DirtyImage(sky.minispiral.shape, sky.cell)
    gains = read_gains_of_spws(files.gains, spws)
    pointing = next(map(read_pointing, files.pointing), None)
    with casa.session(job.log[0], threads=job.threads):
        measured = [
            measure_residuals(ms, sky, curve, dirty, gain, job.threads, pointing)
            for ms, curve, gain in zip(splits, curves, gains, strict=True)
        ]
    for kind, known in (
        ("baseline", BY_BASELINE),
        ("hour_angle", BY_HOUR_ANGLE),
        ("antenna", BY_ANTENNA),
        ("coverage", UV_COVERAGE),
    ):
        tables = (getattr(residuals, kind) for residuals in measured)
        table = described(join_spws(dict(zip(spws, tables, strict=True))), known)
        with atomic.replacing(getattr(output, kind)) as part:
            write_product(part, table, known, origin_of(part))
    image = residual_image(dirty, im1)
    logging.info(
        "residual image: rms %.3g Jy/beam, of which noise by the weights %.3g",
        root_mean_square(image.pixels),
        dirty.thermal_rms,
    )
    with atomic.replacing(output.image) as part:
        write_model(part, image, unit="Jy/beam")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
