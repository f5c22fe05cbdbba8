"""Compare a target's rounds: a table, and pictures of before and after."""

import numpy as np

from minispiral import casa
from minispiral.imaging.models import read_casa_image
from minispiral.io import atomic
from minispiral.io.tables import write_table
from minispiral.jobs import log
from minispiral.plots.sky import plot_before_after
from minispiral.plots.style import save
from minispiral.selfcal.rounds import read_record, rounds_table
from minispiral.selfcal.target import CLEAN_NAME


def main(job) -> None:
    """Write the table and the picture."""
    output = job.absolute_output
    folders = list(job.absolute_input)
    records = [read_record(folder / "record.json") for folder in folders]
    errors = job.params.settings["expected_errors"]
    error = float(np.hypot(np.radians(errors["phase_deg"]), errors["amplitude"]))
    first, best = records[0], records[records[-1].best]
    with casa.session(job.log[0]):
        before, cell = read_casa_image(folders[0] / f"{CLEAN_NAME}.image")
        after, _ = read_casa_image(folders[best.round] / f"{CLEAN_NAME}.image")
    with atomic.replacing(output.table) as part:
        write_table(part, rounds_table(records, error))
    figure = plot_before_after(before, after, cell, first, best, job.wildcards.target)
    save(figure, output.picture)
    log.announce(
        f"{len(records) - 1} rounds done, the best is round {best.round}: peak / rms "
        f"{first.dynamic_range:.4g} -> {best.dynamic_range:.4g}, see {job.output.table} and "
        f"{job.output.picture}"
    )


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
