"""Iteration (memo, step 5): self-calibrate, and CLEAN the minispiral alone, for a better IM1.

In: the split measurement sets, and IM1, fits and light curves of the iteration before. Out: antenna
gains, where `selfcal.rounds` has any; the data of the minispiral alone, corrected by these gains,
and their CLEAN images and model, which with `model.method: clean` make the IM1 of the iteration;
and a table of what changed.
"""


rule solve_antenna_gains:
    input:
        splits=files.of_solved_spws_before("<campaign>/{track}/spw{spw}/split.ms"),
        im1=files.im1_before,
        core="<campaign>/{track}/core.json",
        fits=files.of_solved_spws_before(
            "<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv"
        ),
        light_curves=files.of_solved_spws_before(
            "<campaign>/{track}/iteration{iteration}/spw{spw}/light_curve.ecsv"
        ),
        gains=files.gains_before,
    output:
        "<campaign>/{track}/iteration{iteration}/spw{spw}/antenna_gains.npz",
    params:
        how=values.selfcal_round,
        against=values.solved_against,
        applied=values.fit_before_is_selfcalibrated,
        version=versions.SOLVE,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/solve.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/solve.tsv"
    wildcard_constraints:
        iteration=r"[1-9]\d*",
    resources:
        **ask("solve"),
    script:
        "../scripts/solve_antenna_gains.py"


rule write_minispiral_data:
    input:
        ms="<campaign>/{track}/spw{spw}/split.ms",
        im1=files.im1_subtracted,
        core="<campaign>/{track}/core.json",
        fit=files.of_subtracted("<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv"),
        light_curve=files.of_subtracted(
            "<campaign>/{track}/iteration{iteration}/spw{spw}/light_curve.ecsv"
        ),
        gains=files.gains_of_iteration,
        gains_of_fit=files.gains_subtracted,
        pointing=files.pointing_of_fit,
    output:
        intermediate(directory("<campaign>/{track}/iteration{iteration}/spw{spw}/minispiral.ms")),
    params:
        against=values.selfcal_model,
        version=versions.MINISPIRAL_DATA,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/minispiral_data.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/minispiral_data.tsv"
    wildcard_constraints:
        iteration=r"[1-9]\d*",
    resources:
        **ask("calibrate"),
    script:
        "../scripts/write_minispiral_data.py"


rule clean_minispiral:
    input:
        ms="<campaign>/{track}/iteration{iteration}/spw{spw}/minispiral.ms",
        inspection="<campaign>/{track}/inspection.json",
        mask=files.user_mask,
        im0="<campaign>/{track}/spw{spw}/im0",
    output:
        images=directory("<campaign>/{track}/iteration{iteration}/spw{spw}/im1"),
        model="<campaign>/{track}/iteration{iteration}/spw{spw}/minispiral.fits",
    params:
        settings=values.settings("image"),
        version=versions.CLEAN_MINISPIRAL,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/clean.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/clean.tsv"
    wildcard_constraints:
        iteration=r"[1-9]\d*",
    resources:
        **ask("clean"),
    script:
        "../scripts/clean_minispiral.py"


rule tabulate_convergence:
    input:
        fits=files.in_all_iterations("fit.ecsv"),
        light_curves=files.in_all_iterations("light_curve.ecsv"),
        images=files.of_all_iterations(
            "<campaign>/{track}/spw{spw}/im0",
            "<campaign>/{track}/iteration{iteration}/spw{spw}/im1",
        ),
        turns=files.sky.table_of_turns,
    output:
        "<campaign>/convergence.ecsv",
    params:
        skies=values.skies,
        iterations=campaign.iterations,
        version=versions.CONVERGENCE,
    log:
        "<logs>/convergence.log",
    benchmark:
        "<benchmarks>/convergence.tsv"
    resources:
        **ask("tables"),
    script:
        "../scripts/tabulate_convergence.py"
