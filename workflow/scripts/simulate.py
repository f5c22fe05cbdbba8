"""Simulate a track as QA2 delivers it, with its truth beside it."""

from pathlib import Path

from minispiral.jobs import log
from minispiral.simulation.track import simulate_track


def main(job) -> None:
    """Write the measurement set and the truth."""
    simulate_track(
        Path(job.output.ms), Path(job.output.truth), job.params.settings, Path(job.log[0])
    )


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
