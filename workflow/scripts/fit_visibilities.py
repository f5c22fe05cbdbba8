"""Fit the fluxes of minispiral and core to every integration of one spw."""

from minispiral import casa
from minispiral.fit.track import fit_measurement_set
from minispiral.imaging.core import read_sky_model
from minispiral.io import atomic
from minispiral.io.tables import write_table
from minispiral.jobs import log
from minispiral.visibilities.antenna_gains import read_gains_of_spws
from minispiral.visibilities.pointing import read_pointing


def main(job) -> None:
    """Write the table of fitted fluxes."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    sky = read_sky_model(job.input.im1, job.input.core)
    (gains,) = read_gains_of_spws(job.input.gains, [int(job.wildcards.spw)])
    pointing = next(map(read_pointing, job.input.pointing), None)
    with casa.session(job.log[0], threads=job.threads):
        fit = fit_measurement_set(
            ms,
            sky,
            min_baseline_m=job.params.settings["min_baseline_m"],
            threads=job.threads,
            gains=gains,
            pointing=pointing,
        )
    with atomic.replacing(output) as part:
        write_table(part, fit)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
