"""Write a track's antenna gains of self-calibration as a CASA calibration table."""

from minispiral import casa
from minispiral.calibration.gain_table import write_antenna_gain_table
from minispiral.calibration.solution import read_solutions
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the calibration table."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    inspection = read_inspection(job.input.inspection)
    files = job.input
    solutions = read_solutions(job.params.spws, files.fits, files.light_curves, files.antenna_gains)
    with atomic.replacing(output) as part, casa.session(job.log[0]):
        write_antenna_gain_table(
            ms, part, inspection.field_id, dict(zip(job.params.spws, solutions, strict=True))
        )


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
