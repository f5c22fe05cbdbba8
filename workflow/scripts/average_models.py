"""Average core-free models to IM1, the minispiral alone, and write it in all its forms."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

from minispiral import atomic, casa, joblog
from minispiral.beam import convolve
from minispiral.image_grid import components
from minispiral.model_image import (
    average,
    import_image,
    read_model,
    write_components,
    write_model,
)


def main(job) -> None:
    """Write IM1 as FITS and as components, and convolved as FITS and CASA image."""
    output = {name: Path(path).resolve() for name, path in job.output.items()}
    models = map(read_model, job.input)
    # first over each track's spws, so that tracks count alike
    im1 = average([average(list(islice(models, n))) for n in job.params.spws_of_tracks])
    with atomic.replacing(output["im1"]) as part:
        write_model(part, im1)
    with atomic.replacing(output["components"]) as part:
        write_components(part, components(im1.pixels, im1.cell), "CLEAN components of IM1")
    convolved = replace(im1, pixels=convolve(im1.pixels, im1.cell, im1.beam))
    with atomic.replacing(output["fits"]) as part:
        write_model(part, convolved, unit="Jy/beam")
    with atomic.replacing(output["image"]) as part, casa.session(job.log[0]):
        import_image(output["fits"], part)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
