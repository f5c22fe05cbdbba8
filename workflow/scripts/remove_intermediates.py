"""Remove intermediate measurement sets and images."""

import logging
import shutil
from pathlib import Path

from minispiral.jobs import log
from minispiral.ms.files import folder_bytes


def main(job) -> None:
    """Remove the folders that are there, and say how much room that makes."""
    room = 0
    for folder in filter(Path.is_dir, map(Path, job.params.intermediates)):
        room += folder_bytes(folder)
        shutil.rmtree(folder)
        logging.info("removed %s", folder)
    log.announce(f"{room / 1e6:.0f} MB of intermediate data removed")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
