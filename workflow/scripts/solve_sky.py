"""Solve for the sky of a turn, or keep the last one where the fluxes change no more."""

from minispiral.imaging.core import read_offset
from minispiral.imaging.models import read_model, write_model
from minispiral.io import atomic
from minispiral.io.records import read_records
from minispiral.jobs import log
from minispiral.sky.coverage import read_frame
from minispiral.sky.equations import read_sums, total
from minispiral.sky.track import SpwFluxes
from minispiral.sky.turns import Turn, next_sky


def main(job) -> None:
    """Write the sky."""
    files, settings = job.input, job.params.settings
    before = next(map(read_model, files.sky), None)
    fluxes = [spw for path in files.fluxes for spw in read_records(path, SpwFluxes)]
    fluxes_before = [spw for path in files.fluxes_before for spw in read_records(path, SpwFluxes)]
    number = int(job.wildcards.turn)
    turn = Turn(number, job.params.is_last, before, fluxes, fluxes_before)
    cores = [read_offset(path) for path in files.cores]
    sky = next_sky(
        turn,
        read_frame(files.grid),
        settings,
        cores,
        lambda: total(map(read_sums, files.sums)),
    )
    with atomic.replacing(job.output[0]) as part:
        write_model(part, sky)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
