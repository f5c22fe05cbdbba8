"""Images and models (memo, steps 1 and 2): IM0, core and minispiral, and IM1, minispiral alone.

In: the split measurement sets; the inspection with the longest baseline; on request a mask, that of
the user or of the spw before; in iterations, the models of their images. Out: for each spw IM0, a
folder with CASA's im0.image, im0.model, im0.residual, im0.psf, im0.pb and im0.mask; the mean of a
track's models without the core, and the mean over the tracks of the campaign, which is IM1, as
FITS; from the last iteration IM1 of each track as a text file of CLEAN components, and convolved
with the CLEAN beam as FITS and CASA image; and the place of the core: as configured, from the split
data, or with `model.method: clean` at the peak of IM0.
"""


rule clean_spw:
    input:
        ms="<campaign>/{track}/spw{spw}/split.ms",
        inspection="<campaign>/{track}/inspection.json",
        mask=files.user_mask,
        previous=files.previous_im0,
    output:
        directory("<campaign>/{track}/spw{spw}/im0"),
    params:
        settings=values.settings("image"),
        version=versions.CLEAN,
    log:
        "<logs>/{track}/spw{spw}/clean.log",
    benchmark:
        "<benchmarks>/{track}/spw{spw}/clean.tsv"
    resources:
        **ask("clean"),
    script:
        "../scripts/clean_spw.py"


rule remove_core:
    input:
        files.of_all_spws("<campaign>/{track}/spw{spw}/im0"),
    output:
        "<campaign>/{track}/without_core.fits",
    params:
        spws=values.spws,
        fill=values.core_fill,
        version=versions.REMOVE_CORE,
    log:
        "<logs>/{track}/remove_core.log",
    benchmark:
        "<benchmarks>/{track}/remove_core.tsv"
    resources:
        **ask("model"),
    script:
        "../scripts/remove_core.py"


rule locate_core:
    input:
        images=files.images_of_core,
        splits=files.data_of_core,
        coverage=files.field_of_core,
    output:
        "<campaign>/{track}/core.json",
    params:
        setting=values.core_offset,
        version=versions.LOCATE_CORE,
    log:
        "<logs>/{track}/locate_core.log",
    benchmark:
        "<benchmarks>/{track}/locate_core.tsv"
    resources:
        **ask("fit"),
    localrule: not files.cores_from_data
    script:
        "../scripts/locate_core.py"


rule average_campaign_models:
    input:
        files.models,
    output:
        "<campaign>/im1/iteration{iteration}.fits",
    params:
        models_a_track=values.models_a_track,
        version=versions.AVERAGE_MODELS,
    log:
        "<logs>/im1/iteration{iteration}.log",
    benchmark:
        "<benchmarks>/im1/iteration{iteration}.tsv"
    resources:
        **ask("model"),
    localrule: True
    script:
        "../scripts/average_models.py"


rule average_track_models:
    input:
        files.models,
    output:
        "<campaign>/{track}/iteration{iteration}/im1.fits",
    params:
        models_a_track=values.models_a_track,
        version=versions.AVERAGE_MODELS,
    log:
        "<logs>/{track}/iteration{iteration}/average_models.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/average_models.tsv"
    resources:
        **ask("model"),
    script:
        "../scripts/average_models.py"


rule export_im1:
    input:
        files.last_im1,
    output:
        components=f"<campaign>/{{track}}/{campaign.name}_{{track}}_CCs.dat",
        fits=f"<campaign>/{{track}}/{campaign.name}_{{track}}_noPeak.fits",
        image=directory(f"<campaign>/{{track}}/{campaign.name}_{{track}}_noPeak.image"),
    params:
        version=versions.EXPORT_IM1,
    log:
        "<logs>/{track}/export_im1.log",
    benchmark:
        "<benchmarks>/{track}/export_im1.tsv"
    resources:
        **ask("model"),
    script:
        "../scripts/export_im1.py"
