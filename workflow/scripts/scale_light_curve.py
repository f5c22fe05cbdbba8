"""Scale one spw's fit to the reference flux: its light curve."""

from minispiral import atomic, joblog
from minispiral.light_curve import scaled_light_curve
from minispiral.products import read_table, write_table


def main(job) -> None:
    """Write the light curve."""
    files = job.input
    curve = scaled_light_curve(
        files.fit,
        files.flags,
        files.reference,
        files.gains,
        *job.params.limits,
        track=job.wildcards.track,
        spw=int(job.wildcards.spw),
        absorption=next(map(read_table, files.absorption), None),
    )
    with atomic.replacing(job.output[0]) as part:
        write_table(part, curve)


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
