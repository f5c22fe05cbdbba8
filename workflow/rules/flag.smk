"""Outliers: which integrations are not to be used, each with its reason.

In: the fit of one spw. Out: a table with the automatic flagger's reason for each integration. The
limits on the flux and the table that the user edits by hand need the flux scale, so they come in
with the scaling; the flagged integrations of all spws are listed for CASA's flagdata.
"""


def automatic_flagger(wildcards) -> dict:
    """Thresholds of the automatic flagger."""
    flag = campaign.settings("flag", wildcards.track)
    return {key: flag[key] for key in ("deviation", "chi2", "bad_scan")}


rule flag_integrations:
    input:
        "<campaign>/{track}/iteration{iteration}/spw{spw}/fit.ecsv",
    output:
        "<campaign>/{track}/iteration{iteration}/spw{spw}/flags.ecsv",
    params:
        settings=automatic_flagger,
        version=versions.FLAG,
    log:
        "<logs>/{track}/iteration{iteration}/spw{spw}/flag.log",
    benchmark:
        "<benchmarks>/{track}/iteration{iteration}/spw{spw}/flag.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/flag_integrations.py"


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
