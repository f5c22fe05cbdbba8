"""Scale (memo, step 4): light curves on the flux scale of a constant minispiral.

In: the fits. Out: for each spw the reference flux, over the campaign's tracks or one track's own;
the light curve of each spw, as a table and in the memo's ascii form; tables of all spws, of all
tracks, and of the minispiral's flux.
"""


def referenced_fits(wildcards) -> list[str]:
    """Fits of the spw in all tracks that share the campaign's reference."""
    return [
        f"{campaign.folder}/{track}/spw{wildcards.spw}/fit.ecsv"
        for track in campaign.reference_tracks(int(wildcards.spw))
    ]


def referenced_limits(wildcards) -> list[dict]:
    """Scale keys of the same tracks."""
    return [
        configuration.limits(campaign.settings("scale", track))
        for track in campaign.reference_tracks(int(wildcards.spw))
    ]


def own_limits(wildcards) -> list[dict]:
    """Scale keys of the job's track that say which integrations are good."""
    return [configuration.limits(campaign.settings("scale", wildcards.track))]


def reference_of_track(wildcards) -> str:
    """The reference flux that the track is scaled to."""
    if campaign.settings("scale", wildcards.track)["reference"] == "track":
        return "<campaign>/{track}/spw{spw}/reference.json"
    return "<campaign>/reference/spw{spw}.json"


def all_light_curves(wildcards) -> list[str]:
    """Light curves of every track and spw."""
    return [
        f"{campaign.folder}/{track}/spw{spw}/light_curve.ecsv"
        for track in campaign.tracks
        for spw in campaign.spws(track)
    ]


rule measure_campaign_reference:
    input:
        fits=referenced_fits,
    output:
        "<campaign>/reference/spw{spw}.json",
    params:
        limits=referenced_limits,
        version=versions.REFERENCE,
    log:
        "<logs>/reference/spw{spw}.log",
    benchmark:
        "<benchmarks>/reference/spw{spw}.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/measure_reference.py"


rule measure_track_reference:
    input:
        fits="<campaign>/{track}/spw{spw}/fit.ecsv",
    output:
        "<campaign>/{track}/spw{spw}/reference.json",
    params:
        limits=own_limits,
        version=versions.REFERENCE,
    log:
        "<logs>/{track}/spw{spw}/reference.log",
    benchmark:
        "<benchmarks>/{track}/spw{spw}/reference.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/measure_reference.py"


rule scale_light_curve:
    input:
        fit="<campaign>/{track}/spw{spw}/fit.ecsv",
        reference=reference_of_track,
    output:
        table="<campaign>/{track}/spw{spw}/light_curve.ecsv",
        ascii=f"<campaign>/{{track}}/Light_Curve_SPW{{spw}}_{campaign.name}_{{track}}.dat",
    params:
        limits=own_limits,
        version=versions.SCALE,
    log:
        "<logs>/{track}/spw{spw}/scale.log",
    benchmark:
        "<benchmarks>/{track}/spw{spw}/scale.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/scale_light_curve.py"


rule collect_track_light_curves:
    input:
        of_all_spws("<campaign>/{track}/spw{spw}/light_curve.ecsv"),
    output:
        "<campaign>/{track}/light_curves.ecsv",
    params:
        version=versions.COLLECT,
    log:
        "<logs>/{track}/collect_light_curves.log",
    benchmark:
        "<benchmarks>/{track}/collect_light_curves.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/collect_light_curves.py"


rule collect_campaign_light_curves:
    input:
        all_light_curves,
    output:
        "<campaign>/light_curves.ecsv",
    params:
        version=versions.COLLECT,
    log:
        "<logs>/collect_light_curves.log",
    benchmark:
        "<benchmarks>/collect_light_curves.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/collect_light_curves.py"


rule tabulate_minispiral_flux:
    input:
        all_light_curves,
    output:
        "<campaign>/minispiral_flux.ecsv",
    params:
        version=versions.COLLECT,
    log:
        "<logs>/minispiral_flux.log",
    benchmark:
        "<benchmarks>/minispiral_flux.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/tabulate_minispiral_flux.py"


rule write_configuration:
    output:
        "<campaign>/config.yaml",
    params:
        resolved=campaign.resolved,
    log:
        "<logs>/config.log",
    benchmark:
        "<benchmarks>/config.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/write_configuration.py"
