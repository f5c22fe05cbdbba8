"""Write a track's calibrated data, core and minispiral, as a measurement set."""

from minispiral import casa
from minispiral.calibration.data import write_calibrated_data
from minispiral.calibration.solution import read_solutions
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the measurement set."""
    ms = job.absolute_input.ms
    inspection = read_inspection(job.input.inspection)
    files = job.input
    solutions = read_solutions(job.params.spws, files.fits, files.light_curves, files.antenna_gains)
    with atomic.replacing(job.output[0]) as part, casa.session(job.log[0]):
        write_calibrated_data(ms, part, inspection, job.params.data_column, solutions)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
