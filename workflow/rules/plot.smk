"""Picture: the campaign's light curves, over the truth where the tracks are simulated."""


def truths(wildcards) -> list[str]:
    """Truth tables of the simulated tracks."""
    return [
        f"{campaign.folder}/simulated/{track}.truth.csv"
        for track in campaign.tracks
        if campaign.simulation(track) is not None
    ]


rule plot_light_curves:
    input:
        light_curves="<campaign>/light_curves.ecsv",
        truths=truths,
    output:
        "<campaign>/light_curves.png",
    params:
        title=campaign.name,
        version=versions.PLOT,
    log:
        "<logs>/plot_light_curves.log",
    benchmark:
        "<benchmarks>/plot_light_curves.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/plot_light_curves.py"
