"""Write one spw's minispiral alone, self-calibrated where there are antenna gains, for CLEAN."""

import numpy as np

from minispiral import casa
from minispiral.calibration.data import write_extended_data
from minispiral.calibration.solution import solution_of
from minispiral.fit.track import fit_measurement_set
from minispiral.imaging.core import read_sky_model
from minispiral.io import atomic
from minispiral.io.tables import columns, read_table
from minispiral.jobs import log
from minispiral.light_curves.scaling import scale
from minispiral.visibilities.antenna_gains import read_gains_of_spws
from minispiral.visibilities.pointing import read_pointing


def main(job) -> None:
    """Write the measurement set."""
    files = job.input
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    sky = read_sky_model(files.im1, files.core)
    curve, fit = read_table(files.light_curve), read_table(files.fit)
    spw = int(job.wildcards.spw)
    (gains,) = read_gains_of_spws(files.gains, [spw])
    (core_gains,) = read_gains_of_spws(files.gains_of_fit, [spw])
    pointing = next(map(read_pointing, files.pointing), None)
    with casa.session(job.log[0], threads=job.threads):
        if job.params.against == "full" and gains is not None:
            # the core as the self-calibrated data show it, not as the data before did
            fit = fit_measurement_set(ms, sky, threads=job.threads, gains=gains, pointing=pointing)
            core_gains = gains
        scaled = scale(columns(fit), curve.meta["reference_flux_jy"])
        solution = solution_of(
            fit,
            scaled["gain"],
            scaled["gain_err"],
            np.asarray(curve["good"], bool),
            gains,
            core_gains,
        )
        with atomic.replacing(output) as part:
            write_extended_data([ms], part, [solution], sky.core_offset)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
