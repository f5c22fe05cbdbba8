"""Compare a target's rounds: a table, and pictures of before and after."""

from pathlib import Path

import numpy as np

from minispiral import atomic, casa, joblog
from minispiral.model_image import read_casa_image
from minispiral.plots import save
from minispiral.products import write_table
from minispiral.selfcal_engine import CLEAN_NAME
from minispiral.selfcal_rounds import read_record, rounds_table
from minispiral.sky_plots import plot_before_after


def main(job) -> None:
    """Write the table and the picture."""
    output = {name: Path(path).resolve() for name, path in job.output.items()}
    folders = [Path(path).resolve() for path in job.input]
    records = [read_record(folder / "record.json") for folder in folders]
    errors = job.params.settings["expected_errors"]
    error = float(np.hypot(np.radians(errors["phase_deg"]), errors["amplitude"]))
    first, best = records[0], records[records[-1].best]
    with casa.session(job.log[0]):
        before, cell = read_casa_image(folders[0] / f"{CLEAN_NAME}.image")
        after, _ = read_casa_image(folders[best.round] / f"{CLEAN_NAME}.image")
    with atomic.replacing(output["table"]) as part:
        write_table(part, rounds_table(records, error))
    figure = plot_before_after(before, after, cell, first, best, job.wildcards.target)
    save(figure, output["picture"])
    joblog.announce(
        f"{len(records) - 1} rounds done, the best is round {best.round}: peak / rms "
        f"{first.dynamic_range:.4g} -> {best.dynamic_range:.4g}, see {job.output.table} and "
        f"{job.output.picture}"
    )


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
