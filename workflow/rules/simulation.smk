"""Simulated tracks, for those that the configuration gives no measurement set.

In: nothing but the track's `simulate` keys. Out: a measurement set as QA2 delivers it, and beside
it the truth: the core's Stokes parameters, the gains put in, and which integrations are broken.
"""


rule simulate:
    output:
        ms=directory("<campaign>/simulated/{track}.ms"),
        truth="<campaign>/simulated/{track}.truth.csv",
    params:
        settings=values.simulation,
        version=versions.SIMULATE,
    log:
        "<logs>/{track}/simulate.log",
    benchmark:
        "<benchmarks>/{track}/simulate.tsv"
    resources:
        **ask("simulate"),
    script:
        "../scripts/simulate.py"
