"""What leaves the workflow: data for lines, for deep continuum, for transients; the memo's files.

In: calibrated data, fits, light curves with gains and flags, IM1. Out, where the user asks for
them by name: the calibrated field with all its channels, without the core of each integration; the
data less the full model, with one channel for each spw, and maps of their snapshots over the noise;
light curves as the text files of the memo's second script.
"""


rule write_core_subtracted:
    input:
        calibrated=f"<campaign>/{{track}}/{campaign.name}_{{track}}.calibrated.ms",
        core="<campaign>/{track}/core.json",
        fits=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        polarimetry=files.polarimetry,
    output:
        directory(f"<campaign>/{{track}}/{campaign.name}_{{track}}.core_subtracted.ms"),
    params:
        spws=values.spws,
        version=versions.CORE_SUBTRACTED,
    log:
        "<logs>/{track}/core_subtracted.log",
    benchmark:
        "<benchmarks>/{track}/core_subtracted.tsv"
    resources:
        **ask("calibrate"),
    script:
        "../scripts/write_core_subtracted.py"


rule write_residual_data:
    input:
        extended=f"<campaign>/{{track}}/{campaign.name}_{{track}}.ms_ExtendedData",
        im1=files.last_im1,
        core="<campaign>/{track}/core.json",
        pointing=files.last_pointing,
        fits=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
    output:
        data=directory(f"<campaign>/{{track}}/{campaign.name}_{{track}}.residual.ms"),
        snapshots=f"<campaign>/{{track}}/{campaign.name}_{{track}}.residual_snapshots.fits",
    params:
        spws=values.spws,
        version=versions.RESIDUAL_DATA,
    log:
        "<logs>/{track}/residual_data.log",
    benchmark:
        "<benchmarks>/{track}/residual_data.tsv"
    resources:
        **ask("sum_sky"),
    script:
        "../scripts/write_residual_data.py"


rule export_memo_curves:
    input:
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        polarimetry=files.polarimetry,
    output:
        directory("<campaign>/{track}/LCurves_SGRA_{track}"),
    params:
        version=versions.MEMO_CURVES,
    log:
        "<logs>/{track}/memo_curves.log",
    benchmark:
        "<benchmarks>/{track}/memo_curves.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/export_memo_curves.py"
