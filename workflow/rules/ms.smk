"""Measurement sets: their contents, whether the workflow can use them, and their spws split off.

In: the track's measurement set, which is only read. Out: a small JSON file with its field, spws,
frequencies, integrations and longest baseline; a table of all tracks together, once they are found
to fit each other; and for each spw a measurement set of one channel (memo, step 0), on which all
later stages work. Inspections come before everything else, by their priority. So an input that
cannot be used is reported within seconds and not after hours.

A night may have several measurement sets, its executions. These are inspected and split one by one,
and the frequencies of the first identify their spws. The parts are joined, so no later stage sees
the difference.
"""


rule inspect_track:
    input:
        ms=files.measurement_set,
        first=[],  # no other set comes before
    output:
        "<campaign>/{track}/inspection.json",
    params:
        field=values.field,
        spws=values.spws,
        data_column=values.data_column,
        state=values.state,
        version=versions.INSPECT,
    log:
        "<logs>/{track}/inspect.log",
    benchmark:
        "<benchmarks>/{track}/inspect.tsv"
    wildcard_constraints:
        track=any_of(campaign.tracks_of_one_set),
    priority: 100
    resources:
        **ask("inspect"),
    script:
        "../scripts/inspect_track.py"


rule inspect_execution:
    input:
        ms=files.execution,
        first=files.first_execution,
    output:
        "<campaign>/{track}/execution{execution}/inspection.json",
    params:
        field=values.field,
        spws=values.spws,
        data_column=values.data_column,
        state=values.state_of_execution,
        version=[versions.INSPECT, versions.EXECUTIONS],
    log:
        "<logs>/{track}/execution{execution}/inspect.log",
    benchmark:
        "<benchmarks>/{track}/execution{execution}/inspect.tsv"
    wildcard_constraints:
        track=any_of(campaign.nights),
    priority: 100
    resources:
        **ask("inspect"),
    script:
        "../scripts/inspect_track.py"


rule inspect_night:
    input:
        files.of_executions("inspection.json"),
    output:
        inspection="<campaign>/{track}/inspection.json",
        executions="<campaign>/{track}/executions.ecsv",
    params:
        sets=values.measurement_sets,
        version=versions.EXECUTIONS,
    log:
        "<logs>/{track}/inspect.log",
    benchmark:
        "<benchmarks>/{track}/inspect.tsv"
    wildcard_constraints:
        track=any_of(campaign.nights),
    priority: 100
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/inspect_night.py"


rule compare_tracks:
    input:
        files.of_all_tracks("inspection.json"),
    output:
        "<campaign>/inputs.ecsv",
    params:
        flag_channels=values.all_flagged_channels,
        sharing_im1=values.sharing_im1,
        cleaned=values.cleaned,
        version=versions.COMPARE_TRACKS,
    log:
        "<logs>/compare_tracks.log",
    benchmark:
        "<benchmarks>/compare_tracks.tsv"
    priority: 100
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/compare_tracks.py"


rule split_spw:
    input:
        ms=files.measurement_set,
        inspection="<campaign>/{track}/inspection.json",
    output:
        directory("<campaign>/{track}/spw{spw}/split.ms"),
    params:
        data_column=values.data_column,
        flag_channels=values.flagged_channels,
        version=versions.SPLIT,
    log:
        "<logs>/{track}/spw{spw}/split.log",
    benchmark:
        "<benchmarks>/{track}/spw{spw}/split.tsv"
    wildcard_constraints:
        track=any_of(campaign.tracks_of_one_set),
    resources:
        **ask("split"),
    script:
        "../scripts/split_spw.py"


rule split_execution:
    input:
        ms=files.execution,
        inspection="<campaign>/{track}/execution{execution}/inspection.json",
        first=files.first_execution,
    output:
        intermediate(directory("<campaign>/{track}/execution{execution}/spw{spw}/split.ms")),
    params:
        data_column=values.data_column,
        flag_channels=values.flagged_channels,
        version=[versions.SPLIT, versions.EXECUTIONS],
    log:
        "<logs>/{track}/execution{execution}/spw{spw}/split.log",
    benchmark:
        "<benchmarks>/{track}/execution{execution}/spw{spw}/split.tsv"
    wildcard_constraints:
        track=any_of(campaign.nights),
    resources:
        **ask("split"),
    script:
        "../scripts/split_execution.py"


rule join_executions:
    input:
        parts=files.of_executions("spw{spw}/split.ms"),
        inspection="<campaign>/{track}/inspection.json",
    output:
        directory("<campaign>/{track}/spw{spw}/split.ms"),
    params:
        sets=values.measurement_sets,
        version=versions.JOIN,
    log:
        "<logs>/{track}/spw{spw}/split.log",
    benchmark:
        "<benchmarks>/{track}/spw{spw}/split.tsv"
    wildcard_constraints:
        track=any_of(campaign.nights),
    resources:
        **ask("split"),
    script:
        "../scripts/join_executions.py"
