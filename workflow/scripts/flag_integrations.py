"""Flag outlier integrations of one spw automatically."""

import logging

from minispiral import atomic, joblog
from minispiral.flagging import UNFLAGGED, AutomaticFlagger, automatic_flags
from minispiral.products import columns, flags_table, read_table, write_table


def main(job) -> None:
    """Write the table of flags."""
    fit = read_table(job.input[0])
    reasons = automatic_flags(columns(fit), AutomaticFlagger(**job.params.settings))
    logging.info("%d of %d integrations flagged", (reasons != UNFLAGGED).sum(), len(reasons))
    with atomic.replacing(job.output[0]) as part:
        write_table(part, flags_table(fit, reasons))


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
