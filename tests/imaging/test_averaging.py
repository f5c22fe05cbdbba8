"""Averaging in time for CLEAN: against plain loops, with flags, weights and scans of any length."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.config.defaults import defaults
from minispiral.imaging.averaging import average_in_time, data_to_image
from minispiral.imaging.clean import ImageSettings, choose_cell, clean
from minispiral.io.tables import columns, read_table
from minispiral.ms.inspection import inspect
from minispiral.simulation.track import simulate_track
from tests.helpers.runs import make

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ms(tmp_path_factory) -> Path:
    """A track of one spw with some flags, whose second antenna joins late."""
    folder = tmp_path_factory.mktemp("average")
    settings = {"antennas": 8, "scans": 3, "scan_minutes": 1.0, "frequencies_ghz": [213.1]}
    simulate_track(folder / "a.ms", folder / "a.csv", settings)
    rng = np.random.default_rng(1)
    with casa.session():
        casa.tasks().split(
            vis=str(folder / "a.ms"), outputvis=str(folder / "b.ms"), datacolumn="data"
        )
        with casa.table(folder / "b.ms", writable=True) as table:
            shape = table.getcol("FLAG").shape
            table.putcol("FLAG", rng.random(shape) < 0.2)
            table.putcol("FLAG_ROW", rng.random(shape[-1]) < 0.1)
            table.putcol("WEIGHT", rng.uniform(0.5, 2, (4, shape[-1])))
            rows = np.arange(shape[-1])
            # the second antenna joins late, and rows are in no order of time
            keep = (table.getcol("ANTENNA1") != 1) | (rows > len(rows) // 2)
            table.selectrows(rng.permutation(rows[keep]).tolist()).copy(
                str(folder / "c.ms"), deep=True, valuecopy=True
            ).close()
    return folder / "c.ms"


def columns_of(ms: Path, *names: str) -> dict[str, np.ndarray]:
    with casa.session(), casa.table(ms) as table:
        return {name: table.getcol(name) for name in names}


def test_averages_are_those_of_plain_loops(ms, tmp_path):
    with casa.session():
        average_in_time(ms, tmp_path / "d.ms", 24.0)
    names = (
        "TIME",
        "TIME_CENTROID",
        "SCAN_NUMBER",
        "ANTENNA1",
        "ANTENNA2",
        "DATA",
        "WEIGHT",
        "FLAG",
        "UVW",
    )
    old, new = (columns_of(path, *names, "FLAG_ROW", "SIGMA") for path in (ms, tmp_path / "d.ms"))
    assert len(new["TIME"]) < len(old["TIME"]) / 3
    hands = [0, 3]  # XX and YY, of which images are made
    old = {k: v[hands] if k in ("DATA", "WEIGHT", "FLAG") else v for k, v in old.items()}
    used = 0
    for row in range(len(new["TIME"])):
        rows = np.ones(len(old["TIME"]), bool)
        for name in ("SCAN_NUMBER", "ANTENNA1", "ANTENNA2"):
            rows &= old[name] == new[name][row]
        # a minute in bins of 20 s, the nearest below 24 s of which it has a whole number
        start = old["TIME"][old["SCAN_NUMBER"] == new["SCAN_NUMBER"][row]].min() - 3
        rows &= (old["TIME"] - start) // 20 == (new["TIME"][row] - start) // 20
        weight = old["WEIGHT"][:, rows] * ~(old["FLAG"][:, 0, rows] | old["FLAG_ROW"][rows])
        used += rows.sum()
        for k in range(2):
            total = weight[k].sum()
            assert new["FLAG"][k, 0, row] == (total == 0)
            if total:
                expected = (weight[k] * old["DATA"][k, 0, rows]).sum() / total
                assert new["DATA"][k, 0, row] == pytest.approx(expected, rel=1e-6)
                assert new["WEIGHT"][k, row] == pytest.approx(total, rel=1e-6)
                assert new["SIGMA"][k, row] == pytest.approx(total**-0.5, rel=1e-6)
        if weight.sum():
            mean = (weight.sum(axis=0) * old["UVW"][:, rows]).sum(axis=1) / weight.sum()
            np.testing.assert_allclose(new["UVW"][:, row], mean)
            mean = (weight.sum(axis=0) * old["TIME"][rows]).sum() / weight.sum()
            assert new["TIME_CENTROID"][row] == pytest.approx(mean, abs=1e-3)
    assert used == len(old["TIME"])
    # a time of its own for each row would make CASA take the rows one by one
    assert len(np.unique(new["TIME"])) == 3 * 3


def test_subtables_come_along_and_the_input_stays(ms, tmp_path):
    before = {p: p.stat().st_mtime_ns for p in ms.rglob("*") if p.name != "table.lock"}
    with casa.session():
        average_in_time(ms, tmp_path / "d.ms", 30.0)
        with casa.table(tmp_path / "d.ms" / "ANTENNA") as table:
            assert table.nrows() == 8
    assert before == {p: p.stat().st_mtime_ns for p in ms.rglob("*") if p.name != "table.lock"}


def test_the_interval_follows_from_the_field_and_can_be_none(ms):
    settings = defaults()["image"]
    with casa.session():
        inspection = inspect(ms, "Sgr A*", [0], "data")
        cell = choose_cell(settings, inspection)
        hands = data_to_image(ms, inspection, {**settings, "time_average": "none"}, cell)
        with casa.table(hands) as table, casa.table(ms) as all_of_them:
            assert table.nrows() == all_of_them.nrows()
            assert len(table.getcol("DATA")) == 2
        # there is nothing to be left out
        assert data_to_image(hands, inspection, {**settings, "time_average": "none"}, cell) == hands
        averaged = data_to_image(ms, inspection, settings, cell)
        with casa.table(averaged) as table:
            few = table.nrows()
        with casa.table(ms) as table:
            assert few < table.nrows() / 4


def test_light_curves_change_by_less_than_a_tenth_of_their_errors(tmp_path):
    simulate_track(
        tmp_path / "a.ms",
        tmp_path / "a.csv",
        {"antennas": 16, "scans": 2, "scan_minutes": 2.0, "frequencies_ghz": [213.1, 229.1]},
    )
    curves = []
    for how in ("none", "auto"):
        config = {
            "campaign": "tiny",
            "spws": [0, 1],
            "model": {"method": "clean"},  # else no light curve knows of CLEAN
            "tracks": {"a": {"ms": "a.ms"}},
            "image": {
                "imsize": 256,
                "pixels_per_fringe": 6,
                "niter": 1000,
                "gain": 0.1,
                "time_average": how,
            },
        }
        table = "results/tiny/light_curves.ecsv"
        make(tmp_path, config, table)
        curves.append(columns(read_table(tmp_path / table)))
    # errors leave out the factor of each spw's flux scale
    for spw in (0, 1):
        before, after = ({k: v[c["spw"] == spw] for k, v in c.items()} for c in curves)
        good = before["good"] & after["good"]
        factor = np.average((after["I"] / before["I"])[good], weights=before["I_err"][good] ** -2)
        assert 0 < abs(factor - 1) < 1e-3
        for name in "IQUV":
            change = (after[name] / factor - before[name]) / before[f"{name}_err"]
            assert np.sqrt(np.mean(change[good] ** 2)) < 0.1, name


def image_of(ms: Path, folder: Path, time_average: str) -> np.ndarray:
    settings = {**defaults()["image"], "imsize": 64, "niter": 20, "time_average": time_average}
    with casa.session():
        inspection = inspect(ms, "Sgr A*", [0], "data")
        data = data_to_image(ms, inspection, settings, cell=0.5)
        clean(data, folder, ImageSettings(settings, cell=0.5))
        with casa.image(folder / "im0.image") as image:
            return image.getchunk()


@pytest.mark.parametrize(("time_average", "share"), [("auto", 0.5), ("none", 1.0)])
def test_flags_of_cross_hands_change_no_image(ms, tmp_path, time_average, share):
    """CASA's tclean would leave out each row of which a cross hand is flagged."""
    for name, flagged in (("none", 0.0), ("some", share)):
        shutil.copytree(ms, tmp_path / name)
        flag = columns_of(ms, "FLAG")["FLAG"]
        flag[1:3] = np.random.default_rng(3).random(flag.shape[-1]) < flagged
        with casa.session(), casa.table(tmp_path / name, writable=True) as table:
            table.putcol("FLAG", flag)
    expected, found = (
        image_of(tmp_path / name, tmp_path / f"{name}.images", time_average)
        for name in ("none", "some")
    )
    assert expected.max() > 1  # Jy, the core
    np.testing.assert_array_equal(found, expected)
