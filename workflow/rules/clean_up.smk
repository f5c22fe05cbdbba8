"""Clean-up: files that only led to the products are removed, and are made again when needed.

In: all products. Out: none. It removes the split and the core-subtracted measurement sets and the
CLEAN images, which take most of the disk, and the averages in time of the turns. A rerun does not
need them until something changes.
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
