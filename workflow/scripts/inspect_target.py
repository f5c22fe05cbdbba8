"""Inspect a target's measurement set and check that self-calibration can use it."""

from minispiral import casa
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.antennas import dish_remarks
from minispiral.ms.comparison import weight_remarks
from minispiral.ms.inspection import inspect_target, write_inspection
from minispiral.ms.lone_hand import remarks_on


def main(job) -> None:
    """Write what the measurement set holds."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    with casa.session(job.log[0]):
        inspection = inspect_target(ms, **job.params.settings, state=job.params.state)
    remarks = [*remarks_on(inspection.hands), *dish_remarks(inspection.dishes_m)]
    for remark in [*remarks, *weight_remarks(inspection)]:
        log.announce(remark)
    with atomic.replacing(output) as part:
        write_inspection(part, inspection)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
