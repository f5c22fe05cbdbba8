"""Calibrated data: the gains applied to the visibilities.

In: the track's measurement set or its splits, the fits, and the light curves with the gains and
flags. Out: the minispiral alone, with the core subtracted; the gains as a calibration table for the
user's own measurement set (for a night a folder, with a table for each of its sets); and, on
request by name, the field with its true core.
"""


rule write_extended_data:
    input:
        splits=files.of_all_spws("<campaign>/{track}/spw{spw}/split.ms"),
        core="<campaign>/{track}/core.json",
        fits=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        antenna_gains=files.gains_of_products,
    output:
        directory(f"<campaign>/{{track}}/{campaign.name}_{{track}}.ms_ExtendedData"),
    params:
        spws=values.spws,
        version=versions.EXTENDED_DATA,
    log:
        "<logs>/{track}/extended_data.log",
    benchmark:
        "<benchmarks>/{track}/extended_data.tsv"
    resources:
        **ask("calibrate"),
    script:
        "../scripts/write_extended_data.py"


rule write_gains:
    input:
        sets=files.measurement_sets,
        inspections=files.inspections,
        fits=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
    output:
        directory(f"<campaign>/{{track}}/{campaign.name}_{{track}}.gains"),
    params:
        spws=values.spws,
        version=versions.WRITE_GAINS,
    log:
        "<logs>/{track}/gains.log",
    benchmark:
        "<benchmarks>/{track}/gains.tsv"
    resources:
        **ask("calibrate"),
    script:
        "../scripts/write_gains.py"


rule write_selfcal_gains:
    input:
        sets=files.measurement_sets,
        inspections=files.inspections,
        fits=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        antenna_gains=files.last_gains,
    output:
        directory(f"<campaign>/{{track}}/{campaign.name}_{{track}}.selfcal_gains"),
    params:
        spws=values.spws,
        version=versions.SELFCAL_GAINS,
    log:
        "<logs>/{track}/selfcal_gains.log",
    benchmark:
        "<benchmarks>/{track}/selfcal_gains.tsv"
    resources:
        **ask("calibrate"),
    script:
        "../scripts/write_selfcal_gains.py"


rule write_calibrated_data:
    input:
        sets=files.measurement_sets,
        inspections=files.inspections,
        fits=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        antenna_gains=files.gains_of_products,
    output:
        directory(f"<campaign>/{{track}}/{campaign.name}_{{track}}.calibrated.ms"),
    params:
        spws=values.spws,
        data_column=values.data_column,
        version=versions.CALIBRATED_DATA,
    log:
        "<logs>/{track}/calibrated_data.log",
    benchmark:
        "<benchmarks>/{track}/calibrated_data.tsv"
    resources:
        **ask("calibrate"),
    script:
        "../scripts/write_calibrated_data.py"
