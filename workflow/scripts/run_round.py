"""Do one round of self-calibration, and judge it."""

from minispiral import casa
from minispiral.imaging.clean import ImageSettings, choose_cell
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection
from minispiral.selfcal.rounds import Gate
from minispiral.selfcal.solver import Round
from minispiral.selfcal.target import RoundJob, run_round


def main(job) -> None:
    """Write the round's folder: gains, images and record."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    before = job.absolute_input.before
    mask = next(iter(job.absolute_input.mask), None)
    keys = job.params.settings
    image, gate = keys["image"], Gate(**keys["gate"])
    cell = choose_cell(image, read_inspection(job.input.inspection))
    settings, how = ImageSettings(image, cell, mask), Round(**job.params.how)
    # the scratch folder beside the output: it holds a copy of the data
    with (
        atomic.replacing(output) as part,
        casa.session(job.log[0], scratch=part.parent, threads=job.threads),
    ):
        task = RoundJob(ms, before, part, how, settings, keys["start"], keys["keep_start"])
        record = run_round(task, gate)
    verdict = "accepted" if record.accepted else "refused"
    log.announce(f"{verdict}: peak / rms {record.dynamic_range:.4g}: {record.reason}")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
