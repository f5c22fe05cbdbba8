"""Collect the light curves of all tracks; tabulate the minispiral's flux and the gains."""

from minispiral.columns.gains import GAINS
from minispiral.columns.light_curves import LIGHT_CURVES, MINISPIRAL_FLUX
from minispiral.gains.tables import gain_summary
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.light_curves.tables import collected, minispiral_flux_table, with_times
from minispiral.measures.stated import all_stated
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the stacked table, the minispiral's flux, and how gains were found."""
    curves = [read_table(path) for path in job.input.light_curves]
    seen = map(read_inspection, job.input.inspections)
    tracks = dict.fromkeys(str(curve["track"][0]) for curve in curves)
    places = {
        track: (of_track.direction_deg, of_track.position_m)
        for track, of_track in zip(tracks, seen, strict=True)
    }
    together = with_times(collected(curves, all_stated(job.params.stated)), places)
    for path, table, known in (
        (job.output.minispiral_flux, minispiral_flux_table(curves), MINISPIRAL_FLUX),
        (job.output.gains, gain_summary(curves), GAINS),
        (job.output.light_curves, together, LIGHT_CURVES),
    ):
        with atomic.replacing(path) as part:
            write_product(part, table, known, origin_of(part))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
