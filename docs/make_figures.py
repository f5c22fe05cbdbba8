"""Make the pictures of these pages from the demo's products: `make figures`.

    python docs/make_figures.py results/demo

WebP, as within the report: a seventh of the PNG's size.
"""

import sys
from pathlib import Path

from minispiral.plots.style import webp

TRACK = "20170406"
NAMES = ("images", "im1", "minispiral_flux", "fit_residuals", "polarimetry")


def main() -> None:
    """Write docs/light_curves.png and docs/figures/."""
    products, docs = Path(sys.argv[1]), Path(__file__).parent
    (docs / "light_curves.png").write_bytes((products / "light_curves.png").read_bytes())
    (docs / "figures").mkdir(exist_ok=True)
    for name in NAMES:
        picture = webp(products / TRACK / "figures" / f"{name}.png")
        (docs / "figures" / f"{name}.webp").write_bytes(picture)


if __name__ == "__main__":
    main()
