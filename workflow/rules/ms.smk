"""Inspection: what the measurement sets hold, and whether the workflow can use them.

In: the track's measurement set. Out: a small JSON file: field, spws, frequencies, integrations,
longest baseline; and of all tracks together a table, once they are found to fit each other. Both
go before everything else, by their priority, so that an input that cannot be used is reported
within seconds and not after hours.
"""


def state_of_track(wildcards) -> str:
    """Sizes and times of the input's data files: a folder's own age does not tell a change."""
    path = campaign.measurement_set(wildcards.track)
    return "simulated" if path is None else input_state.table_state(path)


def field_of_track(wildcards) -> str:
    """Exact name of the track's target field."""
    return campaign.field(wildcards.track)


def spws_of_track(wildcards) -> list[int]:
    """Spectral windows of the track."""
    return campaign.spws(wildcards.track)


rule inspect_track:
    input:
        ms=measurement_set,
    output:
        "<campaign>/{track}/inspection.json",
    params:
        field=field_of_track,
        spws=spws_of_track,
        data_column=data_column,
        state=state_of_track,
        version=versions.INSPECT,
    log:
        "<logs>/{track}/inspect.log",
    benchmark:
        "<benchmarks>/{track}/inspect.tsv"
    priority: 100
    threads: 1
    resources:
        mem_mb=request_memory("inspect"),
        runtime=request_runtime("inspect"),
    script:
        "../scripts/inspect_track.py"


def all_inspections(wildcards) -> list[str]:
    """Inspections of all tracks."""
    return [f"{campaign.folder}/{track}/inspection.json" for track in campaign.tracks]


def all_flagged_channels(wildcards) -> dict:
    """For each track: the channel ranges left out of each spw's average."""
    return {
        track: campaign.settings("split", track)["flag_channels"]
        for track in campaign.tracks
    }


rule compare_tracks:
    input:
        all_inspections,
    output:
        "<campaign>/inputs.ecsv",
    params:
        flag_channels=all_flagged_channels,
        version=versions.COMPARE_TRACKS,
    log:
        "<logs>/compare_tracks.log",
    benchmark:
        "<benchmarks>/compare_tracks.tsv"
    priority: 100
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/compare_tracks.py"
