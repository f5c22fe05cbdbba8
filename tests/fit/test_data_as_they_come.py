"""Data of every shape: the fit gives back what was put in, within its errors."""

from pathlib import Path

import numpy as np
import pandas
import pytest

from minispiral import casa
from minispiral.fit.track import fit_measurement_set
from minispiral.io.tables import columns, read_table
from minispiral.ms.inspection import inspect
from minispiral.ms.split import split_spw
from minispiral.simulation.track import simulate_track
from minispiral.visibilities.sky_model import SkyModel
from tests.helpers.runs import make
from tests.helpers.tracks import (
    add_autocorrelations,
    flag,
    joined,
    pixels_of_the_minispiral,
    set_columns,
)

pytestmark = pytest.mark.slow

CELL, SIZE = 0.1, 600
FREQUENCIES = (213.1, 227.1)
SCANS = 2
TRACK = {
    "seed": 3,
    "antennas": 24,
    "scans": SCANS,
    "scan_minutes": 5.0,
    "integration_s": 3.0,
    "broken_integrations": 0,
    "polarized_fraction": 0.1,
    "circular_fraction": 0.02,
}


def simulate(folder: Path, name: str, **settings) -> tuple[Path, pandas.DataFrame]:
    ms, truth = folder / f"{name}.ms", folder / f"{name}.csv"
    simulate_track(ms, truth, {**TRACK, "frequencies_ghz": FREQUENCIES, **settings})
    return ms, pandas.read_csv(truth)


def fitted(ms: Path, folder: Path, core_offset=(0.0, 0.0)) -> dict[int, dict]:
    """Split and fit every spw, against the minispiral that was simulated."""
    image = pixels_of_the_minispiral(SIZE, CELL)
    shift = tuple(round(offset / CELL) for offset in core_offset)
    image = np.roll(image, (-shift[0], shift[1]), (0, 1))
    fits = {}
    with casa.session(scratch=folder):
        inspection = inspect(ms, "Sgr A*", range(len(FREQUENCIES)), "data")
        for window in inspection.spws:
            split = folder / f"{ms.stem}.spw{window.spw}.ms"
            split_spw(ms, split, inspection, window.spw, "data")
            fit = fit_measurement_set(split, SkyModel(image, CELL, core_offset))
            fits[window.spw] = columns(fit)
    return fits


def check(fit: dict, truth: pandas.DataFrame, known: str, unknown: str = "") -> None:
    """Pulls of every flux against gain times truth; missing where the data do not tell."""
    np.testing.assert_allclose(fit["time"], truth.mjd_s, rtol=0, atol=1e-3)
    finite_rows = np.isfinite(fit["I_extended"])
    assert finite_rows.any()
    expected = {"I_extended": truth.extended, "I_compact": truth.I}
    expected |= {name: truth[name] for name in known}
    for name, values in expected.items():
        error = fit[f"{name}_err"][finite_rows]
        pull = (fit[name] - truth.qa2_gain * values).to_numpy()[finite_rows] / error
        four_sigma = 4 / np.sqrt(len(pull))
        assert abs(np.mean(pull)) < four_sigma, name
        assert abs(np.std(pull) - 1) < four_sigma / np.sqrt(2), name
    assert np.median(fit["chi2"][finite_rows]) == pytest.approx(1, abs=0.02)
    for name in unknown:
        assert np.isnan(fit[name]).all()
        assert np.isnan(fit[f"{name}_err"]).all()


@pytest.mark.parametrize(
    ("settings", "known", "unknown"),
    [
        ({"correlations": "XX XY YX YY"}, "QUV", ""),
        ({"correlations": "XX YY"}, "Q", "UV"),
        ({"correlations": "RR RL LR LL"}, "QUV", ""),
        ({"correlations": "RR LL"}, "V", "QU"),
        ({"channels": 8}, "QUV", ""),
    ],
)
def test_every_polarisation_and_number_of_channels(tmp_path, settings, known, unknown):
    ms, truth = simulate(tmp_path, "track", **settings)
    for spw, fit in fitted(ms, tmp_path).items():
        check(fit, truth[truth.spw == spw], known, unknown)


def test_spws_that_differ_in_channels_and_correlations(tmp_path):
    first, truth = simulate(tmp_path, "first", frequencies_ghz=FREQUENCIES[:1])
    second, truth2 = simulate(
        tmp_path, "second", frequencies_ghz=FREQUENCIES[1:], channels=4, correlations="XX YY"
    )
    both = joined([first, second], tmp_path / "both.ms")
    fits = fitted(both, tmp_path)
    check(fits[0], truth, "QUV")
    check(fits[1], truth2, "Q", "UV")


def test_antennas_and_scans_flagged_throughout(tmp_path):
    ms, truth = simulate(tmp_path, "track")
    flag(ms, "ANTENNA1 IN [0, 7] || ANTENNA2 IN [0, 7] || SCAN_NUMBER == 2")
    for spw, fit in fitted(ms, tmp_path).items():
        check(fit, truth[truth.spw == spw], "QUV")
        flagged = fit["scan"] == 2
        assert np.isnan(fit["I_extended"][flagged]).all()
        assert np.isfinite(fit["I_extended"][~flagged]).all()
        n = TRACK["antennas"] - 2
        np.testing.assert_array_equal(fit["n_vis"], np.where(flagged, 0, n * (n - 1) / 2))


def test_autocorrelations_do_not_count(tmp_path):
    ms, truth = simulate(tmp_path, "track")
    without = fitted(ms, tmp_path)
    (tmp_path / "with").mkdir()
    add_autocorrelations(ms)
    for spw, fit in fitted(ms, tmp_path / "with").items():
        check(fit, truth[truth.spw == spw], "QUV")
        for name in ("I_compact", "Q", "n_vis"):
            np.testing.assert_allclose(fit[name], without[spw][name], rtol=1e-9)


def test_rows_in_any_order(tmp_path):
    """Sorted by spw or by time, or shuffled: the inspection and the fits are the same."""
    # CASA takes long to split rows that are shuffled
    ms, truth = simulate(tmp_path, "track", scan_minutes=2.0)
    orders = {"time": lambda time, _: np.argsort(time, kind="stable")}
    orders["shuffled"] = lambda time, _: np.random.default_rng(1).permutation(len(time))
    orders["spw"] = lambda _, spw: np.argsort(spw, kind="stable")
    with casa.session(scratch=tmp_path):
        expected = inspect(ms, "Sgr A*", range(len(FREQUENCIES)), "data").spws
    for name, order in orders.items():
        copy = tmp_path / f"{name}.ms"
        with casa.table(ms) as table:
            rows = order(table.getcol("TIME"), table.getcol("DATA_DESC_ID"))
            chosen = table.selectrows(rows)
            chosen.copy(str(copy), deep=True).close()
            chosen.close()
        with casa.session(scratch=tmp_path):
            assert inspect(copy, "Sgr A*", range(len(FREQUENCIES)), "data").spws == expected
        for spw, fit in fitted(copy, tmp_path).items():
            check(fit, truth[truth.spw == spw], "QUV")


def test_a_core_off_the_phase_centre(tmp_path):
    offset = (1.3, -2.4)
    ms, truth = simulate(tmp_path, "track", core_offset_arcsec=list(offset))
    for spw, fit in fitted(ms, tmp_path, offset).items():
        check(fit, truth[truth.spw == spw], "QUV")


def repeat_scan_numbers(ms: Path) -> None:
    """Make each scan the first of an observation, and give each row a time of its own."""
    with casa.session():
        with casa.table(ms) as table:
            scan, time = table.getcol("SCAN_NUMBER"), table.getcol("TIME")
        with casa.table(ms / "OBSERVATION", writable=True) as table:
            table.addrows(SCANS - table.nrows())
            for name in ("TELESCOPE_NAME", "OBSERVER", "PROJECT", "TIME_RANGE"):
                table.putcell(name, SCANS - 1, table.getcell(name, 0))
        off = np.random.default_rng(1).uniform(-1e-3, 1e-3, len(time))
        set_columns(ms, SCAN_NUMBER=1, OBSERVATION_ID=scan - 1, TIME=time + off)


@pytest.mark.nights
def test_a_campaign_of_all_this_at_once(tmp_path):
    """Spws of other shapes and integrations; a scan and an antenna flagged; and a spw lacking.

    The scans have one number, in two observations; times are off by a millisecond from row to row.
    """
    first, truth = simulate(tmp_path, "first", frequencies_ghz=FREQUENCIES[:1])
    second, truth2 = simulate(
        tmp_path,
        "second",
        frequencies_ghz=FREQUENCIES[1:],
        channels=4,
        correlations="XX YY",
        integration_s=6.0,
    )
    for ms in (first, second):
        flag(ms, "ANTENNA1 == 3 || ANTENNA2 == 3 || SCAN_NUMBER == 1")
        add_autocorrelations(ms)
    repeat_scan_numbers(joined([first, second], tmp_path / "a.ms"))
    _, truth_b = simulate(
        tmp_path, "b", seed=4, start="2017-04-07T08:45:00", frequencies_ghz=FREQUENCIES[:1]
    )
    config = {
        "campaign": "messy",
        "spws": [0, 1],
        # for pictures alone
        "image": {"imsize": 128, "pixels_per_fringe": 4, "niter": 100, "gain": 0.1},
        "model": {"turns": 4},
        "scale": {"flux_range": [1.0, 6.0]},
        "tracks": {"a": {"ms": "a.ms"}, "b": {"ms": "b.ms", "spws": [0]}},
    }
    make(tmp_path, config)
    results = tmp_path / "results" / "messy"
    for track, spw, known in (("a", 0, truth), ("a", 1, truth2), ("b", 0, truth_b)):
        curve = columns(
            read_table(results / track / "iteration0" / f"spw{spw}" / "light_curve.ecsv")
        )
        good = curve["good"]
        assert len(good) == len(known)
        later = curve["observation" if track == "a" else "scan"] == (1 if track == "a" else 2)
        np.testing.assert_array_equal(good[~later], track == "b")
        assert np.mean(good[later]) > 0.97
        ratio = (curve["I"] / known.I)[good]
        assert np.median(ratio) == pytest.approx(1, abs=0.05)
        assert np.std(ratio) < 2 * np.median((curve["I_err"] / curve["I"])[good])
        ascii_curve = np.loadtxt(results / track / f"Light_Curve_SPW{spw}_messy_{track}.dat")
        assert len(ascii_curve) == good.sum()
        assert np.isfinite(ascii_curve[:, :3]).all()
    assert not (results / "b" / "polarimetry.ecsv").exists()
    polarimetry = columns(read_table(results / "a" / "polarimetry.ecsv"))
    assert np.isfinite(polarimetry["spectral_index"]).all()
    assert 45 < len(polarimetry["mjd"]) <= 50  # the longer integrations
    assert np.isnan(polarimetry["rotation_measure"]).all()
    flagged = (results / "a" / "messy_a_flags.dat").read_text().splitlines()
    assert len(flagged) >= 150
