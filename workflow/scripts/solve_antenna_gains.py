"""Solve for a spw's antenna gains against the model that was fitted to its data."""

import logging
from itertools import zip_longest

import numpy as np

from minispiral import casa
from minispiral.calibration.solution import core_of
from minispiral.imaging.core import read_sky_model
from minispiral.io import atomic
from minispiral.io.tables import columns, read_table
from minispiral.jobs import log
from minispiral.selfcal.solver import Round
from minispiral.selfcal.track import SpwModel, solve_antenna_gains
from minispiral.visibilities.antenna_gains import read_gains, write_gains


def main(job) -> None:
    """Write the gains."""
    files, params = job.input, job.params
    spws = []
    for ms, fit, curve, gains in zip_longest(
        job.absolute_input.splits, files.fits, files.light_curves, files.gains
    ):
        table = read_table(fit)
        spws.append(
            SpwModel(
                ms=ms,
                extended=columns(table)["I_extended"],
                core=core_of(table),
                good=np.asarray(read_table(curve)["good"], bool),
                gains=None if gains is None else read_gains(gains),
                applied=params.applied,
            )
        )
    sky, how = read_sky_model(files.im1, files.core), Round(**params.how)
    with casa.session(job.log[0], threads=job.threads):
        gains = solve_antenna_gains(spws, sky, how, params.against, job.threads)
    solved = np.isfinite(gains.gain)
    logging.info("%.1f %% of the antennas' gains found", 100 * solved.mean())
    with atomic.replacing(job.output[0]) as part:
        write_gains(part, gains)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
