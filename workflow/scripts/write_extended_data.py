"""Write a track's minispiral alone, scaled to the reference, as a measurement set."""

from minispiral import casa
from minispiral.calibration.data import write_extended_data
from minispiral.calibration.solution import read_solutions
from minispiral.imaging.core import read_offset
from minispiral.io import atomic
from minispiral.jobs import log


def main(job) -> None:
    """Write the measurement set."""
    splits = job.absolute_input.splits
    files = job.input
    solutions = read_solutions(job.params.spws, files.fits, files.light_curves, files.antenna_gains)
    core = read_offset(job.input.core)
    with atomic.replacing(job.output[0]) as part, casa.session(job.log[0]):
        write_extended_data(splits, part, solutions, core)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
