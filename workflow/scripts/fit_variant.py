"""Find IM1 in another way, from averages in time, and fit the fluxes of all tracks with it."""

from minispiral.analysis.variants import VARIANTS
from minispiral.imaging.core import read_offset
from minispiral.imaging.models import read_model
from minispiral.io import atomic
from minispiral.io.records import write_records
from minispiral.jobs import log
from minispiral.light_curves.user_flags import flags_of_spws
from minispiral.sky.coverage import read_frame
from minispiral.sky.variants import TrackData, find_sky, fit_tracks, reader
from minispiral.visibilities.pointing import read_pointing


def main(job) -> None:
    """Write the fluxes of each track and spw."""
    files, params, variant = job.input, job.params, VARIANTS[job.wildcards.variant]
    places = zip(params.tracks.items(), files.averages, files.cores, files.pointings, strict=True)
    tracks = [
        TrackData(
            name,
            spws,
            read_offset(core),
            reader(averages, flags_of_spws(files.tables, name, spws)),
            read_pointing(pointing) if variant.pointing else None,
        )
        for (name, spws), averages, core, pointing in places
    ]
    sky = next(map(read_model, files.sky), None)
    if sky is None:
        frame = read_frame(files.grid)
        sky = find_sky(variant, tracks, frame, params.settings, params.turns, job.threads)
    with atomic.replacing(job.output[0]) as part:
        write_records(part, list(fit_tracks(tracks, sky, job.threads)))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
