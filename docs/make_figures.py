"""Make the pictures of these pages: `make figures`.

    python docs/make_figures.py results/demo

All are the demo's but one, light curves over the truth by both methods: for that a track of five
hours is simulated and processed twice, which takes two minutes on two cores. WebP, as within the
report: a seventh of the PNG's size.
"""

import base64
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import yaml
from matplotlib.figure import Figure
from nbclient import NotebookClient

from minispiral.analysis.truth import read_truth
from minispiral.analysis.validation import Drift
from minispiral.analysis.validation_tables import AFTER, validate_curve
from minispiral.io.tables import read_table
from minispiral.plots.style import COLORS, label_time, save, webp
from minispiral.plots.validation import draw_drift

DOCS = Path(__file__).resolve().parent
TRACK = "20170406"
NAMES = (
    "images",
    "im1",
    "skies",
    "residual_image",
    "uv_coverage",
    "minispiral_flux",
    "fit_residuals",
    "polarimetry",
)
LOOP = -1  # which of the notebook's pictures is the loop in Q and U
LONG_TRACK = {
    "seed": 11,
    "start": "2017-04-06T06:45:00",
    "scans": 43,
    "scan_minutes": 6,
    "gap_minutes": 1,
    "integration_s": 24,
    "antennas": 36,
    "frequencies_ghz": [213.1, 229.1],
    "sky": "smooth",
    "zenith_opacity": 0.1,
}
METHODS = {"clean": "CLEAN's IM1", "joint": "IM1 from the visibilities"}


def main() -> None:
    """Write docs/qa2_and_after.webp and docs/figures/."""
    products, figures = Path(sys.argv[1]), DOCS / "figures"
    (DOCS / "qa2_and_after.webp").write_bytes(webp(products / "qa2_and_after.png"))
    figures.mkdir(exist_ok=True)
    (figures / "light_curves.webp").write_bytes(webp(products / "light_curves.png"))
    for name in NAMES:
        picture = webp(products / TRACK / "figures" / f"{name}.png")
        (figures / f"{name}.webp").write_bytes(picture)
    loop = figures / "loop.png"
    loop.write_bytes(notebook_pictures(products)[LOOP])
    loop.with_suffix(".webp").write_bytes(webp(loop))
    loop.unlink()
    with tempfile.TemporaryDirectory() as folder:
        png = Path(folder) / "drift.png"
        save(plot_methods(both_methods(Path(folder))), png)
        (figures / "drift.webp").write_bytes(webp(png))


def notebook_pictures(products: Path) -> list[bytes]:
    """Run the notebook on a campaign, and return what it draws."""
    notebook = nbformat.read(DOCS / "light_curves.ipynb", as_version=4)
    first = notebook.cells[1]
    first.source = first.source.replace('"../results/demo"', repr(str(products.resolve())))
    NotebookClient(notebook, resources={"metadata": {"path": str(DOCS)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    drawn = [output["data"] for output in outputs if "image/png" in output.get("data", {})]
    return [base64.b64decode(data["image/png"]) for data in drawn]


def both_methods(folder: Path) -> dict[str, Drift]:
    """Process one track of hours by each method: Stokes I of its first spw over the truth."""
    simulated = folder / "results" / "clean" / "simulated"
    truth = simulated / "long.truth.csv"
    tracks: dict[str, dict[str, Any]] = {
        "clean": {"simulate": LONG_TRACK},
        "joint": {"ms": str(simulated / "long.ms"), "truth": str(truth)},
    }
    drifts = {}
    for method, track in tracks.items():
        run_workflow(folder, method, track)
        results = folder / "results" / method / "long"
        spw = results / "iteration0" / "spw0"
        curve, fit = read_table(spw / "light_curve.ecsv"), read_table(spw / "fit.ecsv")
        covariance = read_table(results / "covariance.ecsv")
        (drifts[method],) = (
            result.drift
            for result in validate_curve(curve, fit, read_truth(str(truth)), covariance)
            if result.stage == AFTER and result.drift is not None
        )
    return drifts


def run_workflow(folder: Path, method: str, track: dict[str, Any]) -> None:
    """Make the light curves of one track, by one method."""
    config = folder / f"{method}.yaml"
    settings = {
        "campaign": method,
        "spws": [0, 1],
        "tracks": {"long": track},
        "model": {"method": method},
    }
    config.write_text(yaml.safe_dump(settings))
    command = f"-s {DOCS.parent / 'Snakefile'} -d {folder} --configfile {config} --cores all"
    subprocess.run(
        [sys.executable, "-m", "snakemake", *command.split(), "light_curves"], check=True
    )


def plot_methods(drifts: dict[str, Drift]) -> Figure:
    """Draw light curves over the truth; the legend states what is read off them."""
    figure = Figure(figsize=(10, 4), layout="constrained", dpi=110)
    axis = figure.subplots()
    for (method, ratios), color in zip(drifts.items(), (COLORS[1], COLORS[0]), strict=True):
        label = (
            f"{METHODS[method]}: flux scale {ratios.scale:.3f}, means of 10 minutes scatter by "
            f"{100 * ratios.scatter_of_means:.2f} %"
        )
        draw_drift(axis, ratios, color, label)
    axis.set_ylabel("Stokes I: recovered / true - 1 (%)")
    axis.legend(frameon=False, loc="best")
    label_time(axis)
    return figure


if __name__ == "__main__":
    main()
