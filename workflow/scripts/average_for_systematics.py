"""Average a track's Stokes I in time, corrected by the antenna gains of its light curves."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.io.records import write_records
from minispiral.jobs import log
from minispiral.sky.averages import average, longest_average, read_samples
from minispiral.sky.coverage import read_coverage, read_frame
from minispiral.visibilities.antenna_gains import read_gains_of_spws


def main(job) -> None:
    """Write the averages of all spws."""
    files = job.input
    coverage, frame = read_coverage(files.coverage), read_frame(files.grid)
    seconds = min(longest_average(spw, frame.envelope_arcsec) for spw in coverage.spws)
    gains = read_gains_of_spws(files.gains, job.params.spws)
    averages = []
    with casa.session(job.log[0]):
        for ms, gain in zip(job.absolute_input.splits, gains, strict=True):
            samples, bins = read_samples(ms, gain, seconds)
            averages.append(average(samples, bins))
            del samples  # the samples of one spw take memory enough
    with atomic.replacing(job.output[0]) as part:
        write_records(part, averages)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
