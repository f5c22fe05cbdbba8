"""Scale one spw's fit to the reference flux: its light curve."""

import json
from pathlib import Path

from minispiral import atomic, joblog
from minispiral.products import (
    light_curve_table,
    read_flagged_fit,
    read_table,
    write_table,
)
from minispiral.scaling import limits_of


def main(job) -> None:
    """Write the light curve."""
    reference = json.loads(Path(job.input.reference).read_text())["reference_flux_jy"]
    (limits,) = job.params.limits
    spw = int(job.wildcards.spw)
    curve = light_curve_table(
        read_flagged_fit(job.input.fit, job.input.flags),
        reference,
        limits_of(limits, spw),
        job.wildcards.track,
        spw,
        next(map(read_table, job.input.absorption), None),
    )
    with atomic.replacing(job.output[0]) as part:
        write_table(part, curve)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
