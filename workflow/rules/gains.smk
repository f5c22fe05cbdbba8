"""Gains: how F_ext, the fitted flux of the minispiral, varies in each spw, and the fits' noise.

In: the fits of all spws of a track in an iteration, and their reference fluxes. Out: a table of the
ln F_ext that scales the light curves, with its error, and factors that correct the errors of the
fits.
"""


rule describe_gains:
    input:
        fits=files.of_all_spws("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv"),
        references=files.of_all_spws(files.reference),
        tables=files.flag_tables,
        pointing=files.pointing_of_fit,
    output:
        "<campaign>/{track}/iteration{iteration}/gains.ecsv",
    params:
        spws=values.spws,
        limits=values.limits,
        reason_for_own=values.reason_for_own_gains,
        version=versions.DESCRIBE_GAINS,
    log:
        "<logs>/{track}/iteration{iteration}/describe_gains.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/describe_gains.tsv"
    threads: ask.threads("gains")
    resources:
        **ask("gains"),
    script:
        "../scripts/describe_gains.py"
