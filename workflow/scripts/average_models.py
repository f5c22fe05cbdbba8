"""Average core-free models to IM1, the minispiral alone."""

from itertools import islice

from minispiral.imaging.models import average, read_model, write_model
from minispiral.io import atomic
from minispiral.jobs import log


def main(job) -> None:
    """Write IM1."""
    models = map(read_model, job.input)
    # the spws of each track come first, so that all tracks count alike
    im1 = average([average(list(islice(models, n))) for n in job.params.models_a_track])
    with atomic.replacing(job.output[0]) as part:
        write_model(part, im1)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
