"""Describe how the gains of a track vary, and measure the noise that its fits have."""

import logging
import os

# each worker is a process with one thread, so that their number changes no sum
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

# ruff: noqa: E402
from minispiral.gains.curve import Drift
from minispiral.gains.description import describe_gains
from minispiral.gains.tables import calls_for_action, gain_curves_table, in_a_line
from minispiral.io import atomic
from minispiral.io.tables import columns, write_table
from minispiral.jobs import log
from minispiral.light_curves.reading import read_good_fit
from minispiral.measures.integrations import scan_labels
from minispiral.visibilities.pointing import read_drifts


def main(job) -> None:
    """Write the table of gain curves."""
    files, params = job.input, job.params
    (limits,) = params.limits
    tables, good = zip(
        *(
            read_good_fit(fit, reference, limits, spw)
            for fit, reference, spw in zip(files.fits, files.references, params.spws, strict=True)
        ),
        strict=True,
    )
    fits = [{**columns(table), "scan": scan_labels(table)} for table in tables]
    tolerance = min(table.meta["interval_s"] for table in tables) / 2
    drifts = None
    for path in files.pointing:  # one, or none
        drifts = [Drift(*of_spw) for of_spw in read_drifts(path, params.spws)]
    descriptions = describe_gains(
        fits, good, tolerance, params.reason_for_own or None, job.threads, drifts
    )
    table = gain_curves_table(params.spws, fits, descriptions)
    with atomic.replacing(job.output[0]) as part:
        write_table(part, table)
    logging.info("%s", in_a_line(table, params.spws))
    for remark in calls_for_action(table, params.spws):
        log.announce(remark)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
