"""Tabulate what each iteration changed, and whether another is worth it."""

from minispiral import casa
from minispiral.analysis.convergence import convergence_table
from minispiral.columns.analysis import CONVERGENCE
from minispiral.imaging.models import read_residual, root_mean_square
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.io.tables import read_table
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.sky.history import ALL_TRACKS, ends_of_turns


def main(job) -> None:
    """Write the table."""
    output = job.absolute_output[0]
    fits = [read_table(path) for path in job.input.fits]
    light_curves = [read_table(path) for path in job.input.light_curves]
    folders, turns = job.absolute_input.images, {}
    sky_of = {
        track: sky["track"] or ALL_TRACKS for sky in job.params.skies for track in sky["spws"]
    }
    for path in job.input.turns:
        turns = ends_of_turns(read_table(path), sky_of)
    with casa.session(job.log[0]):
        residuals = [root_mean_square(read_residual(folder)) for folder in folders]
    table = convergence_table(fits, light_curves, residuals, job.params.iterations + 1, turns)
    with atomic.replacing(output) as part:
        write_product(part, table, CONVERGENCE, origin_of(part))
    last = table[table["iteration"] == job.params.iterations]
    log.announce(
        f"after iteration {job.params.iterations} the fits' chi-square is "
        f"{min(last['chi2']):.3g} to {max(last['chi2']):.3g}; another iteration "
        f"{'is' if any(last['another_is_worth_it']) else 'is not'} worth it, see {job.output[0]}"
    )


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
