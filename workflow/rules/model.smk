"""Models (memo, step 2): IM1, the minispiral alone.

In: IM0 of each spw, or the models of an iteration. Out: each spw's model without the core; their
mean over spws (and tracks, where `model.scope` says so), IM1, as FITS; from the last iteration as a
text file of CLEAN components, and convolved with the CLEAN beam as FITS and CASA image. And where
the core is: as configured, or at IM0's peak.
"""


def models_to_average(wildcards) -> list[str]:
    """Core-free models of all spws of the tracks that IM1 averages: IM0's, or an iteration's."""
    n = int(wildcards.iteration)
    name = f"iteration{n}/spw{{}}/minispiral.fits" if n else "spw{}/without_core.fits"
    return [
        f"{campaign.folder}/{track}/{name.format(spw)}"
        for track in campaign.model_tracks(wildcards.track)
        for spw in campaign.spws(track)
    ]


def spws_of_models(wildcards) -> list[int]:
    """How many of these models each track has, in their order."""
    return [
        len(campaign.spws(track)) for track in campaign.model_tracks(wildcards.track)
    ]


def core_fill(wildcards) -> str:
    """What takes the core's place: zero or surroundings."""
    return campaign.settings("model", wildcards.track)["core"]


rule remove_core:
    input:
        im0="<campaign>/{track}/spw{spw}/im0",
    output:
        "<campaign>/{track}/spw{spw}/without_core.fits",
    params:
        fill=core_fill,
        version=versions.REMOVE_CORE,
    log:
        "<logs>/{track}/spw{spw}/remove_core.log",
    benchmark:
        "<benchmarks>/{track}/spw{spw}/remove_core.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("model"),
        runtime=request_runtime("model"),
    script:
        "../scripts/remove_core.py"


def core_setting(wildcards) -> str | list[float]:
    """The core's place as configured: auto, or arcsec east and north of the phase centre."""
    return campaign.settings("model", wildcards.track)["core_offset"]


def images_of_core(wildcards) -> list[str]:
    """IM0 of the track's spws, where the core's place is taken from them."""
    if core_setting(wildcards) != "auto":
        return []
    return of_all_spws("<campaign>/{track}/spw{spw}/im0")(wildcards)


rule locate_core:
    input:
        images_of_core,
    output:
        "<campaign>/{track}/core.json",
    params:
        setting=core_setting,
        version=versions.LOCATE_CORE,
    log:
        "<logs>/{track}/locate_core.log",
    benchmark:
        "<benchmarks>/{track}/locate_core.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("model"),
        runtime=request_runtime("model"),
    localrule: True
    script:
        "../scripts/locate_core.py"


rule average_models:
    input:
        models_to_average,
    output:
        "<campaign>/{track}/iteration{iteration}/im1.fits",
    params:
        spws_of_tracks=spws_of_models,
        version=versions.AVERAGE_MODELS,
    log:
        "<logs>/{track}/iteration{iteration}/average_models.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/average_models.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("model"),
        runtime=request_runtime("model"),
    script:
        "../scripts/average_models.py"


rule export_im1:
    input:
        "<campaign>/{track}/<last>/im1.fits",
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
    threads: 1
    resources:
        mem_mb=request_memory("model"),
        runtime=request_runtime("model"),
    script:
        "../scripts/export_im1.py"
