"""Fit a track's fluxes with the sky so far, and make its sums for the next one."""

from minispiral.imaging.core import read_offset, read_sky_model
from minispiral.imaging.models import read_model
from minispiral.io import atomic
from minispiral.io.records import read_records, write_records
from minispiral.jobs import log
from minispiral.light_curves.user_flags import read_user_flags
from minispiral.sky.averages import Averages
from minispiral.sky.coverage import read_frame
from minispiral.sky.equations import SkySums, write_sums
from minispiral.sky.image import has_stopped
from minispiral.sky.track import SpwData, add_sums, measure_fluxes


def main(job) -> None:
    """Write sums and fluxes; empty ones where the turns have stopped."""
    files, sums, spws = job.input, SkySums(read_frame(job.input.grid).grid), []
    core, sky, scale = read_offset(files.core), None, 1.0
    stopped = False
    if files.sky:
        image = read_model(files.sky[0])
        sky, scale = read_sky_model(files.sky[0], files.core), float(image.pixels.sum())
        stopped = has_stopped(image, int(job.wildcards.turn))
    if not stopped:
        flags = [flag for table in files.table for flag in read_user_flags(table)]
        averages = read_records(files.averages, Averages)
        for spw, average in zip(job.params.spws, averages, strict=True):
            track = job.wildcards.track
            data = SpwData(average, [flag for flag in flags if flag.concerns(track, spw)])
            spws.append(measure_fluxes(data, sky, scale, core, job.threads))
            add_sums(sums, data, spws[-1], core, job.threads)
    with atomic.replacing(job.output.sums) as part:
        write_sums(part, sums)
    with atomic.replacing(job.output.fluxes) as part:
        write_records(part, spws)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
