"""Write a track's data less the full model, and maps of their snapshots over the noise."""

from minispiral import casa
from minispiral.calibration.solution import read_solutions
from minispiral.exports.residual_data import write_residual_data, write_snapshots
from minispiral.imaging.core import read_sky_model
from minispiral.imaging.models import read_model
from minispiral.io import atomic
from minispiral.io.tables import columns, read_table
from minispiral.jobs import log
from minispiral.visibilities.pointing import read_pointing


def main(job) -> None:
    """Write the measurement set and the maps."""
    files, output = job.input, job.absolute_output
    solutions = read_solutions(job.params.spws, files.fits, files.light_curves)
    fluxes = [columns(read_table(path))["I_extended"] for path in files.fits]
    sky = read_sky_model(files.im1, files.core)
    pointing = next(map(read_pointing, files.pointing), None)
    im1, extended = read_model(files.im1), job.absolute_input.extended
    with (
        atomic.replacing(output.data) as data,
        atomic.replacing(output.snapshots) as maps,
        casa.session(job.log[0], threads=job.threads),
    ):
        snapshots = write_residual_data(
            extended, data, fluxes, solutions, sky, pointing, job.threads
        )
        write_snapshots(maps, snapshots, im1)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
