"""Average a track's Stokes I in time, for all turns of fluxes and sky."""

import logging

import numpy as np

from minispiral import casa
from minispiral.imaging.core import read_offset
from minispiral.io import atomic
from minispiral.io.records import write_records
from minispiral.jobs import log
from minispiral.sky.averages import Averages, average, longest_average, read_samples
from minispiral.sky.coverage import read_coverage, read_frame
from minispiral.sky.fast_phases import FastPhases, benefit, fast_phases, left_out, worth_it
from minispiral.visibilities.antenna_gains import read_gains


def main(job) -> None:
    """Write the averages of all spws, and the phases that vary within them."""
    files = job.input
    coverage, frame = read_coverage(files.coverage), read_frame(files.grid)
    seconds = min(longest_average(spw, frame.envelope_arcsec) for spw in coverage.spws)
    logging.info("averages over at most %.3g s", seconds)
    gains = [read_gains(path) for path in files.gains] or [None] * len(files.splits)
    core, averages, phases = read_offset(files.core), [], []
    with casa.session(job.log[0]):
        for ms, gain in zip(job.absolute_input.splits, gains, strict=True):
            samples, bins = read_samples(ms, gain, seconds)
            averages.append(average(samples, bins))
            if job.params.solve:
                phases.append(fast_phases(samples, bins, core))
            del samples  # the samples of one spw take memory enough
        phases = _chosen(phases)
        if any(spw.applied for spw in phases):
            averages = [
                _corrected(ms, seconds, spw)
                for ms, spw in zip(job.absolute_input.splits, phases, strict=True)
            ]
    with atomic.replacing(job.output.averages) as part:
        write_records(part, averages)
    with atomic.replacing(job.output.phases) as part:
        write_records(part, phases)


def _corrected(ms: str, seconds: float, phases: FastPhases) -> Averages:
    """Averages of a spw's samples that are corrected by their phases."""
    samples, bins = read_samples(ms, None, seconds)
    return average(samples.divided(phases.gain), bins)


def _chosen(phases: list[FastPhases]) -> list[FastPhases]:
    """The phases of all spws, which are left out where they improve the fits too little."""
    if not phases:
        return phases
    found = benefit(phases)
    if np.isnan(found):
        logging.info("no phases within averages, which have one integration each")
    else:
        logging.info("phases within averages: misfit without them %.3g times that with", found)
    return phases if worth_it(phases) else [left_out(spw) for spw in phases]


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
