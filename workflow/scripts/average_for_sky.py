"""Average a track's Stokes I in time, for all turns of fluxes and sky."""

import logging

from minispiral import casa
from minispiral.io import atomic
from minispiral.io.records import write_records
from minispiral.jobs import log
from minispiral.sky.averages import average_spw, longest_average
from minispiral.sky.coverage import read_coverage, read_frame
from minispiral.visibilities.antenna_gains import read_gains


def main(job) -> None:
    """Write the averages of all spws."""
    files, spws = job.input, []
    coverage, frame = read_coverage(files.coverage), read_frame(files.grid)
    seconds = min(longest_average(spw, frame.envelope_arcsec) for spw in coverage.spws)
    logging.info("averages over at most %.3g s", seconds)
    gains = [read_gains(path) for path in files.gains] or [None] * len(files.splits)
    with casa.session(job.log[0]):
        for ms, gain in zip(job.absolute_input.splits, gains, strict=True):
            spws.append(average_spw(ms, gain, seconds))
    with atomic.replacing(job.output[0]) as part:
        write_records(part, spws)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
