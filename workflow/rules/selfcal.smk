"""Self-calibration targets: any continuum measurement set, on images of itself, round by round.

In: the user's measurement set, and line data to go with it. Out: a folder for each round with its
image, gains and record; a table and a picture of all rounds; from the best, the image corrected for
the primary beam, and the calibrated data. A check of how far the data may be averaged goes first.
"""


def target_of(wildcards) -> dict:
    """Everything that the configuration says of the job's target."""
    return campaign.target(wildcards.target)


def target_keys(*keys: str):
    """Return a params function: some keys of the target."""

    def chosen(wildcards) -> dict:
        target = target_of(wildcards)
        return {key: target[key] for key in keys}

    return chosen


def target_measurement_set(wildcards):
    """The target's measurement set, whose folder's age says nothing."""
    return ancient(target_of(wildcards)["ms"])


def target_state(wildcards) -> str:
    """Sizes and times of its data files."""
    return input_state.table_state(target_of(wildcards)["ms"])


def target_mask(wildcards) -> list[str]:
    """The mask that the user gives, if any."""
    path = configuration.mask_path(target_of(wildcards)["image"])
    return [] if path is None else [path]


def rounds_before(wildcards) -> list[str]:
    """Folders of the rounds before, the first image's first."""
    return [f"<targets>/{wildcards.target}/round{n}" for n in range(int(wildcards.round))]


def round_keys(wildcards) -> dict:
    """How the round is solved."""
    return dict(sorted(target_of(wildcards)["rounds"][int(wildcards.round) - 1].items()))


def all_rounds(wildcards) -> list[str]:
    """Folders of all rounds, as far as the target is to go."""
    n = campaign.target_rounds(wildcards.target)
    return [f"<targets>/{wildcards.target}/round{k}" for k in range(n + 1)]


def line_measurement_set(wildcards):
    """The line data's measurement set, whose folder's age says nothing."""
    return ancient(target_of(wildcards)["lines"][wildcards.line]["ms"])


def line_keys(wildcards) -> dict:
    """The field of the line data, their column, and the state of their files."""
    target = target_of(wildcards)
    line = target["lines"][wildcards.line]
    return {
        "field": target["field"],
        "data_column": line.get("data_column", "data"),
        "state": input_state.table_state(line["ms"]),
    }


rule inspect_target:
    input:
        ms=target_measurement_set,
    output:
        "<targets>/{target}/inspection.json",
    params:
        settings=target_keys("field", "spws", "data_column"),
        state=target_state,
        version=versions.INSPECT,
    log:
        "<logs>/selfcal/{target}/inspect.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/inspect.tsv"
    priority: 100
    threads: 1
    resources:
        mem_mb=request_memory("inspect"),
        runtime=request_runtime("inspect"),
    script:
        "../scripts/inspect_target.py"


rule split_target:
    input:
        ms=target_measurement_set,
        inspection="<targets>/{target}/inspection.json",
    output:
        directory("<targets>/{target}/data.ms"),
    params:
        settings=target_keys("data_column"),
        version=versions.TARGET,
    log:
        "<logs>/selfcal/{target}/split.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/split.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("split"),
        runtime=request_runtime("split"),
    script:
        "../scripts/split_target.py"


rule check_averaging:
    input:
        ms=target_measurement_set,
        inspection="<targets>/{target}/inspection.json",
    output:
        "<targets>/{target}/averaging.ecsv",
    params:
        settings=target_keys("image", "max_smearing"),
        version=versions.TARGET,
    log:
        "<logs>/selfcal/{target}/averaging.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/averaging.tsv"
    priority: 100
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    script:
        "../scripts/check_averaging.py"


rule image_target:
    input:
        ms="<targets>/{target}/data.ms",
        inspection="<targets>/{target}/inspection.json",
        mask=target_mask,
    output:
        directory("<targets>/{target}/round0"),
    params:
        settings=target_keys("image"),
        version=versions.TARGET_IMAGE,
    log:
        "<logs>/selfcal/{target}/round0.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/round0.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("clean"),
        runtime=request_runtime("clean"),
    script:
        "../scripts/image_target.py"


rule run_round:
    input:
        ms="<targets>/{target}/data.ms",
        inspection="<targets>/{target}/inspection.json",
        mask=target_mask,
        before=rounds_before,
    output:
        directory("<targets>/{target}/round{round}"),
    params:
        how=round_keys,
        settings=target_keys("image", "gate", "start"),
        version=versions.TARGET_ROUND,
    log:
        "<logs>/selfcal/{target}/round{round}.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/round{round}.tsv"
    wildcard_constraints:
        round=r"[1-9]\d*",
    threads: 1
    resources:
        mem_mb=request_memory("clean"),
        runtime=request_runtime("clean"),
    script:
        "../scripts/run_round.py"


rule compare_rounds:
    input:
        all_rounds,
    output:
        table="<targets>/{target}/rounds.ecsv",
        picture=report(
            "<targets>/{target}/before_after.png",
            caption="../report/before_after.rst",
            category="Self-calibration",
            labels={"figure": "{target}, before and after"},
        ),
    params:
        settings=target_keys("expected_errors"),
        version=versions.TARGET_SUMMARY,
    log:
        "<logs>/selfcal/{target}/compare_rounds.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/compare_rounds.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("model"),
        runtime=request_runtime("model"),
    script:
        "../scripts/compare_rounds.py"


rule finish_target:
    input:
        ms="<targets>/{target}/data.ms",
        rounds=all_rounds,
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
    threads: 1
    resources:
        mem_mb=request_memory("calibrate"),
        runtime=request_runtime("calibrate"),
    script:
        "../scripts/finish_target.py"


rule inspect_line:
    input:
        ms=line_measurement_set,
    output:
        "<targets>/{target}/lines/{line}.json",
    params:
        line=line_keys,
        version=versions.INSPECT,
    log:
        "<logs>/selfcal/{target}/inspect_{line}.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/inspect_{line}.tsv"
    wildcard_constraints:
        line=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    priority: 100
    threads: 1
    resources:
        mem_mb=request_memory("inspect"),
        runtime=request_runtime("inspect"),
    script:
        "../scripts/inspect_line.py"


rule calibrate_lines:
    input:
        ms=line_measurement_set,
        line="<targets>/{target}/lines/{line}.json",
        inspection="<targets>/{target}/inspection.json",
        rounds=all_rounds,
    output:
        directory("<targets>/{target}/{target}_{line}.calibrated.ms"),
    params:
        line=line_keys,
        version=versions.TARGET_PRODUCTS,
    log:
        "<logs>/selfcal/{target}/lines_{line}.log",
    benchmark:
        "<benchmarks>/selfcal/{target}/lines_{line}.tsv"
    wildcard_constraints:
        line=r"[A-Za-z0-9][A-Za-z0-9_-]*",
    threads: 1
    resources:
        mem_mb=request_memory("calibrate"),
        runtime=request_runtime("calibrate"),
    script:
        "../scripts/calibrate_lines.py"
