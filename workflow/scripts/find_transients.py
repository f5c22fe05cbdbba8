"""Look for sources in the field that shine for minutes, in the residual visibilities of a track."""

from minispiral import casa
from minispiral.columns.science import TRANSIENTS
from minispiral.imaging.core import read_sky_model
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.ms.inspection import read_inspection
from minispiral.science.residuals import field_of, longest_average, measure, minutes_of, usable
from minispiral.science.transient_table import transients_table
from minispiral.science.transients import find_transients, in_words
from minispiral.sky.averages import average, read_samples
from minispiral.visibilities.antenna_gains import read_gains_of_spws
from minispiral.visibilities.pointing import read_pointing

ALMA_DISH = 12.0  # m, where a measurement set does not say


def main(job) -> None:
    """Write the table of transients."""
    files, params, track = job.input, job.params, job.wildcards.track
    sky, inspection = read_sky_model(files.im1, files.core), read_inspection(files.inspection)
    pointing = next(map(read_pointing, files.pointing), None)
    gains = read_gains_of_spws(files.gains, params.spws)
    curves = list(map(read_table, files.light_curves))
    dish = max(inspection.dishes_m, default=ALMA_DISH)
    seconds = min(
        longest_average(spw.frequency_hz, spw.longest_baseline_m, dish) for spw in inspection.spws
    )
    residuals = []
    with casa.session(job.log[0], threads=job.threads):
        for ms, gain, curve in zip(job.absolute_input.splits, gains, curves, strict=True):
            samples, bins = read_samples(ms, gain, seconds)
            averages = average(usable(samples, curve), bins)
            del samples  # the samples of one spw take memory enough
            residuals.append(measure(averages, sky, pointing, job.threads))
    place = field_of([spw.averages for spw in residuals], dish, sky.core_offset)
    minutes = minutes_of(residuals, place, job.threads)
    found = find_transients(minutes, params.false_alarms)
    with atomic.replacing(job.output[0]) as part:
        write_product(part, transients_table(track, found), TRANSIENTS, origin_of(part))
    log.announce(f"track {track}: {in_words(found)}")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
