"""Clean-up: what was needed on the way to the products, and would be made anew if it were again.

In: all products. Out: none; it removes the split and the core-subtracted measurement sets and the
CLEAN images, which take most of the room. A rerun does not miss them until something changes.
"""


def intermediates(wildcards) -> list[str]:
    """Measurement sets and images that no product is."""
    return [
        f"{campaign.folder}/{track}/{name}"
        for track in campaign.tracks
        for spw in campaign.spws(track)
        for name in (
            f"spw{spw}/split.ms",
            f"spw{spw}/im0",
            *(
                f"iteration{n}/spw{spw}/{folder}"
                for n in range(1, campaign.iterations + 1)
                for folder in ("minispiral.ms", "im1")
            ),
        )
    ] + [f"{campaign.folder}/selfcal/{target}/data.ms" for target in campaign.targets]


rule clean_up:
    """Remove intermediate measurement sets and images, once all products are there."""
    input:
        all_products,
    params:
        intermediates=intermediates,
    log:
        "<logs>/clean_up.log",
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/remove_intermediates.py"
