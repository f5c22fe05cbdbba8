"""Remove intermediate measurement sets, averages and images."""

import logging
import shutil
from pathlib import Path

from minispiral.jobs import log
from minispiral.ms.files import folder_bytes


def main(job) -> None:
    """Remove the files and folders that are there, and say how much room that makes."""
    room = 0
    for path in filter(Path.exists, map(Path, job.params.intermediates)):
        if path.is_dir():
            room += folder_bytes(path)
            shutil.rmtree(path)
        else:
            room += path.stat().st_size
            path.unlink()
        logging.info("removed %s", path)
    log.announce(f"{room / 1e6:.0f} MB of intermediate data removed")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
