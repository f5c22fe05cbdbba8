"""Fit a track's fluxes with the sky so far, and its antenna gains; make sums for the next sky."""

from dataclasses import replace

from minispiral.imaging.core import read_offset, sky_model
from minispiral.imaging.models import read_model
from minispiral.io import atomic
from minispiral.io.records import read_records, write_records
from minispiral.jobs import log
from minispiral.light_curves.user_flags import flags_of_spws
from minispiral.sky.averages import Averages
from minispiral.sky.coverage import read_frame
from minispiral.sky.equations import SkySums, write_sums
from minispiral.sky.image import has_stopped
from minispiral.sky.slow_gains import SlowGains
from minispiral.sky.track import (
    SpwData,
    add_sums,
    gains_of_turn,
    measure_fluxes,
    minispiral_visibilities,
)


def main(job) -> None:
    """Write sums, fluxes and gains; where the turns have stopped, only the gains so far."""
    files, sums, fluxes = job.input, SkySums(read_frame(job.input.grid).grid), []
    core, sky, scale = read_offset(files.core), None, 1.0
    gains = [spw for path in files.gains for spw in read_records(path, SlowGains)]
    turn, stopped = int(job.wildcards.turn), False
    if files.sky:
        image = read_model(files.sky[0])
        sky, scale = sky_model(image, core), float(image.pixels.sum())
        stopped = has_stopped(image, turn)
    if not stopped:
        spws = _data(job)
        # this sky determines both gains and fluxes
        minispirals = [
            None if sky is None else minispiral_visibilities(data.averages, sky, job.threads)
            for data in spws
        ]
        if job.params.solve:
            believed = turn >= job.params.first_solved
            gains = gains_of_turn(believed, job.params.solve, spws, gains, minispirals, core)
            spws = [data.corrected(gain) for data, gain in zip(spws, gains, strict=True)]
        settled = all(gain.settled for gain in gains)
        for data, minispiral in zip(spws, minispirals, strict=True):
            measured = measure_fluxes(data, minispiral, scale, core)
            fluxes.append(replace(measured, settled=settled))
            add_sums(sums, data, fluxes[-1], core, job.threads)
    with atomic.replacing(job.output.sums) as part:
        write_sums(part, sums)
    with atomic.replacing(job.output.fluxes) as part:
        write_records(part, fluxes)
    with atomic.replacing(job.output.gains) as part:
        write_records(part, gains)


def _data(job) -> list[SpwData]:
    """The track's averages, and the flags that the user has given."""
    flags = flags_of_spws(job.input.table, job.wildcards.track, job.params.spws)
    averages = read_records(job.input.averages, Averages)
    return [SpwData(*of_spw) for of_spw in zip(averages, flags, strict=True)]


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
