"""Gains: how F_ext of each spw varies, smoothly, by scans or in steps, and the noise that is left.

In: the fits of all spws of a track in an iteration, and their reference fluxes. Out: a
table of ln F_ext as the light curves are to be scaled by, with its error, and noise factors for the
errors of the fits.
"""


def own_gains_because(wildcards) -> str:
    """Why each integration of the track has its own gain; empty if neighbours may tell of it."""
    return campaign.reason_for_own_gains(wildcards.track, int(wildcards.iteration)) or ""


rule describe_gains:
    input:
        fits=of_all_spws("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv"),
        references=of_all_spws(reference_of_track),
        tables=flag_tables,
    output:
        "<campaign>/{track}/iteration{iteration}/gains.ecsv",
    params:
        spws=spws_of_track,
        limits=good_limits,
        own_because=own_gains_because,
        version=versions.DESCRIBE_GAINS,
    log:
        "<logs>/{track}/iteration{iteration}/describe_gains.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/describe_gains.tsv"
    threads: request_threads("gains")
    resources:
        mem_mb=request_memory("gains"),
        runtime=request_runtime("gains"),
    script:
        "../scripts/describe_gains.py"
