"""The minispiral from the visibilities (`model.method: joint`): one sky for all tracks and spws.

In: the split measurement sets, the core's place, and in iterations the antenna gains. The data are
read once, and averaged in time as far as the sky's rotation allows. In turns, a job for each track
fits the fluxes with the sky so far, solves for antenna gains where the data ask for them, and makes
two small images for each frequency, the right side and the dirty beam of the sky's normal
equations; one job adds these images up and solves for the sky. Out: the sky of each turn as FITS,
the last of which is IM1, and a table of what each turn changed. When the fluxes no longer change,
the turns that are left have nothing to do.
"""


rule measure_sky_coverage:
    input:
        splits=files.of_all_spws("<campaign>/{track}/spw{spw}/split.ms"),
        inspection="<campaign>/{track}/inspection.json",
    output:
        "<campaign>/{track}/sky_coverage.json",
    params:
        version=versions.SKY_COVERAGE,
    log:
        "<logs>/{track}/sky_coverage.log",
    benchmark:
        "<benchmarks>/{track}/sky_coverage.tsv"
    resources:
        **ask("inspect"),
    script:
        "../scripts/measure_sky_coverage.py"


rule choose_campaign_sky_grid:
    input:
        files.sky.of_joint_tracks("sky_coverage.json"),
    output:
        "<campaign>/sky/grid.json",
    params:
        version=versions.SKY_GRID,
    log:
        "<logs>/sky/grid.log",
    benchmark:
        "<benchmarks>/sky/grid.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/choose_sky_grid.py"


use rule choose_campaign_sky_grid as choose_track_sky_grid with:
    input:
        "<campaign>/{track}/sky_coverage.json",
    output:
        "<campaign>/{track}/sky/grid.json",
    log:
        "<logs>/{track}/sky/grid.log",
    benchmark:
        "<benchmarks>/{track}/sky/grid.tsv"


rule average_for_sky:
    input:
        splits=files.of_all_spws("<campaign>/{track}/spw{spw}/split.ms"),
        coverage="<campaign>/{track}/sky_coverage.json",
        grid=files.sky.grid,
        core="<campaign>/{track}/core.json",
        gains=files.gains_of_all_spws,
    output:
        # kept: measurements after the turns need them, and new averages would repeat all turns
        averages="<campaign>/{track}/iteration{iteration}/sky_averages.npz",
        phases="<campaign>/{track}/iteration{iteration}/fast_phases.npz",
    params:
        solve=values.solves_in_turns,
        version=versions.SKY_AVERAGES,
    log:
        "<logs>/{track}/iteration{iteration}/sky_averages.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/sky_averages.tsv"
    resources:
        **ask("samples"),
    script:
        "../scripts/average_for_sky.py"


rule sum_sky:
    input:
        averages="<campaign>/{track}/iteration{iteration}/sky_averages.npz",
        core="<campaign>/{track}/core.json",
        grid=files.sky.grid,
        sky=files.sky.before_track,
        gains=files.sky.gains_before_turn,
        table=files.flag_table,
    output:
        sums=temp("<campaign>/{track}/iteration{iteration}/turn{turn}/sky_sums.npz"),
        fluxes="<campaign>/{track}/iteration{iteration}/turn{turn}/fluxes.npz",
        gains="<campaign>/{track}/iteration{iteration}/turn{turn}/antenna_gains.npz",
    params:
        spws=values.spws,
        solve=values.solves_in_turns,
        first_solved=values.first_solved,
        version=[versions.SKY_SUMS, versions.FIT],
    log:
        "<logs>/{track}/iteration{iteration}/sky_sums{turn}.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/sky_sums{turn}.tsv"
    resources:
        **ask("sum_sky"),
    script:
        "../scripts/sum_sky.py"


rule solve_campaign_sky:
    input:
        sums=files.sky.of_turn("sky_sums.npz"),
        fluxes=files.sky.of_turn("fluxes.npz"),
        fluxes_before=files.sky.of_turn("fluxes.npz", back=1),
        sky=files.sky.before,
        grid="<campaign>/sky/grid.json",
        cores=files.sky.of_joint_tracks("core.json"),
    output:
        "<campaign>/sky/iteration{iteration}/turn{turn}.fits",
    params:
        settings=values.sky,
        is_last=values.is_last_turn,
        version=versions.SKY,
    log:
        "<logs>/sky/iteration{iteration}/turn{turn}.log",
    benchmark:
        "<benchmarks>/sky/iteration{iteration}/turn{turn}.tsv"
    resources:
        **ask("solve_sky"),
    script:
        "../scripts/solve_sky.py"


use rule solve_campaign_sky as solve_track_sky with:
    input:
        sums=files.sky.of_turn("sky_sums.npz"),
        fluxes=files.sky.of_turn("fluxes.npz"),
        fluxes_before=files.sky.of_turn("fluxes.npz", back=1),
        sky=files.sky.before,
        grid="<campaign>/{track}/sky/grid.json",
        cores=["<campaign>/{track}/core.json"],
    output:
        "<campaign>/{track}/sky/iteration{iteration}/turn{turn}.fits",
    log:
        "<logs>/{track}/sky/iteration{iteration}/turn{turn}.log",
    benchmark:
        "<benchmarks>/{track}/sky/iteration{iteration}/turn{turn}.tsv"


rule collect_antenna_gains:
    input:
        splits=files.of_all_spws("<campaign>/{track}/spw{spw}/split.ms"),
        phases="<campaign>/{track}/iteration{iteration}/fast_phases.npz",
        gains=files.sky.last_gains,
        im1=files.im1,
        core="<campaign>/{track}/core.json",
        table=files.flag_table,
    output:
        gains="<campaign>/{track}/iteration{iteration}/antenna_gains.npz",
        table="<campaign>/{track}/iteration{iteration}/antenna_gains.ecsv",
    params:
        spws=values.spws,
        solve=values.solves_in_turns,
        version=versions.TRACK_GAINS,
    log:
        "<logs>/{track}/iteration{iteration}/antenna_gains.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/antenna_gains.tsv"
    resources:
        **ask("samples"),
    script:
        "../scripts/collect_antenna_gains.py"


rule measure_pointing:
    input:
        averages="<campaign>/{track}/iteration{iteration}/sky_averages.npz",
        gains=files.sky.gains_on_averages,
        im1=files.im1,
        core="<campaign>/{track}/core.json",
        table=files.flag_table,
    output:
        "<campaign>/{track}/iteration{iteration}/pointing.ecsv",
    params:
        spws=values.spws,
        pointing=values.pointing,
        version=versions.POINTING,
    log:
        "<logs>/{track}/iteration{iteration}/pointing.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/pointing.tsv"
    resources:
        **ask("sum_sky"),
    script:
        "../scripts/measure_pointing.py"


rule tabulate_turns:
    input:
        skies=files.sky.of_all_turns,
        fluxes=files.sky.fluxes_of_all_turns,
    output:
        "<campaign>/turns.ecsv",
    params:
        skies=values.skies,
        iterations=campaign.iterations,
        version=versions.TURNS,
    log:
        "<logs>/sky/turns.log",
    benchmark:
        "<benchmarks>/sky/turns.tsv"
    resources:
        **ask("tables"),
    script:
        "../scripts/tabulate_turns.py"
