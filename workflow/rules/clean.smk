"""CLEAN (memo, step 1): IM0, the image of core and minispiral, for each spw.

In: the split measurement set, the inspections of the tracks that share its pixel grid, and where
asked for a mask: the user's, or that of the spw before. Out: a folder with CASA's im0.image,
im0.model, im0.residual, im0.psf, im0.pb and im0.mask.
"""


def grid_inspections(wildcards) -> list:
    """Inspections of the tracks whose longest baseline sets the cell.

    A change of another track is no reason to CLEAN this one again: it hardly ever changes the
    cell, and where it does, averaging the models says so.
    """
    files = {
        track: f"{campaign.folder}/{track}/inspection.json"
        for track in campaign.grid_tracks(wildcards.track)
    }
    return [
        path if track == wildcards.track else ancient(path)
        for track, path in files.items()
    ]


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
        inspections=grid_inspections,
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
