"""Statistics of the light curves' variability: mean, modulation index, structure function, correlation.

In: the light curves of all tracks and spws. Out: tables by track and for the campaign, and a picture.
"""


rule measure_variability:
    input:
        all_light_curves,
    output:
        statistics="<campaign>/statistics.ecsv",
        structure="<campaign>/structure_function.ecsv",
        correlation="<campaign>/correlation.ecsv",
        png=report(
            "<campaign>/variability.png",
            caption="../report/variability.rst",
            category="Campaign",
            labels={"figure": "variability"},
        ),
        pdf="<campaign>/variability.pdf",
    params:
        version=versions.VARIABILITY,
    log:
        "<logs>/variability.log",
    benchmark:
        "<benchmarks>/variability.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    script:
        "../scripts/measure_variability.py"
