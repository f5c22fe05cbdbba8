"""Links to a campaign's files: what each is, and what may be made that was not asked for yet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch

# pattern of a file's name, and what it is
OF_CAMPAIGN = {
    "light_curves.ecsv": "light curves of all tracks: fluxes, polarisation, gains, errors, flags",
    "minispiral_flux.ecsv": "reference flux, and each track's minispiral",
    "gains.ecsv": "how each gain and the noise were found",
    "inputs.ecsv": "what was found in the measurement sets",
    "convergence.ecsv": "what each iteration changed",
    "turns.ecsv": "what each turn of fluxes and sky changed",
    "statistics.ecsv": "mean flux and modulation index",
    "structure_function.ecsv": "structure functions",
    "correlation.ecsv": "correlations between spectral windows",
    "qa2_and_after.png": "figure: the light curves before and after",
    "light_curves.png": "figure: the light curves",
    "variability.png": "figure: the variability",
    "config.yaml": "the configuration in force, defaults filled in",
}
OF_TRACK = {
    "report.html": "page",
    "light_curves.ecsv": "light curves",
    "covariance.ecsv": "covariance",
    "Light_Curve_SPW*.dat": "ascii, spw {}",
    "polarimetry.ecsv": "polarimetry",
    "*_flags.dat": "flags",
    "SGRA_FIT_*.fit": "FIT_ARRAY",
    "*_CCs.dat": "IM1's components",
    "*_noPeak.fits": "IM1 (FITS)",
    "residual.fits": "residual image (FITS)",
    "fit_residuals.ecsv": "fit residuals",
    "fit_residuals_by_antenna.ecsv": "by antenna",
    "fit_residuals_by_hour_angle.ecsv": "by hour angle",
    "uv_coverage.ecsv": "uv coverage",
    "images.ecsv": "images",
    "*.gains": "gains for applycal",
    "*.selfcal_gains": "antenna gains",
    "*.ms_ExtendedData": "minispiral's data",
}
# tables beside the pages that are made when asked for
OF_PAGES = {
    "science": [
        "psd.ecsv",
        "transients.ecsv",
        *(
            f"science/{name}.ecsv"
            for name in ("red_noise", "periods", "loops", "lags", "spectra", "trends")
        ),
    ],
    "systematics": ["systematics.ecsv"],
    "validation": [
        "validation.ecsv",
        "validation_pulls.ecsv",
        "validation_power.ecsv",
        "validation_timescales.ecsv",
    ],
}
SELFCAL = "selfcal/"  # folder of targets of self-calibration


@dataclass(frozen=True)
class Link:
    """A link: where to, from the page, and its text; what it `is`, where a text says more."""

    href: str
    text: str
    what: str = ""


@dataclass(frozen=True)
class OnRequest:
    """What is made when asked for: `what` it is, by which `target`, and the files of it there."""

    what: str
    target: str
    there: Sequence[Link]


@dataclass(frozen=True)
class Files:
    """What a page links to.

    Files of the `campaign`, of each of `tracks` and of `targets` of self-calibration, what is made
    `on_request`, and `folders`.
    """

    campaign: Sequence[Link] = ()
    tracks: Mapping[str, Sequence[Link]] = field(default_factory=dict)
    on_request: Sequence[OnRequest] = ()
    folders: Sequence[Link] = ()
    targets: Mapping[str, Sequence[Link]] = field(default_factory=dict)


def campaign_files(paths: Iterable[str]) -> list[Link]:
    """Links to the products of all tracks together, in the order of `OF_CAMPAIGN`."""
    paths = set(paths)
    return [Link(path, path, what) for path, what in OF_CAMPAIGN.items() if path in paths]


def track_files(paths: Sequence[str], folder: str = "") -> list[Link]:
    """Links to a track's products, whose paths are given from its folder."""
    links = []
    for pattern, text in OF_TRACK.items():
        for path in paths:
            if fnmatch(path, pattern):
                links.append(Link(folder + path, text.format(_number(path))))
    return links


def target_files(paths: Iterable[str]) -> dict[str, list[Link]]:
    """Links to the products of targets of self-calibration, by target."""
    links: dict[str, list[Link]] = {}
    for path in paths:
        if path.startswith(SELFCAL):
            target, _, name = path.removeprefix(SELFCAL).partition("/")
            links.setdefault(target, []).append(Link(path, name))
    return links


def _number(path: str) -> str:
    """Spw of the memo's ascii file; nothing of other files."""
    return path.partition("SPW")[2].partition("_")[0]


def optional_files(
    tracks: Sequence[str],
    bins: Sequence[str],
    has_truth: bool,
    is_there: Callable[[str], bool],
    own: str = "",
) -> list[OnRequest]:
    """What of binned light curves and pages of their own is there, and how to get the rest.

    Parameters
    ----------
    bins : names of the files of binned light curves within a track's folder
    is_there : whether a file is, by its path from the page
    own : the track whose page it is; that of the campaign, if left out
    """
    up = "../" if own else ""
    binned = [
        Link(path, f"{track}/{name}" if not own else name)
        for track in ([own] if own else tracks)
        for name in bins
        if is_there(path := name if own else f"{track}/{name}")
    ]
    pages = {
        "science": ("what the light curves say: spectra, loops, transients", True),
        "systematics": ("systematic errors of the light curves, by IM1 found in other ways", True),
        "validation": ("light curves beside the known truth", has_truth),
    }
    targets = {"science": "science", "systematics": "systematics", "validation": "validate"}
    found = [
        OnRequest(
            "light curves averaged over bins of time, with errors that hold", "binned", binned
        )
    ]
    for name, (what, possible) in pages.items():
        files = [f"{name}.html", *OF_PAGES[name]]
        links = [Link(path, file) for file in files if is_there(path := f"{up}{file}")]
        if possible:
            found.append(OnRequest(what, targets[name], links))
    calibrated = "the field calibrated, core and minispiral, with all its channels"
    return [*found, OnRequest(calibrated, "calibrated", [])]


def files_of_page(
    products: Sequence[str],
    tracks: Sequence[str],
    bins: Sequence[str],
    has_truth: bool,
    is_there: Callable[[str], bool],
    own: str = "",
) -> Files:
    """All that a page links to.

    Parameters
    ----------
    products : paths of the files that the campaign's configuration asks for, from its folder
    tracks, bins, has_truth, is_there, own : as for `optional_files`
    """
    of_tracks = {
        track: track_files(
            [path.removeprefix(f"{track}/") for path in products if path.startswith(f"{track}/")],
            "" if own else f"{track}/",
        )
        for track in ([own] if own else tracks)
    }
    folders = [
        Link(f"../logs/{own}/" if own else "logs/", "logs of all jobs"),
        Link(f"../benchmarks/{own}/" if own else "benchmarks/", "times and memory of all jobs"),
    ]
    folders += [Link("figures/", "figures for print")] if own else []
    return Files(
        [] if own else campaign_files(products),
        of_tracks,
        optional_files(tracks, bins, has_truth, is_there, own),
        folders,
        {} if own else target_files(products),
    )
