"""Clean-up: intermediate files are removed; the workflow makes them again when it needs them.

In: all products. Out: none. The job removes the split and the core-subtracted measurement sets and
the CLEAN images, which take most of the disk, and the turns' averages in time. A rerun does not
need these files until something changes.
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
