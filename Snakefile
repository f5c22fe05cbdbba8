"""True light curves of Sgr A* from ALMA data: what the workflow makes. The rules say how."""

from snakemake.utils import min_version

min_version("9.27")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/simulation.smk"
include: "workflow/rules/ms.smk"
include: "workflow/rules/imaging.smk"
include: "workflow/rules/sky.smk"
include: "workflow/rules/fit.smk"
include: "workflow/rules/gains.smk"
include: "workflow/rules/light_curves.smk"
include: "workflow/rules/calibration.smk"
include: "workflow/rules/exports.smk"
include: "workflow/rules/iterations.smk"
include: "workflow/rules/selfcal.smk"
include: "workflow/rules/analysis.smk"
include: "workflow/rules/systematics.smk"
include: "workflow/rules/science.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/clean_up.smk"


onstart:
    startup.begin(campaign)


rule all:
    """All that the configuration asks for, except calibrated data and validation (the default)."""
    default_target: True
    input:
        products.all,


rule campaign:
    """The products of all tracks together: tables, pictures, statistics, convergence."""
    input:
        products.of_campaign,


rule light_curves:
    """Light curves of all tracks: tables, the memo's ascii files, and the picture."""
    input:
        products.light_curves,


rule polarimetry:
    """Rotation measure, intrinsic EVPA, spectral index, depolarisation: tables and pictures."""
    input:
        products.polarimetry,


rule calibrated:
    """Calibrated data: all channels, the minispiral alone, and the gains as CASA tables."""
    input:
        products.calibrated,


rule core_subtracted:
    """Calibrated data with all their channels, without the core: for lines and deep continuum."""
    input:
        products.core_subtracted,


rule residual_data:
    """Calibrated data less core and minispiral, and maps of their snapshots over the noise."""
    input:
        products.residual_data,


rule memo_curves:
    """Light curves as the text files that the memo's second script writes."""
    input:
        products.memo_curves,


rule selfcal:
    """Self-calibration: the iterations' antenna gains and convergence, and all targets."""
    input:
        products.selfcal,


rule report:
    """The campaign at a glance, report.html, and a page for each track."""
    input:
        products.reports,
