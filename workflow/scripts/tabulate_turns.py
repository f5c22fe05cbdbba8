"""Tabulate what each turn of fluxes and sky changed, and what stopped them."""

from collections.abc import Iterator, Sequence

from minispiral.columns.gains import TURNS
from minispiral.imaging.models import read_model
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.records import read_records
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.sky.history import ALL_TRACKS, TurnDone, TurnSums, rows_of_turns, turns_table
from minispiral.sky.image import STOPPED
from minispiral.sky.track import SpwFluxes


def turns(
    skies: Sequence[str], fluxes: Sequence[Sequence[str]], spws: dict[str, list[int]]
) -> Iterator[TurnDone]:
    """Read the turns one by one, and only those that are needed."""
    for number, path in enumerate(skies):
        sky, sums = read_model(path), TurnSums()
        for place, track in enumerate(spws):
            before = _fluxes(fluxes[number - 1][place]) if number else []
            sums.add(track, spws[track], _fluxes(fluxes[number][place]), before)
        yield TurnDone(sums, float(sky.pixels.sum()), STOPPED in sky.header)


def _fluxes(path: str) -> list[SpwFluxes]:
    return list(read_records(path, SpwFluxes))


def main(job) -> None:
    """Write the table."""
    skies, fluxes, rows = iter(job.input.skies), iter(job.input.fluxes), []
    for sky in job.params.skies:
        spws = sky["spws"]
        for iteration in range(job.params.iterations + 1):
            of_turns = [(next(skies), [next(fluxes) for _ in spws]) for _ in range(sky["turns"])]
            done = turns(*zip(*of_turns, strict=True), spws)
            rows += rows_of_turns(sky["track"] or ALL_TRACKS, iteration, sky["turns"], done)
    with atomic.replacing(job.output[0]) as part:
        write_product(part, turns_table(rows), TURNS, origin_of(part))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
