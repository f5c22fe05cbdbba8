"""The tracks of known truth that lie beside the project, and what validation says of them."""

import tarfile
from pathlib import Path

import numpy as np
import pandas
import pytest
from astropy.table import Table

from minispiral.io.tables import read_table
from tests.helpers.places import SHARED

# each track with a minispiral of its own, and a scale by it
ALONE = {"model": {"scope": "track"}, "scale": {"reference": "track"}}


def truth_of(track: str) -> Path:
    """What was put in: a row for each spw and integration."""
    return SHARED / f"sgra_{track}.truth.csv"


def unpack(folder: Path, *tracks: str) -> Path:
    """Unpack measurement sets into a folder; the test is skipped where the tracks are not."""
    if not SHARED.is_dir():
        pytest.skip("the tracks are not here")
    for track in tracks:
        with tarfile.open(SHARED / f"sgra_{track}.ms.tar.xz") as archive:
            archive.extractall(folder, filter="data")
    return folder


def campaign_of(*tracks: str, **changes) -> dict:
    """A configuration that leaves all to the defaults but for its tracks, and what is changed."""
    given = {track: {"ms": f"sgra_{track}.ms", "truth": str(truth_of(track))} for track in tracks}
    return {"campaign": "truth", "tracks": given, **changes}


def validation(folder: Path) -> Table:
    """What validation.ecsv says of the scaled Stokes I: a row for each track and spw."""
    table = read_table(folder / "results" / "truth" / "validation.ecsv")
    return table[(table["stage"] == "after scaling") & (table["stokes"] == "I")]


def of_track(table: Table, track: str) -> Table:
    """The rows of a track, which has four spws."""
    rows = table[table["track"] == track]
    assert list(rows["spw"]) == [0, 1, 2, 3]
    return rows


def assert_outliers_are_found(rows: Table) -> None:
    """All that the truth of a track calls bad are flagged, and at most 1 % of the others."""
    truth = pandas.read_csv(truth_of(rows["track"][0]))
    for row in rows:
        sound = (~truth[truth["spw"] == row["spw"]]["bad"].astype(bool)).sum()
        assert row["n"] == row["n_good"], f"spw {row['spw']}: a bad integration is not flagged"
        assert row["n"] >= 0.99 * sound, f"spw {row['spw']}: {row['n']} of {sound} are left"


def pooled(values: np.ndarray, numbers: np.ndarray | None = None) -> float:
    """Root of the mean square of standard deviations, of equal numbers unless they are given."""
    return float(np.sqrt(np.average(np.square(values), weights=numbers)))
