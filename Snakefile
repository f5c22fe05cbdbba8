"""True light curves of Sgr A* from ALMA data: what the workflow makes. The rules say how."""

from snakemake.utils import min_version

min_version("9.27")


include: "workflow/rules/common.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/inspect.smk"
include: "workflow/rules/split.smk"
include: "workflow/rules/clean.smk"
include: "workflow/rules/model.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/flag.smk"
include: "workflow/rules/scale.smk"
include: "workflow/rules/gains.smk"
include: "workflow/rules/iterate.smk"
include: "workflow/rules/polarimetry.smk"
include: "workflow/rules/calibrate.smk"
include: "workflow/rules/plot.smk"
include: "workflow/rules/variability.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/selfcal.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        "<campaign>/config.yaml",
        campaign_products,
        track_products,
        target_products,
