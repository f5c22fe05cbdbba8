"""The notebook of the documentation runs on a finished campaign, and shows what is in it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from astropy.table import Table
from nbclient import NotebookClient

from minispiral.columns.light_curves import BINS
from minispiral.io.product_tables import rounded
from tests.helpers.places import ROOT
from tests.helpers.tiny import products

pytestmark = pytest.mark.slow

NOTEBOOK = ROOT / "docs" / "light_curves.ipynb"
DEMO = 'campaign = Path("../results/demo")'
TELL = """
import json
print("TOLD", json.dumps({
    "curve": [float(np.mean(curve["I"].value)), len(curve)],
    "bins": {name: bins[name].value.tolist() for name in ("I", "I_err", "Q", "Q_err", "U_err")}
    | {"mjd": bins.time.mjd.tolist()},
}))
"""


@pytest.fixture(scope="module")
def run(campaign, tmp_path_factory) -> list:
    """Cells of the notebook after it ran on the tests' campaign in place of the demo."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    first = notebook.cells[1]
    assert DEMO in first.source
    first.source = first.source.replace(DEMO, f"campaign = Path({str(products(campaign))!r})")
    notebook.cells.append(nbformat.v4.new_code_cell(TELL))
    where = {"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
    NotebookClient(notebook, timeout=120, resources=where).execute()
    return notebook.cells


def printed(cells: list) -> str:
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return "".join(output.get("text", "") for output in outputs)


def test_it_is_kept_without_what_it_shows():
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_three_pictures_are_drawn_and_nothing_is_warned_of(run):
    outputs = [output for cell in run for output in cell.get("outputs", ())]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == 3
    assert not [output for output in outputs if output.get("name") == "stderr"]


def test_what_it_reads_and_bins_is_what_other_readers_find(run, campaign):
    (told,) = re.findall(r"^TOLD (.*)$", printed(run), re.MULTILINE)
    values = json.loads(told)
    track = products(campaign) / "a"
    ascii_curve = np.loadtxt(track / "Light_Curve_SPW0_tiny_a.dat")
    assert values["curve"][1] == len(ascii_curve)
    assert values["curve"][0] == pytest.approx(ascii_curve[:, 1].mean(), rel=1e-5)
    command = [Path(sys.executable).with_name("minispiral"), "bin", track, "--seconds", "30"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    table = Table.read(done.stdout, format="ascii.ecsv")
    # the command prints as many digits as mean something
    bins = rounded(Table(values["bins"]), BINS)
    for name in bins.colnames:
        np.testing.assert_allclose(bins[name], table[table["spw"] == 0][name], rtol=1e-12)
    one, independent, binned = (float(x) for x in re.findall(r": ([\d.]+) mJy", printed(run)))
    assert independent < one
    assert binned < one
