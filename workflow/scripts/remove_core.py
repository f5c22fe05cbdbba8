"""Take the core out of one spw's CLEAN model."""

import logging
from dataclasses import replace
from pathlib import Path

from minispiral import atomic, casa, joblog
from minispiral.core_removal import remove_core
from minispiral.model_image import read_clean_model, write_model


def main(job) -> None:
    """Write the model without its core."""
    im0, output = Path(job.input.im0).resolve(), Path(job.output[0]).resolve()
    with casa.session(job.log[0]) as scratch:
        model = read_clean_model(im0, scratch)
    pixels, position, flux = remove_core(model.pixels, model.cell, model.beam, job.params.fill)
    logging.info("core of %.4f Jy at %+.3f, %+.3f arcsec taken out", flux, *position)
    logging.info("minispiral of %.4f Jy left", pixels.sum())
    with atomic.replacing(output) as part:
        write_model(part, replace(model, pixels=pixels))


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
