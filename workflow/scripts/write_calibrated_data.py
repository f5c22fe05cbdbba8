"""Write a track's calibrated data, core and minispiral, as a measurement set."""

from minispiral import casa
from minispiral.calibration.nights import write_calibrated_night
from minispiral.calibration.solution import read_solutions
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the measurement set."""
    files, column = job.input, job.params.data_column
    inspections = list(map(read_inspection, files.inspections))
    solutions = read_solutions(job.params.spws, files.fits, files.light_curves, files.antenna_gains)
    # the scratch folder beside the output: it holds all channels of a night's executions
    with (
        atomic.replacing(job.absolute_output[0]) as part,
        casa.session(job.log[0], scratch=part.parent),
    ):
        write_calibrated_night(job.absolute_input.sets, part, inspections, column, solutions)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
