"""Clean-up: what was needed on the way to the products, and would be made anew if it were again.

In: all products. Out: none; it removes the split and the core-subtracted measurement sets and the
CLEAN images, which take most of the room, and the averages in time that the turns work on. A rerun does not miss them until something changes.
"""


rule clean_up:
    """Remove intermediate measurement sets, averages and images, once all products are there."""
    input:
        products.all,
    params:
        intermediates=products.intermediates,
    log:
        "<logs>/clean_up.log",
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/remove_intermediates.py"
