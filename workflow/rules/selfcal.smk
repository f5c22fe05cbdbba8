"""Self-calibration targets: any continuum measurement set, on images of itself, round by round.

In: the user's measurement set, and line data that belong to it. Out: a folder for each round with
its image, gains and record; a table and a picture of all rounds; from the best round, the image
corrected for the primary beam, and the calibrated data. The first job says how far the data may be
averaged.
"""


rule inspect_target:
    input:
        ms=ancient(files.target.measurement_set),
    output:
        "<targets>/{target}/inspection.json",
    params:
        settings=values.target_settings("field", "spws", "data_column"),
        state=values.target_state,
        version=versions.INSPECT,
    log:
        "<logs>/selfcal/{target}/inspect.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/inspect.tsv"
    priority: 100
    resources:
        **ask("inspect"),
    script:
        "../scripts/inspect_target.py"


rule split_target:
    input:
        ms=ancient(files.target.measurement_set),
        inspection="<targets>/{target}/inspection.json",
    output:
        directory("<targets>/{target}/data.ms"),
    params:
        settings=values.target_settings("data_column"),
        version=versions.TARGET,
    log:
        "<logs>/selfcal/{target}/split.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/split.tsv"
    resources:
        **ask("split"),
    script:
        "../scripts/split_target.py"


rule check_averaging:
    input:
        ms=ancient(files.target.measurement_set),
        inspection="<targets>/{target}/inspection.json",
    output:
        "<targets>/{target}/averaging.ecsv",
    params:
        settings=values.target_settings("image", "max_smearing"),
        version=versions.TARGET,
    log:
        "<logs>/selfcal/{target}/averaging.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/averaging.tsv"
    priority: 100
    resources:
        **ask("tables"),
    script:
        "../scripts/check_averaging.py"


rule image_target:
    input:
        ms="<targets>/{target}/data.ms",
        inspection="<targets>/{target}/inspection.json",
        mask=files.target.mask,
    output:
        directory("<targets>/{target}/round0"),
    params:
        settings=values.target_settings("image"),
        version=versions.TARGET_IMAGE,
    log:
        "<logs>/selfcal/{target}/round0.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/round0.tsv"
    resources:
        **ask("clean"),
    script:
        "../scripts/image_target.py"


rule run_round:
    input:
        ms="<targets>/{target}/data.ms",
        inspection="<targets>/{target}/inspection.json",
        mask=files.target.mask,
        before=files.target.rounds_before,
    output:
        directory("<targets>/{target}/round{round}"),
    params:
        how=values.target_round,
        settings=values.target_settings("image", "gate", "start", "keep_start"),
        version=versions.TARGET_ROUND,
    log:
        "<logs>/selfcal/{target}/round{round}.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/round{round}.tsv"
    wildcard_constraints:
        round=r"[1-9]\d*",
    resources:
        **ask("clean"),
    script:
        "../scripts/run_round.py"


rule compare_rounds:
    input:
        files.target.all_rounds,
    output:
        table="<targets>/{target}/rounds.ecsv",
        picture=report(
            "<targets>/{target}/before_after.png",
            caption="../report/before_after.rst",
            category="Self-calibration",
            labels={"figure": "{target}, before and after"},
        ),
        images=report(
            "<targets>/{target}/rounds.png",
            caption="../report/rounds.rst",
            category="Self-calibration",
            labels={"figure": "{target}, round by round"},
        ),
        gains=report(
            "<targets>/{target}/gains.png",
            caption="../report/antenna_gains.rst",
            category="Self-calibration",
            labels={"figure": "{target}, gains of each antenna"},
        ),
    params:
        settings=values.target_settings("expected_errors"),
        version=versions.TARGET_SUMMARY,
    log:
        "<logs>/selfcal/{target}/compare_rounds.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/compare_rounds.tsv"
    resources:
        **ask("model"),
    script:
        "../scripts/compare_rounds.py"


rule finish_target:
    input:
        ms="<targets>/{target}/data.ms",
        rounds=files.target.all_rounds,
    output:
        ms=directory("<targets>/{target}/{target}.calibrated.ms"),
        image=directory("<targets>/{target}/{target}.image"),
        fits="<targets>/{target}/{target}.fits",
    params:
        version=versions.TARGET_PRODUCTS,
    log:
        "<logs>/selfcal/{target}/finish.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/finish.tsv"
    resources:
        **ask("calibrate"),
    script:
        "../scripts/finish_target.py"


rule inspect_line:
    input:
        ms=ancient(files.target.measurement_set_of_line),
    output:
        "<targets>/{target}/lines/{line}.json",
    params:
        line=values.line,
        version=versions.INSPECT,
    log:
        "<logs>/selfcal/{target}/inspect_{line}.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/inspect_{line}.tsv"
    wildcard_constraints:
        line=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    priority: 100
    resources:
        **ask("inspect"),
    script:
        "../scripts/inspect_line.py"


rule calibrate_lines:
    input:
        ms=ancient(files.target.measurement_set_of_line),
        line="<targets>/{target}/lines/{line}.json",
        inspection="<targets>/{target}/inspection.json",
        rounds=files.target.all_rounds,
    output:
        directory("<targets>/{target}/{target}_{line}.calibrated.ms"),
    params:
        line=values.line,
        version=versions.TARGET_PRODUCTS,
    log:
        "<logs>/selfcal/{target}/lines_{line}.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/lines_{line}.tsv"
    wildcard_constraints:
        line=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    resources:
        **ask("calibrate"),
    script:
        "../scripts/calibrate_lines.py"
