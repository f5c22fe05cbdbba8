"""A night of four measurement sets gives what the whole gives, and products that fit each."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.io.tables import columns, read_table, stack
from minispiral.ms.shapes import copy_subtables
from minispiral.simulation.track import simulate_track
from minispiral.visibilities.antenna_gains import AntennaGains, read_gains_of_spws
from tests.helpers.executions import Piece, cut
from tests.helpers.runs import make, planned
from tests.helpers.tiny import configuration, products
from tests.helpers.tracks import corrupt, drifting_gains

pytestmark = [pytest.mark.nights, pytest.mark.slow]

ANTENNAS = list(range(10))
LEFT_OUT = 4  # of the last execution
TIMES = 64
# old spw and old antenna of each new one
PIECES = [
    Piece([0, 1], ANTENNAS),
    Piece([1, 0], ANTENNAS[::-1]),
    Piece([1, 0], ANTENNAS),
    Piece([0, 1], [k for k in ANTENNAS[3:] + ANTENNAS[:3] if k != LEFT_OUT]),
]
SETS = [f"e{n}.ms" for n in range(len(PIECES))]
OF_EACH = {"model": {"scope": "track"}, "scale": {"reference": "track"}}
CURVES = [f"results/tiny/{track}/light_curves.ecsv" for track in ("whole", "night")]
CONFIG = configuration(
    model={"turns": 3},
    split={"flag_channels": {"1": "1"}},
    selfcal={"solve": "always"},
    keep_intermediates=True,
    tracks={"whole": {"ms": "whole.ms", **OF_EACH}, "night": {"ms": SETS, **OF_EACH}},
)


def injected_gains() -> np.ndarray:
    """Gains that drift slowly, the same of both hands: ``(n_time, n_antenna, 2)``."""
    return np.repeat(drifting_gains(5, TIMES, len(ANTENNAS), 10.0, 0.05)[..., :1], 2, axis=-1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The track, whole and in four, and what is made of both."""
    folder = tmp_path_factory.mktemp("night")
    settings = {"antennas": len(ANTENNAS), "scans": 8, "scan_minutes": 0.8, "gap_minutes": 0.5}
    settings |= {"frequencies_ghz": [213.1, 227.1], "channels": 4, "broken_integrations": 2}
    simulate_track(folder / "all.ms", folder / "all.csv", settings)
    corrupt(folder / "all.ms", injected_gains())
    cut(folder / "all.ms", [folder / name for name in SETS], PIECES)
    with casa.session():
        with casa.table(folder / SETS[-1]) as table:
            start = table.getcol("TIME").min()
        with casa.table(folder / "all.ms") as table:
            there = f"TIME < {float(start)!r} || (ANTENNA1 != {LEFT_OUT} && ANTENNA2 != {LEFT_OUT})"
            with casa.selected(table, there) as chosen:
                chosen.copy(str(folder / "whole.ms"), deep=True, valuecopy=True).close()
        copy_subtables(folder / "all.ms", folder / "whole.ms")
    endings = (".selfcal_gains", ".gains", "_flags.dat", ".calibrated.ms", ".ms_ExtendedData")
    names = [f"results/tiny/night/tiny_night{ending}" for ending in endings]
    make(folder, CONFIG, *CURVES, *names)
    return folder


@pytest.fixture(scope="module")
def night(folder) -> Path:
    return products(folder) / "night"


@pytest.fixture(scope="module")
def curves(folder) -> dict[int, dict]:
    """The night's light curves of each spw."""
    table = read_table(products(folder) / "night" / "light_curves.ecsv")
    return {spw: columns(table[table["spw"] == spw]) for spw in (0, 1)}


def test_light_curves_are_those_of_the_whole(folder):
    night, whole = (
        # with all digits: the last one of collected curves may be rounded up here, down there
        stack(
            read_table(products(folder) / track / "iteration0" / f"spw{spw}" / "light_curve.ecsv")
            for spw in (0, 1)
        )
        for track in ("night", "whole")
    )
    assert len(night) == len(whole) > 100
    assert not all(whole["good"])
    for name in set(whole.colnames) - {"track", "scan", "observation", "array"}:
        expected, found = np.asarray(whole[name]), np.asarray(night[name])
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12, err_msg=name)
        else:
            np.testing.assert_array_equal(found, expected, err_msg=name)


def test_the_table_of_executions_shows_which_spw_is_which(night):
    table = read_table(night / "executions.ecsv")
    assert list(table["measurement_set"]) == [name for name in SETS for _ in (0, 1)]
    assert list(table["own_spw"]) == [0, 1, 1, 0, 1, 0, 0, 1]
    assert list(table["antennas"]) == [10] * 6 + [9] * 2


def rows_of(ms: Path, spw: int, *names: str) -> dict[str, np.ndarray]:
    with casa.session(), casa.table(ms) as table, casa.table(ms / "DATA_DESCRIPTION") as of:
        (number,) = np.flatnonzero(of.getcol("SPECTRAL_WINDOW_ID") == spw)
        with casa.selected(table, f"DATA_DESC_ID == {number}") as rows:
            return {name: rows.getcol(name) for name in names}


def gain_at(curve: dict, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gain and flag of the integration of each time."""
    place = np.abs(curve["mjd"] * 86400 - times[:, None]).argmin(axis=1)
    return curve["gain"][place], np.asarray(curve["good"], bool)[place]


def antenna_gains(track: Path) -> list[AntennaGains]:
    """Those of both spws, as the turns have found them."""
    return read_gains_of_spws([track / "iteration0" / "antenna_gains.npz"] * 2, (0, 1))


def baseline_gain(gains: AntennaGains, ms: Path, rows: dict) -> np.ndarray:
    """The g_i conj(g_j) of each row, which is that of all correlations, as both hands have one."""
    with casa.session(), casa.table(ms / "ANTENNA") as table:
        names = table.getcol("NAME").tolist()
    place = np.abs(gains.times - rows["TIME"][:, None]).argmin(axis=1)
    columns_of = np.array([gains.antennas.tolist().index(name) for name in names])
    i, j = (columns_of[rows[name]] for name in ("ANTENNA1", "ANTENNA2"))
    np.testing.assert_array_equal(gains.gain[..., 0], gains.gain[..., 1])
    return gains.gain[place, i, 0] * np.conj(gains.gain[place, j, 0])


def test_antenna_gains_are_those_of_the_whole(night):
    for ours, theirs in zip(
        antenna_gains(night), antenna_gains(night.with_name("whole")), strict=True
    ):
        assert ours.antennas.tolist() == theirs.antennas.tolist()
        np.testing.assert_allclose(ours.times, theirs.times, rtol=0, atol=1e-3)
        np.testing.assert_allclose(ours.gain, theirs.gain, rtol=1e-9)
        np.testing.assert_allclose(ours.spent, theirs.spent)
        # those of the two broken integrations are wrong
        left, injected = (
            np.median(np.abs(gain - 1)) for gain in (ours.gain / injected_gains(), injected_gains())
        )
        assert left < injected / 2


def both_tables(night: Path, number: int) -> list[str]:
    """The tables of one of the sets, as applycal takes them."""
    folders = ("tiny_night.selfcal_gains", "tiny_night.gains")
    return [str(night / name / f"e{number}.gains") for name in folders]


@pytest.mark.parametrize("number", [1, 3])
def test_each_set_has_tables_of_gains_for_applycal(folder, night, curves, tmp_path, number):
    ms = shutil.copytree(folder / SETS[number], tmp_path / "mine.ms")
    gaintable = both_tables(night, number)
    with casa.session():
        casa.tasks().applycal(vis=str(ms), gaintable=gaintable, calwt=True, flagbackup=False)
    for spw, own in enumerate(np.argsort(PIECES[number].spws).tolist()):
        names = ("DATA", "WEIGHT", "TIME", "ANTENNA1", "ANTENNA2")
        before = rows_of(folder / SETS[number], own, *names)
        after = rows_of(ms, own, "CORRECTED_DATA", "WEIGHT", "FLAG")
        gain, good = gain_at(curves[spw], before["TIME"])
        gain = gain / baseline_gain(antenna_gains(night)[spw], ms, before)
        np.testing.assert_allclose(
            after["CORRECTED_DATA"][..., good], (before["DATA"] * gain)[..., good], rtol=1e-5
        )
        np.testing.assert_allclose(
            after["WEIGHT"][:, good], (before["WEIGHT"] / np.abs(gain) ** 2)[:, good], rtol=1e-5
        )
        np.testing.assert_array_equal(after["FLAG"].all(axis=(0, 1)), ~good)


def test_the_list_of_flags_can_be_given_to_any_set(folder, night, curves, tmp_path):
    flagged = 0
    for number, name in enumerate(SETS):
        ms = shutil.copytree(folder / name, tmp_path / name)
        with casa.session():
            casa.tasks().flagdata(
                vis=str(ms),
                mode="list",
                inpfile=str(night / "tiny_night_flags.dat"),
                flagbackup=False,
            )
        for spw, own in enumerate(np.argsort(PIECES[number].spws).tolist()):
            rows = rows_of(ms, own, "TIME", "FLAG")
            _, good = gain_at(curves[spw], rows["TIME"])
            np.testing.assert_array_equal(rows["FLAG"].all(axis=(0, 1)), ~good)
            flagged += int((~good).any())
    assert flagged


def test_calibrated_data_are_of_all_sets_with_their_channels(folder, night, curves):
    for spw in (0, 1):
        names = ("DATA", "WEIGHT", "FLAG", "TIME", "ANTENNA1", "ANTENNA2")
        before, after = (
            in_order(rows_of(ms, spw, *names))
            for ms in (folder / "whole.ms", night / "tiny_night.calibrated.ms")
        )
        gain, good = gain_at(curves[spw], before["TIME"])
        gain = gain / baseline_gain(antenna_gains(night)[spw], folder / "whole.ms", before)
        np.testing.assert_allclose(after["DATA"], before["DATA"] * gain, rtol=1e-6)
        np.testing.assert_allclose(after["WEIGHT"], before["WEIGHT"] / np.abs(gain) ** 2, rtol=1e-6)
        np.testing.assert_array_equal(after["FLAG"].all(axis=(0, 1)), ~good)


def in_order(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    order = np.lexsort([rows[name] for name in ("ANTENNA2", "ANTENNA1", "TIME")])
    return {name: values[..., order] for name, values in rows.items()}


@pytest.mark.parametrize("product", ["tiny_night.ms_ExtendedData", "tiny_night.calibrated.ms"])
def test_executions_are_told_apart_in_what_is_joined(night, product):
    for spw in (0, 1):
        rows = rows_of(night / product, spw, "OBSERVATION_ID", "SCAN_NUMBER", "TIME")
        scans = np.unique([rows["OBSERVATION_ID"], rows["SCAN_NUMBER"]], axis=1)
        assert scans.tolist() == [[0, 0, 1, 1, 2, 2, 3, 3], [1, 2] * 4]


def test_a_changed_execution_redoes_its_own_part(folder):
    data = folder / SETS[2] / "table.f1"
    kept = data.stat()
    data.touch()
    jobs = planned(folder, CONFIG, *CURVES)
    os.utime(data, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    of_sets = {job for job in jobs if job[0] in ("inspect_execution", "split_execution")}
    assert of_sets == {
        ("inspect_execution", "track=night, execution=3"),
        ("split_execution", "track=night, execution=3, spw=0"),
        ("split_execution", "track=night, execution=3, spw=1"),
    }
    assert ("join_executions", "track=night, spw=0") in jobs
    assert not any("track=whole" in wildcards for _, wildcards in jobs)
    assert planned(folder, CONFIG, *CURVES) == set()
