"""CLEAN one spw: IM0, core and minispiral."""

from pathlib import Path

from minispiral import casa
from minispiral.imaging.averaging import data_to_image
from minispiral.imaging.clean import ImageSettings, choose_cell, clean
from minispiral.io import atomic
from minispiral.jobs import log
from minispiral.ms.inspection import read_inspection


def main(job) -> None:
    """Write the folder of CLEAN images."""
    ms, output = Path(job.input.ms).resolve(), Path(job.output[0]).resolve()
    settings = job.params.settings
    inspection = read_inspection(job.input.inspection)
    cell = choose_cell(settings, inspection)
    user_mask = next((Path(path).resolve() for path in job.input.mask), None)
    previous = next((Path(path, "im0.mask").resolve() for path in job.input.previous), None)
    with atomic.replacing(output) as part, casa.session(job.log[0], threads=job.threads):
        data = data_to_image(ms, inspection, settings, cell)
        clean(data, part, ImageSettings(settings, cell, user_mask), previous)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
