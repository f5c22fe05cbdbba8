"""Store the resolved configuration, defaults filled in, beside the products."""

from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.jobs.provenance import configuration_text


def main(job) -> None:
    """Write the configuration."""
    with atomic.replacing(job.output[0]) as part:
        part.write_text(configuration_text(job.params.resolved), encoding="utf-8")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
