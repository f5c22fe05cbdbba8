"""Find where a track's antennas point, and how much its light curves drift."""

from collections.abc import Iterator

import numpy as np

from minispiral.imaging.core import read_sky_model
from minispiral.io import atomic
from minispiral.io.records import read_fields, read_records
from minispiral.io.tables import write_table
from minispiral.jobs import log
from minispiral.light_curves.user_flags import flags_of_spws
from minispiral.sky.averages import Averages
from minispiral.sky.slow_gains import SlowGains
from minispiral.sky.track import SpwData
from minispiral.sky.track_pointing import track_pointing
from minispiral.visibilities.pointing import pointing_table


def main(job) -> None:
    """Write the table of the pointing, with the variance of each spw's drift."""
    files, spws = job.input, job.params.spws
    sky = read_sky_model(files.im1, files.core)
    gains = [spw for path in files.gains for spw in read_records(path, SlowGains)]
    flags = flags_of_spws(files.table, job.wildcards.track, spws)
    used = np.concatenate(
        [np.unique(of_spw) for of_spw in read_fields(files.averages, "antenna1", "antenna2")]
    )

    def read() -> Iterator[SpwData]:
        for place, averages in enumerate(read_records(files.averages, Averages)):
            data = SpwData(averages, flags[place])
            yield data.corrected(gains[place]) if gains else data

    wanted = job.params.pointing == "auto"
    found = track_pointing(read, used, sky, wanted, job.threads)
    drifts = {
        spw: (of_spw.variance, of_spw.timescale)
        for spw, of_spw in zip(spws, found.drifts, strict=True)
    }
    with atomic.replacing(job.output[0]) as part:
        write_table(part, pointing_table(found.pointing, found.kept, drifts))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
