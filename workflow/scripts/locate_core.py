"""Say where a track's core is: as configured, from its data, or at the peak of its images."""

import logging

from minispiral import casa
from minispiral.imaging.core import core_offset, write_offset
from minispiral.imaging.grid import peak_offset
from minispiral.imaging.models import read_casa_image
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.sky.core_place import locate_core
from minispiral.sky.coverage import read_coverage
from minispiral.sky.grid import choose_grid


def main(job) -> None:
    """Write the core's offset from the phase centre."""
    im0s, splits = (list(getattr(job.absolute_input, name)) for name in ("images", "splits"))
    places = []
    if im0s:
        with casa.session(job.log[0]):
            places = [peak_offset(*read_casa_image(im0 / "im0.image")) for im0 in im0s]
    if splits:
        grid = choose_grid(read_coverage(job.input.coverage[0]).spws)
        with casa.session(job.log[0], threads=job.threads):
            places = [locate_core(splits, grid, job.threads)]
    offset = core_offset(job.params.setting, places)
    logging.info("core at %+.4f, %+.4f arcsec east, north", *offset)
    with atomic.replacing(job.output[0]) as part:
        write_offset(part, offset)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
