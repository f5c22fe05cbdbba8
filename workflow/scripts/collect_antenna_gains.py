"""Collect a track's antenna gains of the turns, and say why antennas were solved for or not."""

from minispiral import casa
from minispiral.imaging.core import read_sky_model
from minispiral.io import atomic
from minispiral.io.records import read_records
from minispiral.io.tables import write_table
from minispiral.jobs import log
from minispiral.light_curves.user_flags import flags_of_spws
from minispiral.ms.rows import open_split
from minispiral.sky.averages import read_samples
from minispiral.sky.fast_phases import FastPhases
from minispiral.sky.gains_of_track import gains_of_spw, gains_table
from minispiral.sky.slow_gains import SlowGains
from minispiral.sky.track import SpwData
from minispiral.visibilities.antenna_gains import write_track_gains


def main(job) -> None:
    """Write the gains of all integrations, and the table of the misfit by baseline."""
    files, output = job.input, job.absolute_output
    phases = list(read_records(files.phases, FastPhases))
    slow = list(read_records(files.gains, SlowGains))
    sky = read_sky_model(files.im1, files.core)
    flags = flags_of_spws(files.table, job.wildcards.track, job.params.spws)
    collected, scans = {}, 0
    with casa.session(job.log[0], threads=job.threads):
        spws = zip(job.params.spws, job.absolute_input.splits, phases, slow, flags, strict=True)
        for spw, ms, fast, gains, flagged in spws:
            if fast.applied or gains.solved:
                with open_split(ms) as split:
                    scan = split.scans
                data = SpwData(read_samples(ms, None, 0)[0], flagged)
                collected[spw], cured = gains_of_spw(data, scan, fast, gains, sky, job.threads)
                del data  # the data of one spw take memory enough
                scans += cured
    with atomic.replacing(output.gains) as part:
        write_track_gains(part, collected)
    with atomic.replacing(output.table) as part:
        write_table(part, gains_table(job.params.solve, phases, slow, scans))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
