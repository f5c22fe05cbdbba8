"""Light curves in bins of time: means, their errors, and tables that do not belong together."""

import numpy as np
import pytest
from astropy import units
from astropy.table import Table

from minispiral import cli
from minispiral.columns.light_curves import BINS
from minispiral.errors import MinispiralError
from minispiral.gains.covariance import bin_weights
from minispiral.io.product_tables import rounded
from minispiral.io.tables import write_table
from minispiral.light_curves.binning import bin_light_curves
from minispiral.light_curves.tables import collected
from minispiral.measures.stated import Stated
from minispiral.measures.units import SECONDS_PER_DAY
from tests.gains.test_covariance import tables


def track(own: bool = True):
    _, covariance, curves, _ = tables("smooth", own=own)
    return collected(curves, {"smooth": Stated(0.1, 0.006)}), covariance.copy()


def test_bins_are_means_of_good_integrations_and_count_from_midnight():
    curves, covariance = track()
    binned = bin_light_curves(curves, covariance, 60.0)
    assert set(binned["spw"]) == {0, 1}
    for row in binned:
        seconds = np.asarray(curves["mjd"]) * SECONDS_PER_DAY
        inside = (seconds // 60 == row["mjd"] * SECONDS_PER_DAY // 60) & curves["good"]
        inside &= curves["spw"] == row["spw"]
        assert row["n"] == inside.sum()
        for name in ("mjd", "I", "Q", "U", "V"):
            assert row[name] == pytest.approx(np.mean(curves[name][inside]), rel=1e-12)
    assert binned["P"] == pytest.approx(np.hypot(binned["Q"], binned["U"]), rel=1e-12)
    assert binned["EVPA"] == pytest.approx(
        np.degrees(np.arctan2(binned["U"], binned["Q"])) / 2, rel=1e-12
    )
    assert (binned["I_err"].unit, binned["EVPA_err"].unit) == (units.Jy, units.deg)


def test_independent_errors_fall_with_the_root_of_the_number():
    curves, covariance = track(own=True)
    binned = bin_light_curves(curves, covariance, 60.0)
    seconds = np.asarray(curves["mjd"]) * SECONDS_PER_DAY // 60
    for row in binned:
        inside = seconds == row["mjd"] * SECONDS_PER_DAY // 60
        inside &= curves["spw"] == row["spw"]
        for name in ("I", "Q", "U", "V", "P"):
            expected = np.sqrt(np.sum(curves[f"{name}_err"][inside] ** 2)) / row["n"]
            assert row[f"{name}_err"] == pytest.approx(expected, rel=0.05)


def test_errors_of_a_smooth_gain_hardly_fall_within_its_timescale():
    curves, covariance = track(own=False)
    single = bin_light_curves(curves, covariance, 6.0)
    binned = bin_light_curves(curves, covariance, 30.0)
    ratio = np.median(binned["I_err"]) / np.median(single["I_err"])
    assert 0.6 < ratio < 1.0
    # Q and U are noisier than the gain that they share, and V too
    assert np.median(binned["V_err"]) < 0.6 * np.median(single["V_err"])


def test_bins_shorter_than_an_integration_are_the_integrations():
    curves, covariance = track(own=True)
    binned = bin_light_curves(curves, covariance, 1.0)
    good = curves[curves["good"]]
    assert np.array_equal(binned["I"], good["I"])
    assert (binned["n"] == 1).all()
    # less what is common to all 240: the flux scale's
    assert binned["I_err"] == pytest.approx(good["I_err"], rel=5e-3)


def test_bad_integrations_have_no_part():
    curves, covariance = track()
    curves["good"][5], curves["I"][5] = False, np.nan
    covariance["good"][5] = False
    binned = bin_light_curves(curves, covariance, 60.0)
    assert np.isfinite(binned["I"]).all()
    assert binned["n"].sum() == len(curves) - 1


def test_a_missing_stokes_parameter_is_missing_in_its_bins_alone():
    curves, covariance = track()
    whole = bin_light_curves(curves, covariance, 60.0)
    first = whole["mjd"][0]
    missing = np.abs(np.asarray(curves["mjd"]) - first) * SECONDS_PER_DAY < 120
    missing |= np.arange(len(curves)) == 60  # one of a bin
    for name in ("U", "U_err"):
        curves[name][missing] = np.nan
    covariance["U_noise"][missing] = np.nan
    binned = bin_light_curves(curves, covariance, 60.0)
    assert np.isnan([binned[name][0] for name in ("U", "U_err", "P", "EVPA", "EVPA_err")]).all()
    assert np.isfinite(binned["U"]).sum() > 0.8 * len(binned)
    assert np.array_equal(binned["I_err"], whole["I_err"])
    assert np.array_equal(binned["Q"], whole["Q"])


def test_a_spw_without_a_good_integration_has_no_bins():
    curves, covariance = track()
    for table in (curves, covariance):
        table["good"][table["spw"] == 1] = False
    assert set(bin_light_curves(curves, covariance, 60.0)["spw"]) == {0}


@pytest.mark.parametrize("seconds", [0.0, -10.0, np.nan])
def test_a_length_has_to_be_above_0(seconds):
    with pytest.raises(MinispiralError, match="give a length above 0 s"):
        bin_light_curves(*track(), seconds)


def test_bins_longer_than_a_quarter_of_the_track_are_refused():
    """Of a bin as long as the track, the error about the track's mean would be 0."""
    with pytest.raises(MinispiralError, match="longer than a quarter of the track, 20"):
        bin_light_curves(*track(), 600.0)


def test_what_is_told_of_light_curves_is_told_of_bins():
    curves, covariance = track()
    curves.meta["not_measured"] = {"smooth": "Q of spw 1"}
    assert bin_light_curves(curves, covariance, 60.0).meta == curves.meta


def test_tables_of_other_integrations_are_refused():
    curves, covariance = track()
    with pytest.raises(MinispiralError, match="not of the same integrations"):
        bin_light_curves(curves, covariance[1:], 60.0)


def test_the_command_prints_the_table(tmp_path, capsys):
    for name, table in zip(("light_curves", "covariance"), track(), strict=True):
        write_table(tmp_path / f"{name}.ecsv", table)
    assert cli.main(["bin", str(tmp_path), "--seconds", "60"]) == 0
    printed = Table.read(capsys.readouterr().out, format="ascii.ecsv")
    binned = rounded(bin_light_curves(*track(), 60.0), BINS)
    assert np.array_equal(printed["I_err"], binned["I_err"])
    assert cli.main(["bin", str(tmp_path), "--seconds", "0"]) == 1
    assert "give a length above 0 s" in capsys.readouterr().err


def test_weights_of_bins_are_those_of_means():
    weights, label = bin_weights(np.array([86400.0, 86406.0, 86465.0]), 60.0)
    assert np.array_equal(weights, [[0.5, 0.5, 0], [0, 0, 1]])
    assert np.array_equal(label, [0, 0, 1])
