"""Simulated tracks, for those to which the configuration gives no measurement set.

In: nothing but the track's `simulate` keys. Out: a measurement set as QA2 would deliver it, and the
truth: the Stokes parameters of the core, the simulated gains, and the broken integrations.
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
