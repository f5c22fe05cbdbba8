"""Picture: the campaign's light curves, over the truth where it is known; as PNG and PDF."""


def tracks_with_truth() -> list[str]:
    """Tracks whose true fluxes are known."""
    return [track for track in campaign.tracks if campaign.truth(track) is not None]


def truths(wildcards) -> list[str]:
    """Tables of the true fluxes of these tracks."""
    return [campaign.truth(track) for track in tracks_with_truth()]


rule plot_light_curves:
    input:
        light_curves="<campaign>/light_curves.ecsv",
        truths=truths,
    output:
        png=report(
            "<campaign>/light_curves.png",
            caption="../report/light_curves.rst",
            category="Campaign",
            labels={"figure": "light curves"},
        ),
        pdf="<campaign>/light_curves.pdf",
    params:
        title=campaign.name,
        tracks=tracks_with_truth(),
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
