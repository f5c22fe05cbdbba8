"""Measure the reference flux of each spw: the minispiral's median over tracks."""

import json

from minispiral.errors import MinispiralError
from minispiral.io import atomic
from minispiral.io.tables import columns
from minispiral.jobs import log
from minispiral.light_curves.reading import read_flagged_fit
from minispiral.light_curves.scaling import limits_of, reference_flux


def main(job) -> None:
    """Write the reference fluxes."""
    limits = {keys["track"]: keys for keys in job.params.limits}
    files = iter(job.input.fits)
    for (spw, tracks), output in zip(job.params.tracks.items(), job.output, strict=True):
        fits = [columns(read_flagged_fit(next(files), limits[track])) for track in tracks]
        try:
            reference = reference_flux(fits, [limits_of(limits[track], spw) for track in tracks])
        except MinispiralError as error:
            raise MinispiralError(f"spw {spw}: {error}") from error
        with atomic.replacing(output) as part:
            part.write_text(json.dumps({"reference_flux_jy": reference}) + "\n")


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
