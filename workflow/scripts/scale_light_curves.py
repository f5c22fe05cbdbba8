"""Scale the fits of a track's spws to their reference fluxes: the light curves."""

from functools import partial

from minispiral.io import atomic
from minispiral.io.tables import read_table, write_table
from minispiral.io.wording import names_by_remark
from minispiral.jobs import log
from minispiral.light_curves.hand_gains import Feeds, in_words, not_measured
from minispiral.light_curves.polarization_floors import META, as_meta, measured_floors
from minispiral.light_curves.reading import scaled_light_curve
from minispiral.measures.elevation import parallactic_angle, remembered
from minispiral.ms.inspection import read_inspection
from minispiral.report.places import places


def main(job) -> None:
    """Write each spw's light curve."""
    files, params, track = job.input, job.params, job.wildcards.track
    (limits,) = params.limits
    absorption = dict(zip(params.corrected, map(read_table, files.absorption), strict=True))
    seen = read_inspection(files.inspection)
    where = {"direction": seen.direction_deg, "position": seen.position_m}
    angle = remembered(partial(parallactic_angle, **where))
    gains = read_table(files.gains)
    feeds = [Feeds(seen.correlations(spw), angle) for spw in params.spws]
    spws = zip(params.spws, files.fits, files.references, feeds, strict=True)
    curves = [
        scaled_light_curve(fit, reference, gains, limits, track, spw, absorption.get(spw), of_spw)
        for spw, fit, reference, of_spw in spws
    ]
    floors = as_meta(measured_floors(curves, feeds[0]))
    for curve, output in zip(curves, job.output, strict=True):
        curve.meta[META] = floors
        with atomic.replacing(output) as part:
            write_table(part, curve)
    remarks = (((name, spw), in_words(*what)) for name, spw, *what in not_measured(curves))
    for text, where in names_by_remark(remarks).items():
        log.announce(f"{places(where)}: {text}")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
