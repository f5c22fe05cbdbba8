"""Fit (memo, step 3): the flux of minispiral and core in every integration of one spw.

In: the split measurement set, IM1, the core's place, and the antenna gains where the data are
self-calibrated. Out: a table of unscaled fluxes with their errors and covariance, one row an
integration; and of all spws, from the last iteration, the memo's `.fit` file, for exchange.
"""


rule fit_visibilities:
    input:
        ms="<campaign>/{track}/spw{spw}/split.ms",
        im1=im1_of_iteration,
        core="<campaign>/{track}/core.json",
        gains=gains_of_fit,
    output:
        "<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv",
    params:
        settings=settings_of("fit"),
        version=versions.FIT,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/fit.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/fit.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("fit"),
        runtime=request_runtime("fit"),
    script:
        "../scripts/fit_visibilities.py"


rule export_fit:
    input:
        fits=of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
    output:
        f"<campaign>/{{track}}/SGRA_FIT_{campaign.name}_{{track}}.fit",
    params:
        version=versions.EXPORT_FIT,
    log:
        "<logs>/{track}/export_fit.log",
    benchmark:
        "<benchmarks>/{track}/export_fit.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/export_fit.py"
