"""Systematic errors: light curves with an IM1 that is found in other ways (`systematics`).

In: the split data with the antenna gains of the last iteration, the sky's grid, the core's place,
the array's pointing; the IM1 of the light curves, and CLEAN's. Out: for each variant of IM1 the
fluxes of averages in time; a table of how much flux scale, slope and curvature change, with the
part of each change that quoted errors contain; its picture and page. No other product needs these
files.
"""


rule average_for_systematics:
    input:
        splits=files.of_all_spws("<campaign>/{track}/spw{spw}/split.ms"),
        coverage="<campaign>/{track}/sky_coverage.json",
        grid=files.sky.grid,
        gains=files.gains_of_products,
    output:
        temp("<campaign>/{track}/systematics/averages.npz"),
    params:
        spws=values.spws,
        version=versions.SKY_AVERAGES,
    log:
        "<logs>/{track}/systematics/averages.log",
    benchmark:
        "<benchmarks>/{track}/systematics/averages.tsv"
    resources:
        **ask("samples"),
    script:
        "../scripts/average_for_systematics.py"


rule fit_campaign_variant:
    input:
        averages=files.systematics.averages,
        cores=files.systematics.cores,
        pointings=files.systematics.pointings,
        grid=files.sky.grid,
        sky=files.systematics.given_sky,
        tables=files.systematics.flag_tables,
    output:
        "<campaign>/systematics/{variant}.npz",
    params:
        tracks=values.spws_of_sky,
        settings=values.sky,
        turns=values.turns,
        version=[versions.SYSTEMATICS, versions.SKY_SUMS, versions.SKY, versions.FIT],
    log:
        "<logs>/systematics/{variant}.log",
    benchmark:
        "<benchmarks>/systematics/{variant}.tsv"
    wildcard_constraints:
        variant=any_of(files.systematics.names),
    resources:
        **ask("variant"),
    script:
        "../scripts/fit_variant.py"


use rule fit_campaign_variant as fit_track_variant with:
    output:
        "<campaign>/{track}/systematics/{variant}.npz",
    log:
        "<logs>/{track}/systematics/{variant}.log",
    benchmark:
        "<benchmarks>/{track}/systematics/{variant}.tsv"


rule tabulate_systematics:
    input:
        fluxes=files.systematics.fluxes,
        light_curves=files.systematics.light_curves,
        covariances=files.systematics.covariances,
    output:
        table="<campaign>/systematics.ecsv",
        png="<campaign>/systematics.png",
        pdf="<campaign>/systematics.pdf",
        page="<campaign>/systematics.html",
    params:
        title=campaign.name,
        variants=files.systematics.variants,
        tracks=files.systematics.tracks,
        alone=values.own_references,
        stated=values.stated,
        version=[versions.SYSTEMATICS, versions.PLOT],
    log:
        "<logs>/systematics/table.log",
    benchmark:
        "<benchmarks>/systematics/table.tsv"
    resources:
        **ask("tables"),
    script:
        "../scripts/tabulate_systematics.py"


rule systematics:
    """Fit with IM1 found in other ways: systematic errors of the light curves, systematics.html."""
    input:
        "<campaign>/systematics.html",
