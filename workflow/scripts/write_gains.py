"""Write a track's gains as a CASA calibration table, or one for each set of a night."""

from minispiral import casa
from minispiral.calibration.gain_table import write_gain_table
from minispiral.calibration.nights import table_names, write_gain_tables
from minispiral.calibration.solution import read_solutions
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the calibration tables."""
    sets, output, files = job.absolute_input.sets, job.absolute_output[0], job.input
    inspections = list(map(read_inspection, files.inspections))
    solutions = read_solutions(job.params.spws, files.fits, files.light_curves)
    names = table_names(files.sets)
    with atomic.replacing(output) as part, casa.session(job.log[0]):
        write_gain_tables(write_gain_table, sets, names, part, inspections, solutions)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
