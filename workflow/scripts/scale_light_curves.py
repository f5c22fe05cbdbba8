"""Scale the fits of a track's spws to their reference fluxes: the light curves."""

from minispiral.io import atomic
from minispiral.io.tables import read_table, write_table
from minispiral.jobs import log
from minispiral.light_curves.reading import scaled_light_curve


def main(job) -> None:
    """Write each spw's light curve."""
    files, params, track = job.input, job.params, job.wildcards.track
    (limits,) = params.limits
    absorption = dict(zip(params.corrected, map(read_table, files.absorption), strict=True))
    spws = zip(params.spws, files.fits, files.references, job.output, strict=True)
    for spw, fit, reference, output in spws:
        curve = scaled_light_curve(
            fit, reference, files.gains, limits, track, spw, absorption.get(spw)
        )
        with atomic.replacing(output) as part:
            write_table(part, curve)


if __name__ == "__main__":
    log.run(main, snakemake)  # noqa: F821  (Snakemake puts it there)
