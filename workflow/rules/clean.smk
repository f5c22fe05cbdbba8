"""CLEAN (memo, step 1): IM0, the image of core and minispiral, for each spw.

In: the split measurement set, the inspections of the tracks that share its pixel grid, and where
asked for a mask: the user's, or that of the spw before. Out: a folder with CASA's im0.image,
im0.model, im0.residual, im0.psf, im0.pb and im0.mask.
"""


def grid_inspections(wildcards) -> list[str]:
    """Inspections of the tracks whose longest baseline sets the cell."""
    return [
        f"{campaign.folder}/{track}/inspection.json"
        for track in campaign.grid_tracks(wildcards.track)
    ]


def starting_mask(wildcards) -> list[str]:
    """The mask to start from, as a list of at most one: user's, or IM0 of the spw before."""
    image = campaign.settings("image", wildcards.track)
    user_mask = configuration.mask_path(image)
    if user_mask is not None:
        return [user_mask]
    spws = campaign.spws(wildcards.track)
    place = spws.index(int(wildcards.spw))
    if image["mask"] == "auto" or place == 0:
        return []
    return [f"{campaign.folder}/{wildcards.track}/spw{spws[place - 1]}/im0"]


rule clean_spw:
    input:
        ms="<campaign>/{track}/spw{spw}/split.ms",
        inspections=grid_inspections,
        mask=starting_mask,
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
