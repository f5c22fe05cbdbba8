"""Store the resolved configuration, defaults filled in, beside the products."""

import yaml

from minispiral.io import atomic
from minispiral.jobs import log


def main(job) -> None:
    """Write the configuration."""
    with atomic.replacing(job.output[0]) as part:
        part.write_text(yaml.safe_dump(dict(job.params.resolved), sort_keys=False))


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
