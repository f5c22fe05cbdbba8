"""Measure the reference flux of one spw: the minispiral's median over tracks."""

import json

from minispiral import atomic, joblog
from minispiral.products import columns, read_table
from minispiral.scaling import Limits, reference_flux


def main(job) -> None:
    """Write the reference flux."""
    fits = [columns(read_table(path)) for path in job.input.fits]
    reference = reference_flux(fits, [Limits.from_settings(keys) for keys in job.params.limits])
    with atomic.replacing(job.output[0]) as part:
        part.write_text(json.dumps({"reference_flux_jy": reference}) + "\n")


if __name__ == "__main__":
    job = snakemake  # noqa: F821  (Snakemake puts it there)
    with joblog.logged(job.log[0], job.rule, dict(job.wildcards.items())):
        main(job)
