"""Polarimetry over the spws: rotation measure, intrinsic EVPA, spectral index, depolarisation.

In: the fits and light curves of all spws of a track, two or more. Out: a table with a row for each
integration that is good in all of them.
"""


rule measure_polarimetry:
    input:
        fits=of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
    output:
        "<campaign>/{track}/polarimetry.ecsv",
    params:
        version=versions.POLARIMETRY,
    log:
        "<logs>/{track}/polarimetry.log",
    benchmark:
        "<benchmarks>/{track}/polarimetry.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/measure_polarimetry.py"
