"""Scale (memo, step 4): light curves on the flux scale of a constant minispiral.

In: the fits of an iteration, and the gains. Out: for each spw the reference flux, over the campaign's
tracks or one track's own; the light curve of each spw, with absorption divided out where `scale.correct_spws` says
so. From the last iteration: the memo's ascii light curve, tables of all spws, of all tracks, and of
the minispiral's flux.
"""


def referenced_tracks(wildcards) -> list[str]:
    """Tracks that the reference flux is taken over: all that share it, or the job's own."""
    if hasattr(wildcards, "track"):
        return [wildcards.track]
    return campaign.reference_tracks(int(wildcards.spw))


def of_referenced_tracks(name: str):
    """Return an input function: the file `name` of the job's spw in each of these tracks."""

    def files(wildcards) -> list[str]:
        return [
            f"{campaign.folder}/{track}/iteration{wildcards.iteration}/spw{wildcards.spw}/{name}"
            for track in referenced_tracks(wildcards)
        ]

    return files


def flag_tables(wildcards) -> list[str]:
    """Tables of flags edited by hand, of those of these tracks that have one."""
    tables = map(campaign.flag_table, referenced_tracks(wildcards))
    return list(dict.fromkeys(table for table in tables if table is not None))


def good_limits(wildcards) -> list[dict]:
    """For each of these tracks: what its good integrations may be."""
    return [
        {
            "track": track,
            "table": campaign.flag_table(track),
            "version": versions.FLAG,
            "flagger": configuration.flagger(campaign.settings("flag", track)),
            **configuration.limits(campaign.settings("scale", track)),
        }
        for track in referenced_tracks(wildcards)
    ]


def reference_of_track(wildcards) -> str:
    """The reference flux that the track is scaled to."""
    if campaign.settings("scale", wildcards.track)["reference"] == "track":
        return "<campaign>/{track}/iteration{iteration}/spw{spw}/reference.json"
    return "<campaign>/reference/iteration{iteration}/spw{spw}.json"


def all_light_curves(wildcards) -> list[str]:
    """Light curves of every track and spw, from the last iteration."""
    return [
        f"{campaign.folder}/{track}/<last>/spw{spw}/light_curve.ecsv"
        for track in campaign.tracks
        for spw in campaign.spws(track)
    ]


rule measure_campaign_reference:
    input:
        fits=of_referenced_tracks("fit.ecsv"),
        tables=flag_tables,
    output:
        "<campaign>/reference/iteration{iteration}/spw{spw}.json",
    params:
        limits=good_limits,
        version=versions.REFERENCE,
    log:
        "<logs>/reference/iteration{iteration}/spw{spw}.log",
    benchmark:
        "<benchmarks>/reference/iteration{iteration}/spw{spw}.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/measure_reference.py"


rule measure_track_reference:
    input:
        fits=of_referenced_tracks("fit.ecsv"),
        tables=flag_tables,
    output:
        "<campaign>/{track}/iteration{iteration}/spw{spw}/reference.json",
    params:
        limits=good_limits,
        version=versions.REFERENCE,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/reference.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/reference.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/measure_reference.py"


def plain_spws(wildcards) -> list[int]:
    """Spws of the track that are not to be corrected."""
    corrected = campaign.corrected_spws(wildcards.track)
    return [spw for spw in campaign.spws(wildcards.track) if spw not in corrected]


def absorption_of_track(wildcards) -> list[str]:
    """Tables of absorption of the spws that are to be corrected."""
    folder = f"<campaign>/{wildcards.track}/iteration{wildcards.iteration}"
    spws = campaign.corrected_spws(wildcards.track)
    return [f"{folder}/spw{spw}/absorption.ecsv" for spw in spws]


def corrected_spws(wildcards) -> list[int]:
    """Spws of the track that are to be corrected."""
    return campaign.corrected_spws(wildcards.track)


rule measure_absorption:
    input:
        fit="<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv",
        reference=reference_of_track,
        other_fits=of_spws(
            "<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv", plain_spws
        ),
        other_references=of_spws(reference_of_track, plain_spws),
        tables=flag_tables,
        gains="<campaign>/{track}/iteration{iteration}/gains.ecsv",
        inspection="<campaign>/{track}/inspection.json",
    output:
        table="<campaign>/{track}/iteration{iteration}/spw{spw}/absorption.ecsv",
        picture=report(
            "<campaign>/{track}/iteration{iteration}/spw{spw}/absorption.png",
            caption="../report/absorption.rst",
            category="Tracks",
            subcategory="{track}",
            labels={"figure": "absorption, spw {spw}"},
        ),
    params:
        other_spws=plain_spws,
        limits=good_limits,
        version=versions.ABSORPTION,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/absorption.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/absorption.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/measure_absorption.py"


# a rule for each list of spws that tracks have, as outputs cannot depend on the track
for number, (spws, tracks) in enumerate(campaign.tracks_by_spws.items()):

    rule:
        name:
            f"scale_light_curves{number or ''}"
        input:
            fits=of_all_spws("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv"),
            references=of_all_spws(reference_of_track),
            tables=flag_tables,
            gains="<campaign>/{track}/iteration{iteration}/gains.ecsv",
            absorption=absorption_of_track,
        output:
            [
                f"<campaign>/{{track}}/iteration{{iteration}}/spw{spw}/light_curve.ecsv"
                for spw in spws
            ],
        params:
            spws=spws_of_track,
            corrected=corrected_spws,
            limits=good_limits,
            version=versions.SCALE,
        log:
            "<logs>/{track}/iteration{iteration}/scale.log",
        benchmark:
            "<benchmarks>/{track}/iteration{iteration}/scale.tsv"
        wildcard_constraints:
            track="|".join(tracks),
        threads: 1
        resources:
            mem_mb=request_memory("tables"),
            runtime=request_runtime("tables"),
        localrule: True
        script:
            "../scripts/scale_light_curves.py"

    rule:
        name:
            f"collect_track_light_curves{number or ''}"
        input:
            of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        output:
            table="<campaign>/{track}/light_curves.ecsv",
            memo=[
                f"<campaign>/{{track}}/Light_Curve_SPW{spw}_{campaign.name}_{{track}}.dat"
                for spw in spws
            ],
        params:
            version=versions.COLLECT,
        log:
            "<logs>/{track}/light_curves.log",
        benchmark:
            "<benchmarks>/{track}/light_curves.tsv"
        wildcard_constraints:
            track="|".join(tracks),
        threads: 1
        resources:
            mem_mb=request_memory("tables"),
            runtime=request_runtime("tables"),
        localrule: True
        script:
            "../scripts/collect_track_light_curves.py"


rule collect_campaign_light_curves:
    input:
        all_light_curves,
    output:
        light_curves="<campaign>/light_curves.ecsv",
        minispiral_flux="<campaign>/minispiral_flux.ecsv",
        gains="<campaign>/gains.ecsv",
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
        "../scripts/collect_campaign_light_curves.py"


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
