"""Compare a target's rounds: a table, and pictures of before and after."""

import numpy as np

from minispiral import casa
from minispiral.columns.campaign import ROUNDS
from minispiral.imaging.models import read_casa_image
from minispiral.io import atomic
from minispiral.io.product_tables import write_product
from minispiral.jobs import log
from minispiral.jobs.provenance import origin_of
from minispiral.plots.rounds import RoundGains, plot_antenna_gains, plot_rounds
from minispiral.plots.sky import plot_before_after
from minispiral.plots.style import save
from minispiral.selfcal.data_state import antenna_names
from minispiral.selfcal.rounds import read_record, rounds_table
from minispiral.selfcal.target import CLEAN_NAME, read_solution_times, read_solutions


def read_rounds_gains(folders, records):
    """Names of the antennas, and the gains of each round that has any, by the round's label."""
    names, gains = [], {}
    for folder, record in zip(folders, records, strict=True):
        table = folder / "gains"
        if record.round and table.is_dir():
            names = antenna_names(table)
            gain, flag = read_solutions(table)
            label = f"round {record.round} ({record.calmode}, {record.solint})"
            gains[label] = RoundGains(
                read_solution_times(table), np.where(flag, np.nan, gain), "a" in record.calmode
            )
    return names, gains


def image_of_round(folder):
    """The image of a round; None where all its data were flagged, so that there is none."""
    path = folder / f"{CLEAN_NAME}.image"
    return read_casa_image(path)[0] if path.is_dir() else None


def main(job) -> None:
    """Write the table and the pictures."""
    output = job.absolute_output
    folders = list(job.absolute_input)
    records = [read_record(folder / "record.json") for folder in folders]
    errors = job.params.settings["expected_errors"]
    error = float(np.hypot(np.radians(errors["phase_deg"]), errors["amplitude"]))
    first, best = records[0], records[records[-1].best]
    with casa.session(job.log[0]):
        _, cell = read_casa_image(folders[0] / f"{CLEAN_NAME}.image")
        images = [image_of_round(folder) for folder in folders]
        before, after = images[0], images[best.round]
        names, gains = read_rounds_gains(folders, records)
    with atomic.replacing(output.table) as part:
        write_product(part, rounds_table(records, error), ROUNDS, origin_of(part))
    figure = plot_before_after(before, after, cell, first, best, job.wildcards.target)
    save(figure, output.picture)
    save(plot_rounds(images, cell, records, job.wildcards.target), output.images)
    title = f"{job.wildcards.target}: gains"
    save(plot_antenna_gains(names, gains, title), output.gains)
    log.announce(
        f"{len(records) - 1} rounds done, the best is round {best.round}: peak / rms "
        f"{first.dynamic_range:.4g} -> {best.dynamic_range:.4g}, see {job.output.table} and "
        f"{job.output.picture}"
    )


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
