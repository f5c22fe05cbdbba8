"""Report: the campaign at a glance, a page for each track, and the pictures of both.

In: products of all stages, as far as the configuration asks for them. Out: for each track tables of
what the fit leaves by baseline length and of the uv coverage, pictures, as PNG and PDF, and a page;
for the campaign report.html, one file with everything inside.
"""


rule measure_residuals:
    input:
        splits=of_all_spws("<campaign>/{track}/spw{spw}/split.ms"),
        im1=last_im1,
        core="<campaign>/{track}/core.json",
        light_curves=of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        gains=gains_of_products,
    output:
        residuals="<campaign>/{track}/fit_residuals.ecsv",
        coverage="<campaign>/{track}/uv_coverage.ecsv",
    params:
        spws=spws_of_track,
        version=versions.RESIDUALS,
    log:
        "<logs>/{track}/residuals.log",
    benchmark:
        "<benchmarks>/{track}/residuals.tsv"
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
        im1=last_im1,
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
        residuals="<campaign>/{track}/fit_residuals.ecsv",
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
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    localrule: True
    script:
        "../scripts/plot_polarimetry.py"


def of_job_tracks(name: str):
    """Return an input function: a file of each of these tracks."""

    def files(wildcards) -> list[str]:
        return [f"{campaign.folder}/{track}/{name}" for track in tracks_of_job(wildcards)]

    return files


def reported_polarimetry(wildcards) -> list[str]:
    """Polarimetry of those that have it."""
    return [path for track in tracks_of_job(wildcards) for path in polarimetry_of(track)]


def of_campaign(name: str):
    """Return an input function: a product of all tracks together, where there are tracks."""

    def files(wildcards) -> list[str]:
        return [f"{campaign.folder}/{name}"] if campaign.tracks else []

    return files


def variability(wildcards) -> list[str]:
    """Picture of the variability, which a track's own page does not have."""
    return [] if hasattr(wildcards, "track") else of_campaign("variability.png")(wildcards)


def of_targets(name: str):
    """Return an input function: a file of every target, which a track's page does not have."""

    def files(wildcards) -> list[str]:
        targets = [] if hasattr(wildcards, "track") else campaign.targets
        return [f"<targets>/{target}/{name}" for target in targets]

    return files


def prints(wildcards) -> list[str]:
    """Figures for print that the page links to: a track's, or those of all together."""
    if hasattr(wildcards, "track"):
        return figures_of(wildcards.track)
    names = ("light_curves.pdf", "variability.pdf")
    return [f"{campaign.folder}/{name}" for name in names if campaign.tracks]


def spws_of_reported(wildcards) -> list[tuple[str, list[int]]]:
    """Spectral windows of each of these tracks."""
    return [(track, campaign.spws(track)) for track in tracks_of_job(wildcards)]


def files_of_reported(wildcards) -> list[str]:
    """Files of the user's that results depend on: masks and tables of flags."""
    tracks = tracks_of_job(wildcards)
    masks = [configuration.mask_path(campaign.settings("image", track)) for track in tracks]
    if not hasattr(wildcards, "track"):
        masks += [configuration.mask_path(campaign.target(t)["image"]) for t in campaign.targets]
    return sorted({path for path in [*masks, *map(campaign.flag_table, tracks)] if path})


def sources_of_targets(wildcards) -> list[tuple[str, str, str]]:
    """What the targets are made from, which a track's page does not have; as for tracks."""
    if hasattr(wildcards, "track"):
        return []
    sources = []
    for name in campaign.targets:
        folder, target = f"{campaign.folder}/selfcal/{name}", campaign.target(name)
        sources.append((f"target {name}", target["ms"], f"{folder}/inspection.json"))
        if campaign.target_is_whole(name):
            sources += [
                (f"target {name}, {line}", data["ms"], f"{folder}/lines/{line}.json")
                for line, data in target["lines"].items()
            ]
    return sources


def inspections_of_targets(wildcards) -> list[str]:
    """Inspections of the targets and their lines."""
    return [inspection for *_, inspection in sources_of_targets(wildcards)]


def sources_of_reported(wildcards) -> list[tuple[str, str, str]]:
    """What these tracks, and the targets, are made from: whose, path, and its inspection."""
    tracks = [
        (
            f"track {track}",
            campaign.measurement_set(track) or "simulated",
            f"{campaign.folder}/{track}/inspection.json",
        )
        for track in tracks_of_job(wildcards)
    ]
    return tracks + sources_of_targets(wildcards)


def corrected_of_reported(wildcards) -> list[tuple[str, int]]:
    """Tracks and spws of which the absorption was corrected."""
    return [
        (track, spw)
        for track in tracks_of_job(wildcards)
        for spw in campaign.corrected_spws(track)
    ]


def absorption_of_reported(wildcards) -> list[str]:
    """Pictures of it."""
    return [
        f"{campaign.folder}/{track}/<last>/spw{spw}/absorption.png"
        for track, spw in corrected_of_reported(wildcards)
    ]


def rounds_of_reported(wildcards) -> list[dict]:
    """How the antennas of these tracks were solved for before each iteration."""
    return [
        {"track": track, "iteration": n, "how": how}
        for track in tracks_of_job(wildcards)
        for n in range(1, campaign.iterations + 1)
        if (how := campaign.selfcal_round(track, n)) is not None
    ]


rule write_report:
    input:
        curves=of_job_tracks("light_curves.ecsv"),
        residuals=of_job_tracks("fit_residuals.ecsv"),
        inspections=of_job_tracks("inspection.json"),
        polarimetry=reported_polarimetry,
        images=of_job_tracks("figures/images.png"),
        im1=of_job_tracks("figures/im1.png"),
        uv_coverage=of_job_tracks("figures/uv_coverage.png"),
        flux=of_campaign("minispiral_flux.ecsv"),
        gains=of_campaign("gains.ecsv"),
        statistics=of_campaign("statistics.ecsv"),
        variability=variability,
        convergence=convergence,
        rounds=of_targets("rounds.ecsv"),
        before_after=of_targets("before_after.png"),
        prints=prints,
        absorption=absorption_of_reported,
        targets=inspections_of_targets,
        files=files_of_reported,
        configuration="<campaign>/config.yaml",
    output:
        report(
            "<campaign>/report.html",
            caption="../report/page.rst",
            category="Campaign",
            labels={"figure": "the campaign at a glance"},
        ),
    params:
        title=campaign.name,
        spws=spws_of_reported,
        sources=sources_of_reported,
        corrected=corrected_of_reported,
        solved=rounds_of_reported,
        targets=campaign.targets,
        remarks=input_checks.remarks(campaign),
        # params know no pathvars
        logs=f"{campaign.folder}/logs",
        benchmarks=f"{campaign.folder}/benchmarks",
        version=versions.REPORT,
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    priority: -100  # its table of jobs is to be as long as can be
    threads: 1
    resources:
        mem_mb=request_memory("tables"),
        runtime=request_runtime("tables"),
    script:
        "../scripts/write_report.py"


use rule write_report as write_track_report with:
    output:
        "<campaign>/{track}/report.html",
    log:
        "<logs>/{track}/report.log",
    benchmark:
        "<benchmarks>/{track}/report.tsv"
