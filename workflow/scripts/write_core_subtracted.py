"""Write a track's calibrated data without the core, all channels, as a measurement set."""

import logging

from minispiral import casa
from minispiral.calibration.solution import read_solutions
from minispiral.exports.core_subtracted import core_spectrum, write_core_subtracted
from minispiral.imaging.core import read_offset
from minispiral.io import atomic
from minispiral.io.tables import read_table
from minispiral.jobs import log


def main(job) -> None:
    """Write the measurement set."""
    files = job.input
    solutions = read_solutions(job.params.spws, files.fits, files.light_curves)
    spectrum, why_flat = core_spectrum(next(map(read_table, files.polarimetry), None))
    if why_flat:
        log.announce(
            f"track {job.wildcards.track}: the core is subtracted with a flat spectrum within each "
            f"spw, as {why_flat}"
        )
    logging.info(
        "spectral index %.3f, rotation measure %.3g rad/m^2",
        spectrum.index,
        spectrum.rotation_measure,
    )
    core, calibrated = read_offset(files.core), job.absolute_input.calibrated
    with atomic.replacing(job.absolute_output[0]) as part, casa.session(job.log[0]):
        write_core_subtracted(calibrated, part, solutions, core, spectrum)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
