"""Simulated tracks, for those that the configuration gives no measurement set.

In: nothing but the track's `simulate` keys. Out: a measurement set as QA2 delivers it, and beside
it the truth: the core's Stokes parameters, the gains put in, and which integrations are broken.
"""


def simulation(wildcards) -> dict:
    """The track's simulate keys, in an order of their own."""
    return dict(sorted(campaign.simulation(wildcards.track).items()))


rule simulate:
    output:
        ms=directory("<campaign>/simulated/{track}.ms"),
        truth="<campaign>/simulated/{track}.truth.csv",
    params:
        settings=simulation,
        version=versions.SIMULATE,
    log:
        "<logs>/{track}/simulate.log",
    benchmark:
        "<benchmarks>/{track}/simulate.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("simulate"),
        runtime=request_runtime("simulate"),
    script:
        "../scripts/simulate.py"
