"""Measurement sets of one spw joined into one: CASA's concat is the judge."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.ms.inspection import inspect
from minispiral.ms.joining import append, lay_out
from minispiral.ms.split import split_spw
from minispiral.simulation.track import simulate_track
from tests.helpers.tracks import set_columns

pytestmark = pytest.mark.slow

FREQUENCIES = {"213": 213.1, "227": 227.1}


@pytest.fixture(scope="module")
def sets(tmp_path_factory) -> list[Path]:
    """Two spws, the later of which begins first, and has states of its own."""
    folder = tmp_path_factory.mktemp("joined")
    settings = {"antennas": 5, "scans": 2, "scan_minutes": 0.5, "gap_minutes": 0.5}
    track = folder / "track.ms"
    simulate_track(
        track, folder / "a.csv", {**settings, "frequencies_ghz": list(FREQUENCIES.values())}
    )
    sets = [folder / f"spw{n}.ms" for n in range(2)]
    with casa.session():
        inspection = inspect(track, "Sgr A*", [0, 1], "data")
        for n, ms in enumerate(sets):
            split_spw(track, ms, inspection, n, "data")
        with casa.table(sets[0], writable=True) as table:
            table.putcol("TIME", table.getcol("TIME") + 60)
        with casa.table(sets[1] / "STATE", writable=True) as table:
            table.addrows(2)
            for row, mode in enumerate(("FIRST", "SECOND", "THIRD")):
                table.putcell("OBS_MODE", row, mode)
        with casa.table(sets[1], writable=True) as table:
            scan = table.getcol("SCAN_NUMBER")
            table.putcol("STATE_ID", np.where(scan == scan.min(), 2, 1).astype(np.int32))
    return sets


def contents(ms: Path) -> dict[str, np.ndarray]:
    """Columns, with what ids mean in place of the ids, in an order of rows that is their own."""
    with casa.table(ms) as table:
        columns = {
            name: table.getcol(name) for name in table.colnames() if table.iscelldefined(name, 0)
        }
    with casa.table(ms / "DATA_DESCRIPTION") as table:
        spw = table.getcol("SPECTRAL_WINDOW_ID")
    with casa.table(ms / "SPECTRAL_WINDOW") as table:
        frequency = np.array([table.getcell("CHAN_FREQ", row)[0] for row in range(table.nrows())])
    with casa.table(ms / "STATE") as table:
        mode = np.array([str(mode) for mode in table.getcol("OBS_MODE")])
    columns["frequency"] = frequency[spw[columns.pop("DATA_DESC_ID")]]
    columns["mode"] = mode[columns.pop("STATE_ID")]
    order = np.lexsort([columns[k] for k in ("ANTENNA2", "ANTENNA1", "TIME", "frequency")])
    return {name: values[..., order] for name, values in columns.items()}


def test_it_is_what_concat_makes(sets, tmp_path):
    with casa.session():
        casa.tasks().concat(
            vis=[str(shutil.copytree(ms, tmp_path / ms.name)) for ms in sets],
            concatvis=str(tmp_path / "concat.ms"),
        )
        output = tmp_path / "joined.ms"
        new_ids = lay_out(sets, output)
        with casa.table(output, writable=True) as joined:
            for ms, ids in zip(sets, new_ids, strict=True):
                with casa.table(ms) as table:
                    append(joined, table, lambda _: {}, "join", ids)
        expected, columns = contents(tmp_path / "concat.ms"), contents(output)
        with casa.table(output / "SPECTRAL_WINDOW") as table:
            first = table.getcell("CHAN_FREQ", 0)[0]
    assert set(expected["mode"]) >= {"SECOND", "THIRD"}
    assert columns.keys() == expected.keys()
    assert len(columns["TIME"]) > 0
    for name, values in expected.items():
        np.testing.assert_array_equal(columns[name], values, err_msg=name)
    # concat puts the spw that begins first in front; here they are in the order that was given
    assert first == pytest.approx(213.1e9, rel=0.01)


def test_observations_that_are_described_alike_stay_apart(sets, tmp_path):
    """As some are of which nothing is known but their number: CASA's concat fails on them."""
    with casa.session():
        copies = [Path(shutil.copytree(ms, tmp_path / ms.name)) for ms in sets]
        for ms in copies:
            with casa.table(ms / "OBSERVATION", writable=True) as table:
                table.addrows(1)
                for name in ("TELESCOPE_NAME", "OBSERVER", "PROJECT", "TIME_RANGE"):
                    table.putcell(name, 1, table.getcell(name, 0))
            with casa.table(ms) as table:
                scan = table.getcol("SCAN_NUMBER")
            set_columns(ms, OBSERVATION_ID=scan > scan.min())
        output = tmp_path / "joined.ms"
        new_ids = lay_out(copies, output)
        with casa.table(output / "OBSERVATION") as table:
            projects = [str(table.getcell("PROJECT", row)) for row in range(table.nrows())]
        with casa.table(copies[0] / "OBSERVATION") as table:
            before = [str(table.getcell("PROJECT", row)) for row in range(table.nrows())]
    assert [ids["OBSERVATION_ID"] for ids in new_ids] == [{0: 0, 1: 1}] * 2
    assert projects == before
