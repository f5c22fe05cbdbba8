"""The command `minispiral compare`: a table and a figure, and what it refuses."""

import numpy as np
import pytest
from astropy.table import Table

from minispiral.cli import main
from tests.helpers.results import TRACK, write_results

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("compare"))


def test_a_run_is_compared_with_a_table_in_a_table_and_a_figure(campaign, tmp_path, capsys):
    curves = Table.read(campaign / TRACK / "light_curves.ecsv", format="ascii.ecsv")
    own = curves[(curves["spw"] == 1) & curves["good"]]
    theirs = Table({"mjd": own["mjd"], "flux": 1.25 * own["I"]})
    theirs.write(tmp_path / "theirs.csv", format="ascii.csv")
    arguments = ["compare", str(campaign / TRACK), str(tmp_path / "theirs.csv"), "--spw", "1"]
    table, figure = tmp_path / "x.ecsv", tmp_path / "x.png"
    assert main([*arguments, "--table", str(table), "--figure", str(figure)]) == 0
    (row,) = Table.read(table, format="ascii.ecsv")
    assert row["ratio"] == pytest.approx(1.25, rel=1e-5)
    assert (row["track"], row["spw"], row["n"]) == (TRACK, "1", len(own))
    assert row["scatter"] < 1e-6
    assert figure.read_bytes().startswith(b"\x89PNG")
    assert "ratio 1.25" in capsys.readouterr().err
    assert main([*arguments, "--table", str(table)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert main([*arguments, "--figure", "x.jpg"]) == 1
    assert "ends in .png or .pdf" in capsys.readouterr().err
    assert main([*arguments[:-1], "7"]) == 1
    assert "has no spw 7" in capsys.readouterr().err
    assert np.isfinite(row["error"])
