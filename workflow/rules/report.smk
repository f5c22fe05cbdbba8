"""Report: the campaign at a glance, a page for each track, and the pictures of both.

In: products of all stages, as far as the configuration asks for them. Out: pictures as PNG and
PDF, among them the campaign's light curves, before and after, over the truth where it is known; a
page for each track; and for the campaign report.html, one file with everything inside.
"""


rule plot_light_curves:
    input:
        light_curves="<campaign>/light_curves.ecsv",
        truths=files.truth.tables,
    output:
        png=report(
            "<campaign>/light_curves.png",
            caption="../report/light_curves.rst",
            category="Campaign",
            labels={"figure": "light curves"},
        ),
        pdf="<campaign>/light_curves.pdf",
        delivered_png=report(
            "<campaign>/qa2_and_after.png",
            caption="../report/qa2_and_after.rst",
            category="Campaign",
            labels={"figure": "the light curves before and after"},
        ),
        delivered_pdf="<campaign>/qa2_and_after.pdf",
    params:
        title=campaign.name,
        tracks=values.tracks_with_truth,
        version=versions.PLOT,
    log:
        "<logs>/plot_light_curves.log",
    benchmark:
        "<benchmarks>/plot_light_curves.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/plot_light_curves.py"


rule plot_sky:
    input:
        im0=files.of_all_spws("<campaign>/{track}/spw{spw}/im0"),
        last=files.last_images,
        im1=files.last_im1,
        core="<campaign>/{track}/core.json",
    output:
        images_png=report(
            "<campaign>/{track}/figures/images.png",
            caption="../report/images.rst",
            category="Tracks",
            subcategory="{track}",
            labels={"figure": "images and residuals"},
        ),
        images_pdf="<campaign>/{track}/figures/images.pdf",
        im1_png=report(
            "<campaign>/{track}/figures/im1.png",
            caption="../report/im1.rst",
            category="Tracks",
            subcategory="{track}",
            labels={"figure": "IM1, the minispiral"},
        ),
        im1_pdf="<campaign>/{track}/figures/im1.pdf",
        table="<campaign>/{track}/images.ecsv",
    params:
        spws=values.spws,
        version=versions.PLOT,
    log:
        "<logs>/{track}/plot_sky.log",
    benchmark:
        "<benchmarks>/{track}/plot_sky.tsv"
    resources:
        **ask("model"),
    script:
        "../scripts/plot_sky.py"


rule plot_skies:
    input:
        sky=files.last_im1,
        clean="<campaign>/{track}/<last>/im1.fits",
        core="<campaign>/{track}/core.json",
    output:
        png=report(
            "<campaign>/{track}/figures/skies.png",
            caption="../report/skies.rst",
            category="Tracks",
            subcategory="{track}",
            labels={"figure": "the sky and CLEAN's IM1"},
        ),
        pdf="<campaign>/{track}/figures/skies.pdf",
    params:
        version=versions.PLOT,
    log:
        "<logs>/{track}/plot_skies.log",
    benchmark:
        "<benchmarks>/{track}/plot_skies.tsv"
    resources:
        **ask("model"),
    script:
        "../scripts/plot_skies.py"


rule plot_track:
    input:
        light_curves="<campaign>/{track}/light_curves.ecsv",
        residuals="<campaign>/{track}/fit_residuals.ecsv",
        hour_angles="<campaign>/{track}/fit_residuals_by_hour_angle.ecsv",
        residual="<campaign>/{track}/residual.fits",
        core="<campaign>/{track}/core.json",
        coverage="<campaign>/{track}/uv_coverage.ecsv",
    output:
        report(
            "<campaign>/{track}/figures/minispiral_flux.png",
            caption="../report/minispiral_flux.rst",
            category="Tracks",
            subcategory="{track}",
            labels={"figure": "minispiral and gains"},
        ),
        "<campaign>/{track}/figures/minispiral_flux.pdf",
        report(
            "<campaign>/{track}/figures/uv_coverage.png",
            caption="../report/uv_coverage.rst",
            category="Tracks",
            subcategory="{track}",
            labels={"figure": "uv coverage"},
        ),
        "<campaign>/{track}/figures/uv_coverage.pdf",
        report(
            "<campaign>/{track}/figures/fit_residuals.png",
            caption="../report/fit_residuals.rst",
            category="Tracks",
            subcategory="{track}",
            labels={"figure": "fit residuals"},
        ),
        "<campaign>/{track}/figures/fit_residuals.pdf",
        report(
            "<campaign>/{track}/figures/residual_image.png",
            caption="../report/residual_image.rst",
            category="Tracks",
            subcategory="{track}",
            labels={"figure": "image of the residual visibilities"},
        ),
        "<campaign>/{track}/figures/residual_image.pdf",
    params:
        spws=values.spws,
        version=versions.PLOT,
    log:
        "<logs>/{track}/plot_track.log",
    benchmark:
        "<benchmarks>/{track}/plot_track.tsv"
    resources:
        **ask("tables"),
    script:
        "../scripts/plot_track.py"


rule plot_polarimetry:
    input:
        "<campaign>/{track}/polarimetry.ecsv",
    output:
        png=report(
            "<campaign>/{track}/figures/polarimetry.png",
            caption="../report/polarimetry.rst",
            category="Tracks",
            subcategory="{track}",
            labels={"figure": "polarimetry"},
        ),
        pdf="<campaign>/{track}/figures/polarimetry.pdf",
    params:
        version=versions.PLOT,
    log:
        "<logs>/{track}/plot_polarimetry.log",
    benchmark:
        "<benchmarks>/{track}/plot_polarimetry.tsv"
    resources:
        **ask("tables"),
    localrule: True
    script:
        "../scripts/plot_polarimetry.py"


rule write_report:
    input:
        curves=reported.of_tracks("light_curves.ecsv"),
        residuals=reported.of_tracks("fit_residuals.ecsv"),
        hour_angles=reported.of_tracks("fit_residuals_by_hour_angle.ecsv"),
        antennas=reported.of_tracks("fit_residuals_by_antenna.ecsv"),
        inspections=reported.of_tracks("inspection.json"),
        polarimetry=reported.polarimetry,
        images=reported.of_tracks("figures/images.png"),
        cleaned=reported.of_tracks("images.ecsv"),
        im1=reported.of_tracks("figures/im1.png"),
        uv_coverage=reported.of_tracks("figures/uv_coverage.png"),
        residual_image=reported.of_tracks("figures/residual_image.png"),
        skies=reported.skies,
        flux=reported.of_campaign("minispiral_flux.ecsv"),
        gains=reported.of_campaign("gains.ecsv"),
        statistics=reported.of_campaign("statistics.ecsv"),
        variability=reported.variability,
        science=reported.science,
        delivered=reported.of_campaign("qa2_and_after.png"),
        convergence=products.convergence,
        turns=reported.turns,
        antenna_gains=reported.antenna_gains,
        pointing=reported.pointing,
        rounds=reported.of_targets("rounds.ecsv"),
        before_after=reported.of_targets("before_after.png"),
        round_images=reported.of_targets("rounds.png"),
        round_gains=reported.of_targets("gains.png"),
        prints=reported.prints,
        absorption=reported.absorption,
        targets=reported.inspections_of_targets,
        executions=reported.inspections_of_executions,
        files=reported.files_of_user,
        configuration="<campaign>/config.yaml",
    output:
        report(
            "<campaign>/report.html",
            caption="../report/page.rst",
            category="Campaign",
            labels={"figure": "the campaign at a glance"},
        ),
    params:
        spws=reported.spws,
        sources=reported.sources,
        skies=reported.sky_of_tracks,
        corrected=reported.corrected,
        solved=reported.solved,
        solves=reported.solves,
        targets=campaign.targets,
        remarks=input_checks.remarks(campaign),
        products=reported.products,
        bins=reported.bins,
        has_truth=reported.has_truth,
        version=versions.REPORT,
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    priority: -100  # it comes last, so that its table has all jobs
    resources:
        **ask("tables"),
    script:
        "../scripts/write_report.py"


use rule write_report as write_track_report with:
    output:
        "<campaign>/{track}/report.html",
    log:
        "<logs>/{track}/report.log",
    benchmark:
        "<benchmarks>/{track}/report.tsv"
