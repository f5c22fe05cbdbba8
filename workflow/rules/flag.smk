"""Outliers: the integrations that are not used, listed for CASA's flagdata.

In: the light curves of a track. Out: a text file. Which integrations are used is found wherever a
fit is read (`minispiral.light_curve`): it takes milliseconds, and the limits on the flux and the
table that the user edits by hand need the flux scale.
"""


rule list_flags:
    input:
        "<campaign>/{track}/light_curves.ecsv",
    output:
        f"<campaign>/{{track}}/{campaign.name}_{{track}}_flags.dat",
    params:
        version=versions.LIST_FLAGS,
    log:
        "<logs>/{track}/list_flags.log",
    benchmark:
        "<benchmarks>/{track}/list_flags.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/list_flags.py"
