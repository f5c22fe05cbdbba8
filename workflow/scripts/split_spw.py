"""Split one spw of the target field, averaged to one channel."""

from pathlib import Path

from minispiral import atomic, casa, joblog
from minispiral.measurement_set import read_inspection
from minispiral.split import split_spw


def main(job) -> None:
    """Write the split measurement set."""
    ms, output = Path(job.input.ms).resolve(), Path(job.output[0]).resolve()
    inspection = read_inspection(job.input.inspection)
    column = job.params.settings["data_column"]
    with atomic.replacing(output) as part, casa.session(job.log[0], threads=job.threads):
        split_spw(ms, part, inspection, int(job.wildcards.spw), column)


if __name__ == "__main__":
    job = snakemake  # noqa: F821  (Snakemake puts it there)
    with joblog.logged(job.log[0], job.rule, dict(job.wildcards.items())):
        main(job)
