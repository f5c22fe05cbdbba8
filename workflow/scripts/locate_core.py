"""Say where a track's core is: as configured, or at the peak of its images."""

import logging

from minispiral import casa
from minispiral.imaging.core import core_offset, write_offset
from minispiral.imaging.grid import peak_offset
from minispiral.imaging.models import read_casa_image
from minispiral.io import atomic
from minispiral.jobs import log


def main(job) -> None:
    """Write the core's offset from the phase centre."""
    im0s = list(job.absolute_input)
    peaks = []
    if im0s:
        with casa.session(job.log[0]):
            peaks = [peak_offset(*read_casa_image(im0 / "im0.image")) for im0 in im0s]
    offset = core_offset(job.params.setting, peaks)
    logging.info("core at %+.4f, %+.4f arcsec east, north", *offset)
    with atomic.replacing(job.output[0]) as part:
        write_offset(part, offset)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
