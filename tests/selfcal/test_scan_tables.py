"""Solutions of scans whose numbers repeat or lack: phases that are put in come out of CASA."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from minispiral import casa
from minispiral.ms.integrations import SCAN_NUMBERS
from minispiral.selfcal.applycal import apply_gains, correct_data
from minispiral.simulation.track import simulate_track
from tests.helpers.tracks import set_columns

pytestmark = pytest.mark.slow

SCANS, ANTENNAS = 5, 6
NOISE = 1e-4  # Jy; without any, gaincal does not end
SMALL = 0.05  # deg, what it makes of phases at most
# of each of the scans: observation, array, number
KINDS = {
    "one observation": ([0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [1, 2, 3, 4, 5]),
    "the last number lacks in the second": ([0, 0, 0, 1, 1], [0, 0, 0, 0, 0], [1, 2, 3, 1, 2]),
    "the last number lacks in the first": ([0, 0, 1, 1, 1], [0, 0, 0, 0, 0], [1, 2, 1, 2, 3]),
    "all numbers differ": ([0, 0, 0, 1, 1], [0, 0, 0, 0, 0], [1, 2, 3, 4, 5]),
    "two arrays": ([0, 0, 0, 0, 0], [0, 0, 0, 1, 1], [1, 2, 3, 1, 2]),
    "two arrays, all numbers differ": ([0, 0, 0, 0, 0], [0, 0, 0, 1, 1], [1, 2, 3, 4, 5]),
}


@pytest.fixture(scope="module")
def track(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("scans")
    settings = {
        "antennas": ANTENNAS,
        "scans": SCANS,
        "scan_minutes": 0.4,
        "gap_minutes": 1.0,
        "frequencies_ghz": [213.1, 227.1],
        "correlations": "XX YY",
        "broken_integrations": 0,
    }
    simulate_track(folder / "track.ms", folder / "truth.csv", settings)
    return folder / "track.ms"


def with_phases(track: Path, ms: Path, kind: str, phase: np.ndarray) -> np.ndarray:
    """A point of 1 Jy seen with phases (rad) of each scan and antenna; the scans, from 0."""
    shutil.copytree(track, ms)
    with casa.table(ms) as table:
        scan = table.getcol("SCAN_NUMBER") - 1
        first, second = table.getcol("ANTENNA1"), table.getcol("ANTENNA2")
        shape = table.getcol("DATA").shape
    seen = np.exp(1j * (phase[scan, first] - phase[scan, second]))
    noise = np.random.default_rng(5).normal(0, NOISE, (2, *shape))
    columns = zip(SCAN_NUMBERS.values(), KINDS[kind], strict=True)
    set_columns(
        ms, DATA=seen + noise[0] + 1j * noise[1], **{name: np.array(v)[scan] for name, v in columns}
    )
    with casa.table(ms / "OBSERVATION", writable=True) as table:
        table.addrows(1)
        for name in ("TELESCOPE_NAME", "OBSERVER", "PROJECT", "TIME_RANGE"):
            table.putcell(name, 1, table.getcell(name, 0))
    return scan


def solved(ms: Path, combine: str, **selection) -> Path:
    table = ms.with_suffix(f".{len(combine)}")
    casa.tasks().gaincal(
        vis=str(ms), caltable=str(table), solint="inf", combine=combine, refant="0", calmode="p",
        minsnr=0, **selection,
    )  # fmt: skip
    return table


def left(ms: Path, column: str = "CORRECTED_DATA") -> tuple[np.ndarray, np.ndarray]:
    """Phase that is left of each row of a hand, deg, and whether it is flagged."""
    with casa.table(ms) as table:
        flag = table.getcol("FLAG")[0, 0] | table.getcol("FLAG_ROW")
        return np.degrees(np.angle(table.getcol(column)[0, 0])), flag


PHASE = np.random.default_rng(3).uniform(-0.5, 0.5, (SCANS, ANTENNAS))


@pytest.mark.parametrize("kind", KINDS)
def test_each_scan_gets_its_own_solutions(track, tmp_path, kind):
    """And the scans are named as before."""
    with casa.session():
        with_phases(track, tmp_path / "a.ms", kind, PHASE)
        with casa.table(tmp_path / "a.ms") as table:
            before = [table.getcol(name) for name in SCAN_NUMBERS.values()]
        table = solved(tmp_path / "a.ms", "spw")
        apply_gains(tmp_path / "a.ms", [table], ["spw"])
        phase, flag = left(tmp_path / "a.ms")
        with casa.table(tmp_path / "a.ms") as table:
            after = [table.getcol(name) for name in SCAN_NUMBERS.values()]
    assert np.abs(phase).max() < SMALL
    assert not flag.any()
    np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("kind", ["the last number lacks in the first", "two arrays"])
def test_combined_scans_are_those_of_an_observation_and_array(track, tmp_path, kind):
    """Its phases alone are taken off, and a second round finds those of the scans."""
    blocks = np.unique(np.array(KINDS[kind][:2]).T, axis=0, return_inverse=True)[1].ravel()
    phase = np.random.default_rng(4).uniform(-0.5, 0.5, (2, ANTENNAS))[blocks]
    with casa.session():
        ms = tmp_path / "a.ms"
        scan = with_phases(track, ms, kind, phase)
        correct_data(ms, [solved(ms, "spw,scan")], ["spw,scan"])
        assert np.abs(left(ms, "DATA")[0]).max() < SMALL
        shutil.rmtree(ms)
        scan = with_phases(track, ms, kind, phase + 0.1 * PHASE)
        first = solved(ms, "spw,scan")
        correct_data(ms, [first], ["spw,scan"])
        halfway, _ = left(ms, "DATA")
        second = solved(ms, "spw")
        shutil.rmtree(ms)
        with_phases(track, ms, kind, phase + 0.1 * PHASE)
        apply_gains(ms, [first, second], ["spw,scan", "spw"])
        after, flag = left(ms)
    assert 0.5 < np.std(halfway) < np.degrees(0.1)
    assert np.abs(after).max() < SMALL
    assert not flag.any()
    assert len(np.unique(scan)) == SCANS


def test_scans_without_solutions_are_flagged_or_borrow_those_of_others(track, tmp_path):
    phase = np.repeat(PHASE[:1], SCANS, axis=0)
    with casa.session():
        ms = tmp_path / "a.ms"
        scan = with_phases(track, ms, "all numbers differ", phase)
        table = solved(ms, "spw", scan="1,2,4")
        apply_gains(ms, [table], ["spw"], borrow=True)
        phase_left, flag = left(ms)
        assert np.abs(phase_left).max() < SMALL
        assert not flag.any()
        apply_gains(ms, [table], ["spw"])
        _, flag = left(ms)
    np.testing.assert_array_equal(flag, np.isin(scan, [2, 4]))


def test_line_data_find_their_solutions_by_time_whatever_their_numbers(track, tmp_path):
    with casa.session():
        with_phases(track, tmp_path / "a.ms", "the last number lacks in the first", PHASE)
        table = solved(tmp_path / "a.ms", "spw")
        with_phases(track, tmp_path / "line.ms", "one observation", PHASE)
        apply_gains(tmp_path / "line.ms", [table], ["spw"], borrow=True)
        phase, flag = left(tmp_path / "line.ms")
    assert np.abs(phase).max() < SMALL
    assert not flag.any()


def test_between_solutions_of_several_scans_gains_are_interpolated_as_casa_does(track, tmp_path):
    with casa.session():
        ms = tmp_path / "a.ms"
        with_phases(track, ms, "one observation", PHASE)
        table = ms.with_suffix(".t")
        casa.tasks().gaincal(
            vis=str(ms), caltable=str(table), solint="100s", combine="scan,spw", refant="0",
            calmode="p", minsnr=0,
        )  # fmt: skip
        apply_gains(ms, [table], ["scan,spw"])
        ours, _ = left(ms)
        casa.tasks().applycal(
            vis=str(ms), gaintable=[str(table)], interp=["linear"], spwmap=[[0, 0]], calwt=False,
            flagbackup=False,
        )  # fmt: skip
        theirs, _ = left(ms)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-3)
    assert np.std(theirs) > 1
