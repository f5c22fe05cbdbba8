"""Draw a track's sky from the visibilities beside CLEAN's IM1."""

from dataclasses import replace

from minispiral.imaging.beam import convolve
from minispiral.imaging.core import read_offset
from minispiral.imaging.models import ModelImage, read_model
from minispiral.jobs import log
from minispiral.plots.sky import Seen, plot_skies
from minispiral.plots.style import save
from minispiral.visibilities.primary_beam import seen_through


def seen(sky: ModelImage) -> ModelImage:
    """The sky as the antennas see it, through the primary beam at its frequency."""
    pixels = seen_through(sky.pixels, sky.cell, sky.header["CRVAL3"], sky.dish_m)
    return replace(sky, pixels=pixels)


def main(job) -> None:
    """Write the picture as PNG and PDF."""
    sky, clean = seen(read_model(job.input.sky)), read_model(job.input.clean)
    panels = [
        Seen(name, convolve(image.pixels, image.cell, sky.beam), image.cell, image.pixels.sum())
        for name, image in (("from the visibilities", sky), ("CLEAN's IM1", clean))
    ]
    title = f"{job.wildcards.track}, the minispiral as the antennas see it"
    figure = plot_skies(panels, sky.beam, read_offset(job.input.core), title)
    save(figure, job.output.png, job.output.pdf)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
