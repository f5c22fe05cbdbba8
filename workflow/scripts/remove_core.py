"""Take the core out of the CLEAN models of a track's spws, and average them."""

import logging
from dataclasses import replace

from minispiral import casa
from minispiral.imaging.core import remove_core
from minispiral.imaging.models import ModelImage, average, read_clean_model, write_model
from minispiral.io import atomic
from minispiral.jobs import log


def without_core(model: ModelImage, spw: int, fill: str) -> ModelImage:
    """Take the core out of a spw's model, and tell what is left."""
    pixels, position, flux = remove_core(model.pixels, model.cell, model.beam, fill)
    logging.info("spw %d: core of %.4f Jy at %+.3f, %+.3f arcsec taken out", spw, flux, *position)
    logging.info("spw %d: minispiral of %.4f Jy left", spw, pixels.sum())
    return replace(model, pixels=pixels)


def main(job) -> None:
    """Write the mean of the models without their core."""
    folders, output = list(job.absolute_input), job.absolute_output[0]
    with casa.session(job.log[0]) as scratch:
        models = [read_clean_model(folder, scratch) for folder in folders]
    spws = zip(models, job.params.spws, strict=True)
    with atomic.replacing(output) as part:
        write_model(part, average([without_core(m, spw, job.params.fill) for m, spw in spws]))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
