"""The ground of all rules: the campaign, the places of its files, and the needs of its jobs.

This file comes before the other rule files, whose order has no effect. Every decision lies in the
package: `files` has the inputs of a rule, `values` its params, `ask` its memory, time and threads;
`reported` has the inputs of the report's pages, and `products` those of target rules.
"""

from minispiral.checks import inputs as input_checks
from minispiral.jobs import startup, versions
from minispiral.jobs.files import JobFiles
from minispiral.jobs.params import JobParams
from minispiral.jobs.reported import Reported
from minispiral.jobs.resources import Requests
from minispiral.jobs.spw_lists import spw_lists
from minispiral.jobs.targets import Products
from minispiral.jobs.wildcards import any_of

campaign = startup.load_campaign(
    project=workflow.basedir,
    files=workflow.overwrite_configfiles,
    overrides=workflow.config_settings.config,
    given=None if workflow.modifier.is_main_snakefile() else config,
    checks=input_checks,
    display=logger if workflow.is_main_process else None,
    cores=workflow.resource_settings.cores,
    at_once=workflow.resource_settings.nodes,
)
files = JobFiles(campaign, ancient)
values = JobParams(campaign)
ask = Requests(campaign)
products = Products(campaign)
reported = Reported(campaign)
# what is removed after its last use, unless all is to be kept
intermediate = directory if campaign.keeps_intermediates else temp


pathvars:
    campaign=campaign.folder,
    logs=f"{campaign.folder}/logs",
    benchmarks=f"{campaign.folder}/benchmarks",
    targets=f"{campaign.folder}/selfcal",
    last=f"iteration{campaign.iterations}",


wildcard_constraints:
    track=any_of(campaign.tracks),
    spw=any_of(campaign.all_spws),
    iteration=r"\d+",
    turn=r"[1-9]\d*",
    execution=r"[1-9]\d*",
    target=any_of(campaign.targets),


rule write_configuration:
    output:
        "<campaign>/config.yaml",
    params:
        resolved=campaign.resolved,
    log:
        "<logs>/config.log",
    benchmark:
        "<benchmarks>/config.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/write_configuration.py"
