"""Validation: light curves against the truth, for simulated tracks and those with `truth` given.

In: light curves, fits and tables of true fluxes. Out: tables of bias, scatter and pulls, of the
pulls' histograms, and of the residual's power against timescale; and a page that shows them.
"""


def of_spws_with_truth(name: str):
    """Return an input function: a file of each spw of the tracks with a truth, in this order."""

    def files(wildcards) -> list[str]:
        return [
            f"{campaign.folder}/{track}/<last>/spw{spw}/{name}"
            for track in tracks_with_truth()
            for spw in campaign.spws(track)
        ]

    return files


rule validate_light_curves:
    input:
        light_curves=of_spws_with_truth("light_curve.ecsv"),
        fits=of_spws_with_truth("fit.ecsv"),
        truths=truths,
    output:
        table="<campaign>/validation.ecsv",
        pulls="<campaign>/validation_pulls.ecsv",
        power="<campaign>/validation_power.ecsv",
        page="<campaign>/validation.html",
    params:
        title=campaign.name,
        tracks=tracks_with_truth(),
        version=versions.VALIDATE,
    log:
        "<logs>/validation.log",
    benchmark:
        "<benchmarks>/validation.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    script:
        "../scripts/validate_light_curves.py"


rule validate:
    """Compare light curves with the truth, where it is known: tables and validation.html."""
    input:
        "<campaign>/validation.html",
