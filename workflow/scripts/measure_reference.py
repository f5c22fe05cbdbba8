"""Measure the reference flux of one spw: the minispiral's median over tracks."""

import json

from minispiral.io import atomic
from minispiral.io.tables import columns
from minispiral.jobs import log
from minispiral.light_curves.reading import read_flagged_fit
from minispiral.light_curves.scaling import limits_of, reference_flux


def main(job) -> None:
    """Write the reference flux."""
    fits_with_limits = zip(job.input.fits, job.params.limits, strict=True)
    fits = [columns(read_flagged_fit(fit, keys)) for fit, keys in fits_with_limits]
    spw = int(job.wildcards.spw)
    reference = reference_flux(fits, [limits_of(keys, spw) for keys in job.params.limits])
    with atomic.replacing(job.output[0]) as part:
        part.write_text(json.dumps({"reference_flux_jy": reference}) + "\n")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
