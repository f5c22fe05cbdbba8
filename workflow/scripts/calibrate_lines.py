"""Apply a target's solutions to line data of the same field."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection
from minispiral.ms.lone_hand import remarks_on_lines
from minispiral.selfcal.products import write_calibrated_lines


def main(job) -> None:
    """Write the calibrated measurement set."""
    lines, output = job.absolute_input.ms, job.absolute_output[0]
    target, inspection = map(read_inspection, (job.input.inspection, job.input.line))
    for remark in remarks_on_lines(inspection.hands, target.hands):
        log.announce(remark)
    rounds = job.absolute_input.rounds
    line = job.params.line
    with (
        atomic.replacing(output) as part,
        casa.session(job.log[0], scratch=part.parent),
    ):
        write_calibrated_lines(lines, part, inspection, line["data_column"], target, rounds)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
