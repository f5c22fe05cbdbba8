"""Split (memo, step 0): one spw of the target field, averaged to one channel.

In: the track's measurement set, which is only read. Out: a measurement set of one spw and one
channel, on which all later stages work.
"""


def flagged_channels(wildcards) -> str | None:
    """Channel ranges of the spw to be left out of its average."""
    return campaign.settings("split", wildcards.track)["flag_channels"].get(wildcards.spw)


rule split_spw:
    input:
        ms=measurement_set,
        inspection="<campaign>/{track}/inspection.json",
    output:
        directory("<campaign>/{track}/spw{spw}/split.ms"),
    params:
        data_column=data_column,
        flag_channels=flagged_channels,
        version=versions.SPLIT,
    log:
        "<logs>/{track}/spw{spw}/split.log",
    benchmark:
        "<benchmarks>/{track}/spw{spw}/split.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("split"),
        runtime=request_runtime("split"),
    script:
        "../scripts/split_spw.py"
