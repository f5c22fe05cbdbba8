"""CLEAN one spw: IM0, core and minispiral."""

from minispiral import casa
from minispiral.imaging.averaging import data_to_image
from minispiral.imaging.clean import ImageSettings, choose_cell, clean
from minispiral.imaging.state import write_clean_state
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection
from minispiral.selfcal.data_state import read_state


def main(job) -> None:
    """Write the folder of CLEAN images."""
    ms, output = job.absolute_input.ms, job.absolute_output[0]
    settings = job.params.settings
    inspection = read_inspection(job.input.inspection)
    cell = choose_cell(settings, inspection)
    user_mask = next(iter(job.absolute_input.mask), None)
    previous = next((path / "im0.mask" for path in job.absolute_input.previous), None)
    with atomic.replacing(output) as part, casa.session(job.log[0], threads=job.threads):
        data = data_to_image(ms, inspection, settings, cell)
        image = ImageSettings(settings, cell, user_mask)
        cleaning = clean(data, part, image, previous)
        write_clean_state(part, cleaning, read_state(data).expected_rms)
    for remark in cleaning.remarks:
        log.announce(remark)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
