"""CLEAN (memo, step 1): IM0, the image of core and minispiral, for each spw.

In: the split measurement set, the inspection with the longest baseline, and where asked for a
mask: the user's, or that of the spw before. Out: a folder with CASA's im0.image,
im0.model, im0.residual, im0.psf, im0.pb and im0.mask.
"""


def user_mask(wildcards) -> list[str]:
    """The mask that the user gives, if any."""
    path = configuration.mask_path(campaign.settings("image", wildcards.track))
    return [] if path is None else [path]


def previous_im0(wildcards) -> list[str]:
    """IM0 of the spw before, where its mask is to be started from."""
    spws = campaign.spws(wildcards.track)
    place = spws.index(int(wildcards.spw))
    mask = campaign.settings("image", wildcards.track)["mask"]
    if mask != "incremental" or place == 0:
        return []
    return [f"{campaign.folder}/{wildcards.track}/spw{spws[place - 1]}/im0"]


rule clean_spw:
    input:
        ms="<campaign>/{track}/spw{spw}/split.ms",
        inspection="<campaign>/{track}/inspection.json",
        mask=user_mask,
        previous=previous_im0,
    output:
        directory("<campaign>/{track}/spw{spw}/im0"),
    params:
        settings=settings_of("image"),
        version=versions.CLEAN,
    log:
        "<logs>/{track}/spw{spw}/clean.log",
    benchmark:
        "<benchmarks>/{track}/spw{spw}/clean.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("clean"),
        runtime=request_runtime("clean"),
    script:
        "../scripts/clean_spw.py"
