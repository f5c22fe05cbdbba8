"""What the target rules ask for: the products of the campaign, of its tracks, and of its targets.

Products that a configuration does not ask for are not in these lists.
"""


def selfcal_gains_of(track: str) -> list[str]:
    """The track's table of antenna gains, where its products are made with them."""
    if not campaign.fit_is_selfcalibrated(track, campaign.iterations):
        return []
    return [f"{campaign.folder}/{track}/{campaign.name}_{track}.selfcal_gains"]


def polarimetry_of(track: str) -> list[str]:
    """The track's table of polarimetry, for which it needs two spws."""
    if len(campaign.spws(track)) < 2:
        return []
    return [f"{campaign.folder}/{track}/polarimetry.ecsv"]


def figures_of(track: str) -> list[str]:
    """The track's pictures for print."""
    names = ["images", "im1", "minispiral_flux", "uv_coverage", "fit_residuals"]
    if polarimetry_of(track):
        names.append("polarimetry")
    return [f"{campaign.folder}/{track}/figures/{name}.pdf" for name in names]


def convergence(wildcards) -> list[str]:
    """What each iteration changed, where there are any."""
    return ["<campaign>/convergence.ecsv"] if campaign.tracks and campaign.iterations else []


def campaign_products(wildcards) -> list[str]:
    """The products of all tracks together."""
    if not campaign.tracks:
        return []
    names = ["inputs.ecsv", "light_curves.ecsv", "light_curves.png", "minispiral_flux.ecsv"]
    names += ["gains.ecsv", "statistics.ecsv", "structure_function.ecsv"]
    names += ["correlation.ecsv", "variability.png"]
    return [f"<campaign>/{name}" for name in names] + convergence(wildcards)


def light_curve_products(wildcards) -> list[str]:
    """Light curves as tables, as the memo's ascii files, and as a picture."""
    if not campaign.tracks:
        return []
    return [
        "<campaign>/light_curves.ecsv",
        "<campaign>/light_curves.png",
        *(path for track in campaign.tracks for path in light_curves_of(track)),
    ]


def light_curves_of(track: str) -> list[str]:
    """The track's table of light curves, and the memo's file of each spw."""
    folder, name = f"{campaign.folder}/{track}", f"{campaign.name}_{track}.dat"
    ascii_files = [f"{folder}/Light_Curve_SPW{spw}_{name}" for spw in campaign.spws(track)]
    return [f"{folder}/light_curves.ecsv", *ascii_files]


def polarimetry_products(wildcards) -> list[str]:
    """Tables and pictures of the tracks that have polarimetry."""
    return [
        path
        for track in campaign.tracks
        for table in polarimetry_of(track)
        for path in (table, f"{campaign.folder}/{track}/figures/polarimetry.pdf")
    ]


def gains_of_track(track: str) -> list[str]:
    """The minispiral's data, and the gains as CASA tables."""
    prefix = f"{campaign.folder}/{track}/{campaign.name}_{track}"
    return [f"{prefix}.ms_ExtendedData", f"{prefix}.gains", *selfcal_gains_of(track)]


def calibrated_products(wildcards) -> list[str]:
    """The same, and the field with all its channels."""
    return [
        path
        for track in campaign.tracks
        for path in (
            *gains_of_track(track),
            f"{campaign.folder}/{track}/{campaign.name}_{track}.calibrated.ms",
        )
    ]


def track_products(wildcards) -> list[str]:
    """The products of every track."""
    products = []
    for track in campaign.tracks:
        prefix = f"{campaign.folder}/{track}/{campaign.name}_{track}"
        products += [
            *light_curves_of(track),
            f"{campaign.folder}/{track}/SGRA_FIT_{campaign.name}_{track}.fit",
            f"{prefix}_CCs.dat",
            f"{prefix}_flags.dat",
            f"{prefix}_noPeak.fits",
            f"{prefix}_noPeak.image",
            *gains_of_track(track),
            *polarimetry_of(track),
            *figures_of(track),
        ]
        products += [
            f"{campaign.folder}/{track}/<last>/spw{spw}/absorption.png"
            for spw in campaign.corrected_spws(track)
        ]
    return products


def target_products(wildcards) -> list[str]:
    """The products of every target of self-calibration, as far as it is to go."""
    products = []
    for name in campaign.targets:
        target = campaign.target(name)
        folder = f"<targets>/{name}"
        products += [
            f"{folder}/averaging.ecsv",
            f"{folder}/rounds.ecsv",
            f"{folder}/before_after.png",
        ]
        if campaign.target_is_whole(name):
            products += [f"{folder}/{name}.image", f"{folder}/{name}.fits"]
            products += [f"{folder}/{name}.calibrated.ms"]
            products += [f"{folder}/{name}_{line}.calibrated.ms" for line in target["lines"]]
    return products


def selfcal_products(wildcards) -> list[str]:
    """Antenna gains and convergence of the iterations, and the products of the targets."""
    gains = [path for track in campaign.tracks for path in selfcal_gains_of(track)]
    return [*convergence(wildcards), *gains, *target_products(wildcards)]


def reports(wildcards) -> list[str]:
    """The campaign's page, and each track's."""
    pages = [f"{campaign.folder}/{track}/report.html" for track in campaign.tracks]
    return ["<campaign>/report.html", *pages]


def all_products(wildcards) -> list[str]:
    """Everything that the configuration asks for."""
    return [
        "<campaign>/config.yaml",
        *campaign_products(wildcards),
        *track_products(wildcards),
        *target_products(wildcards),
        *reports(wildcards),
    ]
