"""Write a track's light curves as the text files of the memo's second script."""

from minispiral.exports.memo_curves import write_memo_curves
from minispiral.io import atomic
from minispiral.io.tables import read_table
from minispiral.jobs import log


def main(job) -> None:
    """Write the folder."""
    files = job.input
    curves = [read_table(path) for path in files.light_curves]
    polarimetry = next(map(read_table, files.polarimetry), None)
    with atomic.replacing(job.output[0]) as part:
        write_memo_curves(part, job.wildcards.track, curves, polarimetry)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
