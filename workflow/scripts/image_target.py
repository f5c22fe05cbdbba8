"""Image a target before it is self-calibrated: its round 0."""

from minispiral import casa
from minispiral.imaging.clean import ImageSettings, choose_cell
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.antennas import dish_remarks
from minispiral.ms.inspection import read_inspection
from minispiral.selfcal.target import first_image


def main(job) -> None:
    """Write the folder of the images and the record."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    mask = next(iter(job.absolute_input.mask), None)
    image = job.params.settings["image"]
    inspection = read_inspection(job.input.inspection)
    settings = ImageSettings(image, choose_cell(image, inspection), mask)
    with atomic.replacing(output) as part, casa.session(job.log[0], threads=job.threads):
        record = first_image(ms, part, settings, dish_remarks(inspection.dishes_m))
    log.announce(
        f"peak / rms {record.dynamic_range:.4g}; rms {record.rms:.3g} Jy/beam, "
        f"{record.expected_rms:.3g} expected from the weights: {record.reason}"
    )


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
