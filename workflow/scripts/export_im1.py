"""Export IM1 for other programs: as components, and convolved with the CLEAN beam."""

from dataclasses import replace

from minispiral import casa
from minispiral.imaging.beam import convolve
from minispiral.imaging.grid import components
from minispiral.imaging.models import import_image, read_model, write_components, write_model
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.sky.image import STOPPED


def main(job) -> None:
    """Write the list of components, and the convolved model as FITS and CASA image."""
    output = job.absolute_output
    im1 = read_model(job.input[0])
    with atomic.replacing(output.components) as part:
        title = "Pixels of IM1" if STOPPED in im1.header else "CLEAN components of IM1"
        write_components(part, components(im1.pixels, im1.cell), title)
    convolved = replace(im1, pixels=convolve(im1.pixels, im1.cell, im1.beam))
    with atomic.replacing(output.fits) as part:
        write_model(part, convolved, unit="Jy/beam")
    with atomic.replacing(output.image) as part, casa.session(job.log[0]):
        import_image(output.fits, part)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
