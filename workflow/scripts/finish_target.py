"""Write a target's final products from its best round: image and calibrated data."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.selfcal.products import write_calibrated_target, write_final_image


def main(job) -> None:
    """Write the calibrated measurement set, and the image as CASA image and FITS."""
    output = job.absolute_output
    ms, rounds = job.absolute_input.ms, job.absolute_input.rounds
    with (
        atomic.replacing(output.image) as image,
        atomic.replacing(output.fits) as fits,
        atomic.replacing(output.ms) as part,
        casa.session(job.log[0], scratch=part.parent),
    ):
        write_final_image(rounds, image, fits)
        write_calibrated_target(ms, part, rounds)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
