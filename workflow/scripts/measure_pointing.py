"""Find where a track's antennas point to on average, and what its light curves drift by."""

import logging

import numpy as np

from minispiral.imaging.core import read_sky_model
from minispiral.io import atomic
from minispiral.io.records import read_fields, read_records
from minispiral.io.tables import write_table
from minispiral.jobs import log
from minispiral.light_curves.user_flags import flags_of_spws
from minispiral.sky.array_drift import drift, groups_of_used
from minispiral.sky.array_pointing import SpwSums, array_pointing, is_believed
from minispiral.sky.averages import Averages
from minispiral.sky.group_sums import group_sums
from minispiral.sky.slow_gains import SlowGains
from minispiral.sky.track import SpwData, fit_fluxes, minispiral_visibilities
from minispiral.visibilities.pointing import pointing_table
from minispiral.visibilities.primary_beam import primary_beam_width


def main(job) -> None:
    """Write the table of the pointing, with the variance that drifts of each spw."""
    files = job.input
    sky = read_sky_model(files.im1, files.core)
    gains = [spw for path in files.gains for spw in read_records(path, SlowGains)]
    flags = flags_of_spws(files.table, job.wildcards.track, job.params.spws)
    used = np.concatenate(
        [np.unique(of_spw) for of_spw in read_fields(files.averages, "antenna1", "antenna2")]
    )
    spws, beams = [], []
    for place, averages in enumerate(read_records(files.averages, Averages)):
        data = SpwData(averages, flags[place])
        if gains:
            data = data.corrected(gains[place])
        minispiral = minispiral_visibilities(data.averages, sky, job.threads)
        fluxes = fit_fluxes(data, minispiral, 1.0, sky.core_offset)
        chi2 = float(np.median(fluxes.chi2[fluxes.used])) if fluxes.used.any() else np.nan
        if sky.dish_m is not None:
            beams.append(primary_beam_width(averages.frequency, sky.dish_m))
        group = groups_of_used(len(averages.antennas), used)
        sums = group_sums(data.averages, sky, group, job.threads)
        spws.append(SpwSums(sums, fluxes.used, chi2))
    pointing, processes = array_pointing(spws)
    kept = job.params.pointing == "auto" and is_believed(pointing, min(beams, default=np.inf))
    logging.info("pointing: evidence %.4g, %s", pointing.evidence, "kept" if kept else "left out")
    drifts = {
        spw: (of_spw.variance, of_spw.timescale)
        for spw, of_spw in zip(job.params.spws, drift(spws, processes if kept else []), strict=True)
    }
    with atomic.replacing(job.output[0]) as part:
        write_table(part, pointing_table(pointing, kept, drifts))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
