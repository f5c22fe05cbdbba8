"""Fit (memo, step 3): the flux of minispiral and core in every integration of one spw.

In: the split measurement set, IM1, the place of the core, and the antenna gains where the data are
self-calibrated. Out: a table of unscaled fluxes with their errors and covariance, one row for each
integration; for all spws, from the last iteration, the memo's `.fit` file, for exchange; tables of
the residual by length of the baseline, by hour angle and by antenna; the dirty image of the
residual; and a table of the uv coverage.
"""


rule fit_visibilities:
    input:
        ms="<campaign>/{track}/spw{spw}/split.ms",
        im1=files.im1,
        core="<campaign>/{track}/core.json",
        gains=files.gains_of_fit,
        pointing=files.pointing_of_fit,
    output:
        "<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv",
    params:
        settings=values.settings("fit"),
        version=versions.FIT,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/fit.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/fit.tsv"
    resources:
        **ask("fit"),
    script:
        "../scripts/fit_visibilities.py"


rule measure_residuals:
    input:
        splits=files.of_all_spws("<campaign>/{track}/spw{spw}/split.ms"),
        im1=files.last_im1,
        core="<campaign>/{track}/core.json",
        inspection="<campaign>/{track}/inspection.json",
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        gains=files.gains_of_products,
        pointing=files.last_pointing,
    output:
        baseline="<campaign>/{track}/fit_residuals.ecsv",
        hour_angle="<campaign>/{track}/fit_residuals_by_hour_angle.ecsv",
        antenna="<campaign>/{track}/fit_residuals_by_antenna.ecsv",
        image="<campaign>/{track}/residual.fits",
        coverage="<campaign>/{track}/uv_coverage.ecsv",
    params:
        spws=values.spws,
        version=versions.RESIDUALS,
    log:
        "<logs>/{track}/residuals.log",
    benchmark:
        "<benchmarks>/{track}/residuals.tsv"
    resources:
        **ask("fit"),
    script:
        "../scripts/measure_residuals.py"
