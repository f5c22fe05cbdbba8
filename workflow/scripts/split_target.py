"""Split a target's field from its measurement set: all rounds start with these data."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection
from minispiral.ms.integrations import settle_times
from minispiral.ms.split import split_field


def main(job) -> None:
    """Write the measurement set."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    inspection = read_inspection(job.input.inspection)
    with atomic.replacing(output) as part, casa.session(job.log[0]):
        bad = split_field(ms, part, inspection, job.params.settings["data_column"])
        settle_times(part)
    if bad:
        log.announce(f"flagged {bad} samples that are not finite or have no proper weight")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
