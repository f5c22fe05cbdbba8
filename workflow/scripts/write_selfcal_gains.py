"""Write a track's antenna gains as a CASA calibration table, or as those of a night's sets."""

import logging

from minispiral import casa
from minispiral.calibration.gain_table import write_antenna_gain_table
from minispiral.calibration.nights import table_names, write_gain_tables
from minispiral.calibration.solution import read_solutions
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the calibration tables."""
    sets, output, files = job.absolute_input.sets, job.absolute_output[0], job.input
    inspections = list(map(read_inspection, files.inspections))
    solutions = read_solutions(job.params.spws, files.fits, files.light_curves, files.antenna_gains)
    without = [
        str(spw)
        for spw, solution in zip(job.params.spws, solutions, strict=True)
        if solution.antenna_gains is None
    ]
    if without:
        logging.info("spw %s: the data ask for no antenna gains, all are 1", ", ".join(without))
    names = table_names(files.sets)
    with atomic.replacing(output) as part, casa.session(job.log[0]):
        write_gain_tables(write_antenna_gain_table, sets, names, part, inspections, solutions)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
