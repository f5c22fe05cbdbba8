"""Choose the grid of the sky, common to all tracks that have a part in it."""

import logging

from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.sky.coverage import read_coverage, sky_frame, write_frame


def main(job) -> None:
    """Write the grid."""
    frame = sky_frame(map(read_coverage, job.input))
    logging.info("%d pixels of %g arcsec", frame.grid.size, frame.grid.cell)
    with atomic.replacing(job.output[0]) as part:
        write_frame(part, frame)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
