"""Report: the campaign at a glance, a page for each track, and the pictures of both.

In: products of all stages, as far as the configuration asks for them. Out: for each spw tables of
what the fit leaves by baseline length and of the uv coverage; for each track pictures, as PNG and
PDF, and a page; for the campaign report.html, one file with everything inside.
"""


def gains_of_last_fit(wildcards) -> list[str]:
    """The antenna gains that the spw's last fit was made with, if any."""
    if not campaign.fit_is_selfcalibrated(wildcards.track, campaign.iterations):
        return []
    return ["<campaign>/{track}/<last>/spw{spw}/antenna_gains.npz"]


rule measure_residuals:
    input:
        ms="<campaign>/{track}/spw{spw}/split.ms",
        im1="<campaign>/{track}/<last>/im1.fits",
        core="<campaign>/{track}/core.json",
        light_curve="<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv",
        gains=gains_of_last_fit,
    output:
        residuals="<campaign>/{track}/<last>/spw{spw}/fit_residuals.ecsv",
        coverage="<campaign>/{track}/<last>/spw{spw}/uv_coverage.ecsv",
    params:
        version=versions.RESIDUALS,
    log:
        "<logs>/{track}/spw{spw}/residuals.log",
    benchmark:
        "<benchmarks>/{track}/spw{spw}/residuals.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("fit"),
        runtime=request_runtime("fit"),
    script:
        "../scripts/measure_residuals.py"


def last_images(wildcards) -> list[str]:
    """CLEAN images of the track's last iteration, a folder for each spw."""
    if campaign.iterations:
        return of_all_spws("<campaign>/{track}/<last>/spw{spw}/im1")(wildcards)
    return of_all_spws("<campaign>/{track}/spw{spw}/im0")(wildcards)


rule plot_sky:
    input:
        im0=of_all_spws("<campaign>/{track}/spw{spw}/im0"),
        last=last_images,
        im1="<campaign>/{track}/<last>/im1.fits",
        core="<campaign>/{track}/core.json",
    output:
        images_png="<campaign>/{track}/figures/images.png",
        images_pdf="<campaign>/{track}/figures/images.pdf",
        im1_png="<campaign>/{track}/figures/im1.png",
        im1_pdf="<campaign>/{track}/figures/im1.pdf",
    params:
        spws=spws_of_track,
        version=versions.PLOT,
    log:
        "<logs>/{track}/plot_sky.log",
    benchmark:
        "<benchmarks>/{track}/plot_sky.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("model"),
        runtime=request_runtime("model"),
    script:
        "../scripts/plot_sky.py"


rule plot_track:
    input:
        light_curves="<campaign>/{track}/light_curves.ecsv",
        residuals=of_all_spws("<campaign>/{track}/<last>/spw{spw}/fit_residuals.ecsv"),
        coverage=of_all_spws("<campaign>/{track}/<last>/spw{spw}/uv_coverage.ecsv"),
    output:
        expand(
            "<campaign>/{{track}}/figures/{name}.{kind}",
            name=["minispiral_flux", "uv_coverage", "fit_residuals"],
            kind=["png", "pdf"],
        ),
    params:
        spws=spws_of_track,
        version=versions.PLOT,
    log:
        "<logs>/{track}/plot_track.log",
    benchmark:
        "<benchmarks>/{track}/plot_track.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    script:
        "../scripts/plot_track.py"


rule plot_polarimetry:
    input:
        "<campaign>/{track}/polarimetry.ecsv",
    output:
        png="<campaign>/{track}/figures/polarimetry.png",
        pdf="<campaign>/{track}/figures/polarimetry.pdf",
    params:
        version=versions.PLOT,
    log:
        "<logs>/{track}/plot_polarimetry.log",
    benchmark:
        "<benchmarks>/{track}/plot_polarimetry.tsv"
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/plot_polarimetry.py"
