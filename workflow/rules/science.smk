"""What the light curves say: spectra of variability, loops, lags, transients (target `science`).

In: the light curves of all tracks and spws; for transients the split data with the antenna gains
of the light curves, IM1, the core's place and the array's pointing. Out: tables of power spectra,
red noise, periods, loops of Q and U, lags, spectral index and rotation measure, and of transients
in the field; pictures, and a page that says in words what was found and how sure it is.
"""


rule find_transients:
    input:
        splits=files.of_all_spws("<campaign>/{track}/spw{spw}/split.ms"),
        im1=files.last_im1,
        core="<campaign>/{track}/core.json",
        inspection="<campaign>/{track}/inspection.json",
        light_curves=files.of_all_spws("<campaign>/{track}/<last>/spw{spw}/light_curve.ecsv"),
        gains=files.gains_of_products,
        pointing=files.last_pointing,
    output:
        "<campaign>/{track}/transients.ecsv",
    params:
        spws=values.spws,
        false_alarms=values.false_alarms,
        version=versions.TRANSIENTS,
    log:
        "<logs>/{track}/transients.log",
    benchmark:
        "<benchmarks>/{track}/transients.tsv"
    resources:
        **ask("transients"),
    script:
        "../scripts/find_transients.py"


rule study_light_curves:
    input:
        light_curves=files.all_light_curves,
        transients=files.of_all_tracks("transients.ecsv"),
    output:
        psd="<campaign>/psd.ecsv",
        transients="<campaign>/transients.ecsv",
        red_noise="<campaign>/science/red_noise.ecsv",
        periods="<campaign>/science/periods.ecsv",
        loops="<campaign>/science/loops.ecsv",
        lags="<campaign>/science/lags.ecsv",
        spectra="<campaign>/science/spectra.ecsv",
        trends="<campaign>/science/trends.ecsv",
        power_png=report(
            "<campaign>/science/power.png",
            caption="../report/power.rst",
            category="Campaign",
            labels={"figure": "power spectra"},
        ),
        power_pdf="<campaign>/science/power.pdf",
        loops_png=report(
            "<campaign>/science/loops.png",
            caption="../report/loops.rst",
            category="Campaign",
            labels={"figure": "loops of Q and U"},
        ),
        loops_pdf="<campaign>/science/loops.pdf",
        spectra_png=report(
            "<campaign>/science/spectra.png",
            caption="../report/spectra.rst",
            category="Campaign",
            labels={"figure": "spectral index and rotation measure"},
        ),
        spectra_pdf="<campaign>/science/spectra.pdf",
        page="<campaign>/science.html",
    params:
        title=campaign.name,
        own_scales=values.own_references,
        version=versions.SCIENCE,
    log:
        "<logs>/science/study.log",
    benchmark:
        "<benchmarks>/science/study.tsv"
    resources:
        **ask("study"),
    script:
        "../scripts/study_light_curves.py"


rule science:
    """Spectra of variability, loops, lags and transients: tables, pictures and science.html."""
    input:
        products.science,
