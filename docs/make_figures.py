"""Make the pictures of these pages: `make figures`.

    python docs/make_figures.py results/demo

All are the demo's but two. For light curves over the truth by both methods, a track of five hours
is simulated and processed twice, which takes two minutes on two cores. For self-calibration, the
example of docs/selfcal.md is run on the data it names. WebP, as within the report: a seventh of the
PNG's size. At its end the program lists pictures of these pages that no program makes.
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
from page_pictures import (
    DRIFT,
    LOOP,
    OF_A_TRACK,
    OF_THE_CAMPAIGN,
    SELFCAL,
    made_by_none,
)

from minispiral import casa
from minispiral.analysis.truth import read_truth
from minispiral.analysis.validation import Drift
from minispiral.analysis.validation_tables import AFTER, validate_curve
from minispiral.io.tables import read_table
from minispiral.plots.style import COLORS, label_time, save, webp
from minispiral.plots.validation import draw_drift

DOCS = Path(__file__).resolve().parent
EXAMPLE = DOCS / "selfcal.md", "start: point"  # a page, and a line of its configuration
TRACK = "20170406"
LAST = -1  # which of the notebook's pictures is the loop in Q and U
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
    products = Path(sys.argv[1])
    (DOCS / LOOP).parent.mkdir(exist_ok=True)
    for name, path in OF_THE_CAMPAIGN.items():
        put(products / f"{name}.png", path)
    for name in OF_A_TRACK:
        put(products / TRACK / "figures" / f"{name}.png", f"figures/{name}.webp")
    with tempfile.TemporaryDirectory() as folder:
        png = Path(folder) / "picture.png"
        png.write_bytes(notebook_pictures(products)[LAST])
        put(png, LOOP)
        save(plot_methods(both_methods(Path(folder))), png)
        put(png, DRIFT)
        put(self_calibrated(Path(folder)) / "before_after.png", SELFCAL)
    if left := made_by_none():
        sys.exit(f"no program makes {', '.join(left)}: remove them, or name them in MADE_BY")


def put(png: Path, path: str) -> None:
    """Write a picture of these pages."""
    (DOCS / path).write_bytes(webp(png))


def self_calibrated(folder: Path) -> Path:
    """Run the example of docs/selfcal.md, and return where its products are."""
    page, line = EXAMPLE
    blocks = page.read_text(encoding="utf-8").split("```yaml\n")[1:]
    text = next(text for block in blocks if line in (text := block.split("```")[0]))
    ((name, target),) = yaml.safe_load(text)["selfcal_targets"].items()
    with casa.session():
        uvfits = casa.data_path("demo/NGC5921.fits")
        ms = (folder / target["ms"]).resolve()
        casa.tasks().importuvfits(fitsfile=str(uvfits), vis=str(ms))
    (folder / "example.yaml").write_text(text, encoding="utf-8")
    run_snakemake(folder, folder / "example.yaml", "selfcal")
    return folder / "results" / yaml.safe_load(text)["campaign"] / "selfcal" / name


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
    run_snakemake(folder, config, "light_curves")


def run_snakemake(folder: Path, config: Path, target: str) -> None:
    """Make a target of a configuration in a folder."""
    command = f"-s {DOCS.parent / 'Snakefile'} -d {folder} --configfile {config} --cores all"
    subprocess.run([sys.executable, "-m", "snakemake", *command.split(), target], check=True)


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
    figure.legend(frameon=False, loc="outside upper center")
    label_time(axis)
    return figure


if __name__ == "__main__":
    main()
