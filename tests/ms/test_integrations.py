"""Integrations and scans of measurement sets whose columns are not as a simulator writes them."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.errors import MinispiralError
from minispiral.imaging.averaging import average_in_time
from minispiral.ms.inspection import inspect
from minispiral.ms.integrations import settle_times
from minispiral.ms.rows import open_split
from minispiral.ms.split import split_spw
from minispiral.simulation.track import simulate_track
from tests.helpers.tracks import set_columns

pytestmark = pytest.mark.slow

SETTINGS = {
    "antennas": 5,
    "scans": 4,
    "scan_minutes": 0.4,
    "gap_minutes": 0.5,
    "frequencies_ghz": [213.1],
    "broken_integrations": 0,
}
INTEGRATIONS = 4  # of a scan


@pytest.fixture(scope="module")
def track(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("integrations")
    simulate_track(folder / "track.ms", folder / "truth.csv", SETTINGS)
    return folder / "track.ms"


@pytest.fixture
def ms(track, tmp_path) -> Path:
    return Path(shutil.copytree(track, tmp_path / "track.ms"))


def off_by_a_millisecond(ms: Path) -> np.ndarray:
    """Give every row a time of its own; return the integrations' true ones."""
    with casa.table(ms) as table:
        time = table.getcol("TIME")
    off = np.random.default_rng(1).uniform(-1e-3, 1e-3, len(time))
    set_columns(ms, TIME=time + off)
    return np.unique(time)


def test_the_split_has_one_time_for_each_integration(ms, tmp_path):
    """And the same data."""
    with casa.session():
        true = off_by_a_millisecond(ms)
        set_columns(ms, INTERVAL=18.0)  # three times their spacing
        split_spw(ms, tmp_path / "split.ms", inspect(ms, "Sgr A*", [0], "data"), 0, "data")
        with casa.table(tmp_path / "split.ms") as table:
            times = np.unique(table.getcol("TIME"))
        with open_split(tmp_path / "split.ms") as split, open_split(ms) as direct:
            assert split.interval == pytest.approx(6.0, abs=1e-3)
            np.testing.assert_array_equal(split.times, times)
            np.testing.assert_allclose(direct.times, times, rtol=0, atol=1e-5)
            (ours,), (theirs,) = split.blocks(), direct.blocks()
    np.testing.assert_allclose(times, true, rtol=0, atol=1e-3)
    np.testing.assert_array_equal(ours.integration, theirs.integration)
    np.testing.assert_array_equal(np.bincount(ours.integration), np.full(len(times), 10))


def test_an_inspection_counts_integrations_of_each_spw(ms):
    with casa.session():
        off_by_a_millisecond(ms)
        assert inspect(ms, "Sgr A*", [0], "data").integrations == 4 * INTEGRATIONS


def test_times_that_are_the_same_stay_as_they_are(ms):
    with casa.session():
        assert settle_times(ms) == 0


def test_integrations_of_all_spws_have_one_time_where_they_are_solved_together(ms):
    """A millisecond off in one spw of two, gaincal would find twice as many solutions."""
    with casa.session():
        with casa.table(f"{ms}/DATA_DESCRIPTION", writable=True) as table:
            table.addrows(1)
        with casa.table(ms) as table:
            time = table.getcol("TIME")
        spw = np.arange(len(time)) % 2
        set_columns(ms, DATA_DESC_ID=spw, TIME=time + 1e-3 * spw)
        assert settle_times(ms) == len(time)
        with casa.table(ms) as table:
            found = table.getcol("TIME")
    assert len(np.unique(found)) == len(np.unique(time))
    np.testing.assert_allclose(found, time + 5e-4, rtol=0, atol=2e-6)


def test_scans_of_one_number_in_other_observations_are_others(ms, tmp_path):
    """Averages in time do not go from one into the other, and the table names them."""
    with casa.session():
        with casa.table(ms) as table:
            scan = table.getcol("SCAN_NUMBER")
        set_columns(ms, SCAN_NUMBER=np.where(scan > 2, scan - 2, scan), OBSERVATION_ID=scan > 2)
        with open_split(ms) as split:
            np.testing.assert_array_equal(split.scans, np.repeat(np.arange(4), INTEGRATIONS))
            of_scan = {name: ids[::INTEGRATIONS].tolist() for name, ids in split.scan_ids.items()}
        average_in_time(ms, tmp_path / "averaged.ms", 24.0)
        with casa.table(tmp_path / "averaged.ms") as table:
            assert len(np.unique(table.getcol("TIME"))) == 4
    assert of_scan == {"observation": [0, 0, 1, 1], "array": [0] * 4, "scan": [1, 2, 1, 2]}


def test_arrays_that_observe_at_one_time_are_refused(ms, tmp_path):
    with casa.session():
        with casa.table(ms) as table:
            first = table.getcol("ANTENNA1")
        set_columns(ms, ARRAY_ID=first > 0)
        inspection = inspect(ms, "Sgr A*", [0], "data")
        with pytest.raises(MinispiralError, match="spw 0.*08:.*two scans.*ARRAY_ID"):
            split_spw(ms, tmp_path / "split.ms", inspection, 0, "data")
