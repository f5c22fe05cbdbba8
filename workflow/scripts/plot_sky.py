"""Draw a track's images: IM0, its mask and the residual of each spw, and IM1; tabulate CLEAN."""

from minispiral import casa
from minispiral.columns.fit import IMAGES
from minispiral.imaging.beam import convolve
from minispiral.imaging.core import read_offset
from minispiral.imaging.models import read_model, read_sky
from minispiral.imaging.state import images_table, read_clean_state
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.plots.sky import plot_im1, plot_images
from minispiral.plots.style import save
from minispiral.sky.image import STOPPED


def main(job) -> None:
    """Write both pictures, each as PNG and PDF, and the table."""
    track, spws = job.wildcards.track, job.params.spws
    output = job.absolute_output
    folders = (job.absolute_input.im0, job.absolute_input.last)
    im1, core = read_model(job.input.im1), read_offset(job.input.core)
    with casa.session(job.log[0]):
        skies = [
            read_sky(f"{track}, spw {spw}", im0, last)
            for spw, im0, last in zip(spws, *folders, strict=True)
        ]
    images = plot_images(skies)
    convolved = convolve(im1.pixels, im1.cell, im1.beam)
    beam = "main lobe of the dirty beam" if STOPPED in im1.header else "CLEAN beam"
    title = f"{track}, IM1 with the {beam}: {im1.pixels.sum():.3g} Jy"
    minispiral = plot_im1(convolved, im1.cell, im1.beam, core, title)
    states = [read_clean_state(folder) for folder in folders[1]]
    with atomic.replacing(output.table) as part:
        write_product(part, images_table(spws, skies, states), IMAGES, origin_of(part))
    for name, figure in (("images", images), ("im1", minispiral)):
        save(figure, getattr(output, f"{name}_png"), getattr(output, f"{name}_pdf"))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
