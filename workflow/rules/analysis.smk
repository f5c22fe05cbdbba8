"""Analysis of the light curves: their variability, and a comparison with the truth.

In: the light curves of all tracks and spws; for simulated tracks and those with `truth` also the
fits and the tables of true fluxes. Out, of variability: tables of mean, modulation index, structure
function and correlation, for each track and for the campaign, and a picture. Out, of the
comparison: tables of bias, scatter and pulls, of histograms of pulls, and of pulls and the power of
the residual by timescale; and a page with all of these.
"""


rule measure_variability:
    input:
        files.all_light_curves,
    output:
        statistics="<campaign>/statistics.ecsv",
        structure="<campaign>/structure_function.ecsv",
        correlation="<campaign>/correlation.ecsv",
        png=report(
            "<campaign>/variability.png",
            caption="../report/variability.rst",
            category="Campaign",
            labels={"figure": "variability"},
        ),
        pdf="<campaign>/variability.pdf",
    params:
        version=versions.VARIABILITY,
    log:
        "<logs>/variability.log",
    benchmark:
        "<benchmarks>/variability.tsv"
    resources:
        **ask("tables"),
    script:
        "../scripts/measure_variability.py"


rule validate_light_curves:
    input:
        light_curves=files.truth.of_spws("light_curve.ecsv"),
        fits=files.truth.of_spws("fit.ecsv"),
        covariances=files.truth.of_tracks("covariance.ecsv"),
        truths=files.truth.tables,
        delivered="<campaign>/qa2_and_after.png",
        curves="<campaign>/light_curves.png",
    output:
        table="<campaign>/validation.ecsv",
        pulls="<campaign>/validation_pulls.ecsv",
        power="<campaign>/validation_power.ecsv",
        timescales="<campaign>/validation_timescales.ecsv",
        page="<campaign>/validation.html",
    params:
        title=campaign.name,
        tracks=values.tracks_with_truth,
        version=versions.VALIDATE,
    log:
        "<logs>/validation.log",
    benchmark:
        "<benchmarks>/validation.tsv"
    resources:
        **ask("tables"),
    script:
        "../scripts/validate_light_curves.py"


rule validate:
    """Compare light curves with the truth, where it is known: tables and validation.html."""
    input:
        "<campaign>/validation.html",
