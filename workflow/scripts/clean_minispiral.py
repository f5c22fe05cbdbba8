"""CLEAN one spw's minispiral alone, first with an automatic mask and then deeper."""

import logging

from minispiral import casa
from minispiral.imaging.averaging import data_to_image
from minispiral.imaging.clean import ImageSettings, choose_cell, clean
from minispiral.imaging.models import read_clean_model, write_model
from minispiral.imaging.state import write_clean_state
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection
from minispiral.selfcal.data_state import read_state


def main(job) -> None:
    """Write the folder of CLEAN images, and the CLEAN model."""
    ms, images = job.absolute_input.ms, job.absolute_output.images
    model_file = job.absolute_output.model
    settings = job.params.settings
    inspection = read_inspection(job.input.inspection)
    cell = choose_cell(settings, inspection)
    user_mask = next(iter(job.absolute_input.mask), None)
    first_mask = job.absolute_input.im0 / "im0.mask"
    with casa.session(job.log[0], threads=job.threads) as scratch:
        with atomic.replacing(images) as part:
            data = data_to_image(ms, inspection, settings, cell)
            image = ImageSettings(settings, cell, user_mask)
            cleaning = clean(data, part, image, first_mask, name="im1", deeper=True)
            write_clean_state(part, cleaning, read_state(data).expected_rms)
            model = read_clean_model(part, scratch, "im1")
        logging.info("minispiral of %.4f Jy", model.pixels.sum())
        with atomic.replacing(model_file) as part:
            write_model(part, model)
    for remark in cleaning.remarks:
        log.announce(remark)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
