"""Models (memo, step 2): IM1, the minispiral alone.

In: IM0 of each spw, or the models of an iteration. Out: the mean of a track's models without the
core, and that over the campaign's tracks, IM1, as FITS; from the last iteration, for each track, as
a text file of CLEAN components, and convolved with the CLEAN beam as FITS and CASA image. And where
the core is: as configured, or at IM0's peak.
"""


def models_of(track: str, iteration: int) -> list[str]:
    """Core-free models of a track: one from IM0, else one a spw."""
    folder = f"{campaign.folder}/{track}"
    if iteration == 0:
        return [f"{folder}/without_core.fits"]
    return [
        f"{folder}/iteration{iteration}/spw{spw}/minispiral.fits"
        for spw in campaign.spws(track)
    ]


def models_by_track(wildcards) -> list[list[str]]:
    """Those of the job's track, or of all."""
    n = int(wildcards.iteration)
    return [models_of(track, n) for track in tracks_of_job(wildcards)]


def models_of_tracks(wildcards) -> list[str]:
    """The same, in one list."""
    return sum(models_by_track(wildcards), [])


def models_a_track(wildcards) -> list[int]:
    """How many of these models each track has, in their order."""
    return list(map(len, models_by_track(wildcards)))


def im1_of(track: str, iteration: int) -> str:
    """IM1 that a track is fitted with: the campaign's, or its own."""
    if campaign.settings("model", track)["scope"] == "campaign":
        return f"<campaign>/im1/iteration{iteration}.fits"
    return f"<campaign>/{track}/iteration{iteration}/im1.fits"


def im1_of_iteration(wildcards) -> str:
    """IM1 of the job's track and iteration."""
    return im1_of(wildcards.track, int(wildcards.iteration))


def im1_before(wildcards) -> str:
    """IM1 of the iteration before."""
    return im1_of(wildcards.track, int(wildcards.iteration) - 1)


def last_im1(wildcards) -> str:
    """IM1 of the last iteration."""
    return im1_of(wildcards.track, campaign.iterations)


def core_fill(wildcards) -> str:
    """What takes the core's place: zero or surroundings."""
    return campaign.settings("model", wildcards.track)["core"]


rule remove_core:
    input:
        of_all_spws("<campaign>/{track}/spw{spw}/im0"),
    output:
        "<campaign>/{track}/without_core.fits",
    params:
        spws=spws_of_track,
        fill=core_fill,
        version=versions.REMOVE_CORE,
    log:
        "<logs>/{track}/remove_core.log",
    benchmark:
        "<benchmarks>/{track}/remove_core.tsv"
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


rule average_campaign_models:
    input:
        models_of_tracks,
    output:
        "<campaign>/im1/iteration{iteration}.fits",
    params:
        models_a_track=models_a_track,
        version=versions.AVERAGE_MODELS,
    log:
        "<logs>/im1/iteration{iteration}.log",
    benchmark:
        "<benchmarks>/im1/iteration{iteration}.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("model"),
        runtime=request_runtime("model"),
    localrule: True
    script:
        "../scripts/average_models.py"


rule average_track_models:
    input:
        models_of_tracks,
    output:
        "<campaign>/{track}/iteration{iteration}/im1.fits",
    params:
        models_a_track=models_a_track,
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
        last_im1,
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
