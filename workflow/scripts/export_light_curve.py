"""Write one spw's light curve in the memo's ascii form."""

from minispiral import atomic, joblog
from minispiral.products import read_table, write_ascii_light_curve


def main(job) -> None:
    """Write the good integrations as text."""
    with atomic.replacing(job.output[0]) as part:
        write_ascii_light_curve(part, read_table(job.input[0]))


if __name__ == "__main__":
    joblog.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
