"""Light curves (memo, step 4): on the flux scale of a constant minispiral; polarimetry, flags.

In: the fits of an iteration, and the gains. Out: for each spw the reference flux, over the tracks
of the campaign or over one track; the light curve of each spw, divided by the absorption where
`scale.correct_spws` says so. From the last iteration: the memo's ascii light curve; the numbers
that determine the covariance of the light curves, and light curves in bins of time; tables of all
spws, of all tracks, and of the flux of the minispiral; for tracks of two spws and more rotation
measure, intrinsic EVPA, spectral index and depolarisation, with a row for each integration that is
good in all of them; and a list of flagged integrations for CASA's flagdata. Flags are found
wherever a fit is read (`minispiral.light_curves.reading`): this takes milliseconds, and the limits
on the flux and the table that the user edits need the flux scale.
"""


rule measure_campaign_reference:
    input:
        fits=files.of_referenced_tracks("fit.ecsv"),
        tables=files.flag_tables,
    output:
        "<campaign>/reference/iteration{iteration}/spw{spw}.json",
    params:
        limits=values.limits,
        version=versions.REFERENCE,
    log:
        "<logs>/reference/iteration{iteration}/spw{spw}.log",
    benchmark:
        "<benchmarks>/reference/iteration{iteration}/spw{spw}.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/measure_reference.py"


rule measure_track_reference:
    input:
        fits=files.of_referenced_tracks("fit.ecsv"),
        tables=files.flag_tables,
    output:
        "<campaign>/{track}/iteration{iteration}/spw{spw}/reference.json",
    params:
        limits=values.limits,
        version=versions.REFERENCE,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/reference.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/reference.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/measure_reference.py"


rule measure_absorption:
    input:
        fit="<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv",
        reference=files.reference,
        other_fits=files.of_plain_spws("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv"),
        other_references=files.of_plain_spws(files.reference),
        tables=files.flag_tables,
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
        other_spws=values.plain_spws,
        limits=values.limits,
        version=versions.ABSORPTION,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/absorption.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/absorption.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/measure_absorption.py"


# a rule for each list of spws that tracks have, as outputs cannot depend on the track
for alike in spw_lists(campaign):

    rule:
        name:
            alike.rule("scale_light_curves")
        input:
            fits=files.of_all_spws("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv"),
            references=files.of_all_spws(files.reference),
            tables=files.flag_tables,
            gains="<campaign>/{track}/iteration{iteration}/gains.ecsv",
            absorption=files.absorption,
            inspection="<campaign>/{track}/inspection.json",
        output:
            [
                f"<campaign>/{{track}}/iteration{{iteration}}/spw{spw}/light_curve.ecsv"
                for spw in alike.spws
            ],
        params:
            spws=values.spws,
            corrected=values.corrected_spws,
            limits=values.limits,
            version=versions.SCALE,
        log:
            "<logs>/{track}/iteration{iteration}/scale.log",
        benchmark:
            "<benchmarks>/{track}/iteration{iteration}/scale.tsv"
        wildcard_constraints:
            track=alike.track_pattern,
        group:
            alike.group("scale_light_curves", workflow)
        resources:
            **ask("tables"),
        localrule: True
        script:
            "../scripts/scale_light_curves.py"

    rule:
        name:
            alike.rule("collect_track_light_curves")
        input:
            light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
            gains="<campaign>/{track}/<last>/gains.ecsv",
            inspection="<campaign>/{track}/inspection.json",
        output:
            table="<campaign>/{track}/light_curves.ecsv",
            covariance="<campaign>/{track}/covariance.ecsv",
            memo=[
                f"<campaign>/{{track}}/Light_Curve_SPW{spw}_{campaign.name}_{{track}}.dat"
                for spw in alike.spws
            ],
        params:
            stated=values.stated,
            version=versions.COLLECT,
        log:
            "<logs>/{track}/light_curves.log",
        benchmark:
            "<benchmarks>/{track}/light_curves.tsv"
        wildcard_constraints:
            track=alike.track_pattern,
        group:
            alike.group("collect_track_light_curves", workflow)
        resources:
            **ask("tables"),
        localrule: True
        script:
            "../scripts/collect_track_light_curves.py"


rule bin_light_curves:
    input:
        light_curves="<campaign>/{track}/light_curves.ecsv",
        covariance="<campaign>/{track}/covariance.ecsv",
    output:
        "<campaign>/{track}/light_curves_{seconds}s.ecsv",
    params:
        version=versions.BIN,
    log:
        "<logs>/{track}/light_curves_{seconds}s.log",
    benchmark:
        "<benchmarks>/{track}/light_curves_{seconds}s.tsv"
    wildcard_constraints:
        seconds=r"[0-9]+(\.[0-9]+)?",
    resources:
        **ask("gains"),
    localrule: True
    script:
        "../scripts/bin_light_curves.py"


rule binned:
    """Light curves averaged over bins of time, for each length that bin_seconds has."""
    input:
        products.binned,


rule collect_campaign_light_curves:
    input:
        light_curves=files.all_light_curves,
        inspections=files.of_all_tracks("inspection.json"),
    output:
        light_curves="<campaign>/light_curves.ecsv",
        minispiral_flux="<campaign>/minispiral_flux.ecsv",
        gains="<campaign>/gains.ecsv",
    params:
        stated=values.stated,
        version=versions.COLLECT,
    log:
        "<logs>/collect_light_curves.log",
    benchmark:
        "<benchmarks>/collect_light_curves.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/collect_campaign_light_curves.py"


rule measure_polarimetry:
    input:
        fits=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
    output:
        "<campaign>/{track}/polarimetry.ecsv",
    params:
        version=versions.POLARIMETRY,
    log:
        "<logs>/{track}/polarimetry.log",
    benchmark:
        "<benchmarks>/{track}/polarimetry.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/measure_polarimetry.py"


rule export_fit_and_flags:
    input:
        fits=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit.ecsv"),
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        executions=files.inspections_of_night,
    output:
        fit=f"<campaign>/{{track}}/SGRA_FIT_{campaign.name}_{{track}}.fit",
        flags=f"<campaign>/{{track}}/{campaign.name}_{{track}}_flags.dat",
    params:
        spws=values.spws,
        version=[versions.EXPORT_FIT, versions.LIST_FLAGS],
    log:
        "<logs>/{track}/export_fit_and_flags.log",
    benchmark:
        "<benchmarks>/{track}/export_fit_and_flags.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/export_fit_and_flags.py"
