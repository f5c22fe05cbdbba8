"""True light curves of Sgr A* from ALMA data: what the workflow makes. The rules say how."""

from snakemake.utils import min_version

min_version("9.27")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/products.smk"
include: "workflow/rules/simulation.smk"
include: "workflow/rules/ms.smk"
include: "workflow/rules/split.smk"
include: "workflow/rules/clean.smk"
include: "workflow/rules/imaging.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/flag.smk"
include: "workflow/rules/light_curves.smk"
include: "workflow/rules/gains.smk"
include: "workflow/rules/iterations.smk"
include: "workflow/rules/polarimetry.smk"
include: "workflow/rules/calibration.smk"
include: "workflow/rules/plot.smk"
include: "workflow/rules/analysis.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/selfcal.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/clean_up.smk"


onstart:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # from here on, Snakemake ends jobs
    hold_results()
    record_command()


rule all:
    """Everything the configuration asks for, but calibrated data and validation (the default)."""
    default_target: True
    input:
        all_products,


rule campaign:
    """The products of all tracks together: tables, pictures, statistics, convergence."""
    input:
        campaign_products,


rule light_curves:
    """Light curves of all tracks: tables, the memo's ascii files, and the picture."""
    input:
        light_curve_products,


rule polarimetry:
    """Rotation measure, intrinsic EVPA, spectral index, depolarisation: tables and pictures."""
    input:
        polarimetry_products,


rule calibrated:
    """Calibrated data: all channels, the minispiral alone, and the gains as CASA tables."""
    input:
        calibrated_products,


rule selfcal:
    """Self-calibration: the iterations' antenna gains and convergence, and all targets."""
    input:
        selfcal_products,


rule report:
    """The campaign at a glance, report.html, and a page for each track."""
    input:
        reports,
