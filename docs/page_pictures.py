"""Pictures of these pages, and the program that makes each: there are no others."""

from pathlib import Path

DOCS = Path(__file__).resolve().parent
KINDS = (".webp", ".png", ".svg", ".jpg")
# each a picture {track}/figures/{name}.png of the demo
OF_A_TRACK = (
    "images",
    "im1",
    "skies",
    "residual_image",
    "uv_coverage",
    "minispiral_flux",
    "fit_residuals",
    "polarimetry",
)
OF_THE_CAMPAIGN = {
    "light_curves": "figures/light_curves.webp",
    "qa2_and_after": "qa2_and_after.webp",
}
LOOP, DRIFT, SELFCAL, FEEDS = (
    f"figures/{name}.webp" for name in ("loop", "drift", "selfcal", "feeds")
)
MADE_BY = {
    "make_figures.py": [
        *OF_THE_CAMPAIGN.values(),
        *(f"figures/{name}.webp" for name in OF_A_TRACK),
        LOOP,
        DRIFT,
        SELFCAL,
    ],
    "make_polarization.py": [FEEDS],
}


def made_by_none() -> list[str]:
    """Pictures that lie in docs/ and that no program makes."""
    made = {path for paths in MADE_BY.values() for path in paths}
    there = (path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.*"))
    return sorted({path for path in there if path.endswith(KINDS)} - made)
