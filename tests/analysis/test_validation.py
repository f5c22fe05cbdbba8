"""Validation against light curves made from the truth in known ways."""

import numpy as np
import pandas
import pytest
from astropy.table import Table

from minispiral.analysis.truth import read_truth
from minispiral.analysis.validation import PULL_EDGES, compare, drift, power, scale_factor
from minispiral.analysis.validation_tables import (
    AFTER,
    BEFORE,
    power_table,
    pulls_table,
    validate_curve,
    validation_table,
)
from minispiral.errors import MinispiralError
from minispiral.report.validation import validation_page

N, INTERVAL, START = 512, 6.0, 4998188200.0
RNG = np.random.default_rng(1)
TIME = START + INTERVAL * np.arange(N)
TRUTH = 2.5 + 0.1 * np.sin(np.arange(N) / 15) + 0.02 * np.sin(np.arange(N) / 2)


def test_factor_bias_scatter_and_pulls():
    error = np.full(N, 0.01)
    flux = 1.02 * TRUTH + 0.02 * RNG.standard_normal(N)  # twice the quoted error
    factor = scale_factor(flux, error, TRUTH)
    assert factor == pytest.approx(1.02, abs=1e-3)
    compared = compare(flux, error, TRUTH, factor)
    assert compared.bias == pytest.approx(0.02 * 2.5, abs=4 * 0.02 / np.sqrt(N))
    assert compared.bias_err == pytest.approx(0.01 / np.sqrt(N))
    assert compared.scatter == pytest.approx(0.02 / 1.02, rel=0.1)
    assert np.std(compared.pull) == pytest.approx(2, rel=0.1)
    assert compared.histogram.sum() == N
    assert len(compared.histogram) == len(PULL_EDGES) - 1


def test_pulls_beyond_the_histogram_are_in_its_ends():
    compared = compare(np.array([0.0, 20.0]), np.ones(2), np.array([10.0, 10.0]), 1.0)
    assert compared.histogram[0] == compared.histogram[-1] == 1


def test_noise_has_the_power_of_its_errors_and_the_response_is_1():
    error = np.full(N, 0.01)
    compared = compare(TRUTH + 0.01 * RNG.standard_normal(N), error, TRUTH, 1.0)
    powers = power(TIME, TRUTH, compared, INTERVAL)
    assert powers.timescale[0] == 2 * INTERVAL
    assert powers.number[0] == N - 1
    many = powers.number > 30
    np.testing.assert_allclose(powers.residual[many], powers.noise[many], rtol=0.5)
    np.testing.assert_allclose(powers.noise, 2 * 0.01**2 / (powers.timescale / INTERVAL / 2))
    assert np.all(np.abs(powers.response - 1)[many] < 3 * powers.response_err[many])


def test_smoothing_that_eats_variability_is_seen():
    smoothed = np.convolve(np.pad(TRUTH, 10, "edge"), np.ones(21) / 21, "valid")
    compared = compare(smoothed, np.full(N, 1e-3), TRUTH, 1.0)
    powers = power(TIME, TRUTH, compared, INTERVAL)
    assert powers.response[0] < 0.3
    assert powers.response[-2] > 0.9
    assert powers.residual[0] > powers.noise[0]


def test_gaps_are_nobodys_neighbours():
    kept = (np.arange(N) // 64) % 2 == 0
    compared = compare(TRUTH[kept], np.full(kept.sum(), 1e-3), TRUTH[kept], 1.0)
    powers = power(TIME[kept], TRUTH[kept], compared, INTERVAL)
    assert powers.number[0] == 4 * 63  # four stretches of 64
    assert powers.number[6] == 0
    assert np.isnan(powers.residual[6])


def test_flux_scale_scatter_and_drift_are_what_was_put_in():
    """White noise of 0.5 %, a drift of 2 % over two hours in steps, 3 % too bright."""
    time = START + INTERVAL * np.arange(1200)
    steps = np.repeat(np.linspace(-0.01, 0.01, 12), 100)
    noise = 0.005 * np.random.default_rng(4).standard_normal((12, 100))
    noise -= noise.mean(axis=1, keepdims=True)  # in the integrations alone
    truth = 2.5 + 0.3 * np.sin(np.arange(1200) / 100)
    ratios = drift(time, 1.03 * (1 + steps + noise.ravel()) * truth, truth)
    assert ratios.scale == pytest.approx(1.03, abs=4 * 1.25 * 1.03 * 0.01 / np.sqrt(1200))
    expected = np.std(np.linspace(-0.01, 0.01, 12), ddof=1)
    assert ratios.scatter_of_means == pytest.approx(1.03 * expected / ratios.scale, rel=1e-9)
    assert ratios.scatter == pytest.approx(np.hypot(np.std(steps), 0.005), rel=0.1)
    np.testing.assert_allclose(ratios.mean_time, time[0] + 600 * np.arange(12) + 49.5 * INTERVAL)


def test_means_of_few_integrations_and_scatters_of_few_means_are_left_out():
    time = START + INTERVAL * np.arange(350)  # 35 minutes: the last stretch is half full
    flux = 1 + 0.01 * (time - START >= 1800)
    assert len(drift(time, flux, np.ones(350)).means) == 4
    shorter = drift(time[:349], flux[:349], np.ones(349))
    assert len(shorter.means) == 3
    assert shorter.scatter_of_means == 0  # and the stretch that differs is not in it
    assert np.isnan(drift(time[:240], flux[:240], np.ones(240)).scatter_of_means)  # 24 minutes


def tables(polarized: bool = True) -> tuple[Table, Table, pandas.DataFrame]:
    """Light curve, fit and truth of one spw; QA2 has pressed the core flat before."""
    stokes = {"I": TRUTH, "Q": 0.05 * TRUTH, "U": -0.03 * TRUTH, "V": -0.01 * TRUTH}
    if not polarized:
        stokes = {**stokes, "U": np.full(N, np.nan), "V": np.full(N, np.nan)}
    noisy = {name: values + 0.002 * RNG.standard_normal(N) for name, values in stokes.items()}
    curve = Table({"track": np.full(N, "a"), "spw": np.full(N, 1), "mjd": TIME / 86400})
    fit = Table({"time": TIME})
    for name, values in noisy.items():
        curve[name], curve[f"{name}_err"] = 1.01 * values, np.full(N, 0.002 * 1.01)
        fitted = "I_compact" if name == "I" else name
        fit[fitted], fit[f"{fitted}_err"] = values * 2.5 / TRUTH, np.full(N, 0.002)
    curve["good"] = np.arange(N) % 50 != 3
    noise = dict.fromkeys(("I_extended", "I_compact", "Q", "U", "V"), 1.0)
    curve.meta = {"interval_s": INTERVAL, "gains": {"noise": noise}}
    truth = pandas.DataFrame({"spw": 1, "mjd_s": TIME, **stokes, "bad": np.arange(N) == 100})
    return curve, fit, truth


def covariance(curve: Table) -> Table:
    """What the covariance of errors that are independent follows from."""
    names = ("learnt_err", "segment", "independent_err", "core_covariance", "absorption_err")
    table = Table({name: curve[name] for name in ("spw", "mjd", "good")})
    for name in names:
        table[name] = np.full(len(curve), np.nan if name == "learnt_err" else 0.0)
    table["core_err"] = np.asarray(curve["I_err"]) / np.asarray(curve["I"])
    for name in "QUV":
        table[f"{name}_noise"] = curve[f"{name}_err"]
    entry = {"description": "integration", "drift_err": 0.0, "drift_timescale_s": 300.0}
    table.meta["spws"] = {int(spw): entry for spw in set(curve["spw"])}
    return table


def test_tables_and_page():
    curve, fit, truth = tables()
    validations = list(validate_curve(curve, fit, truth, covariance(curve)))
    table = validation_table(validations)
    assert len(table) == 8
    assert set(table["stage"]) == {BEFORE, AFTER}
    assert set(table["n"]) == {N - 11 - 1}
    after, before = table[table["stage"] == AFTER], table[table["stage"] == BEFORE]
    assert all(abs(after["factor"] - 1.01) < 1e-3)
    assert all(abs(after["pull_std"] - 1) < 0.15)
    assert before["scatter"][0] > 10 * after["scatter"][0]
    assert str(table["scatter"].unit) == "Jy"
    of_i, others = after[after["stokes"] == "I"], after[after["stokes"] != "I"]
    assert abs(of_i["flux_scale"][0] - 1.01) < 1e-3
    assert of_i["n_10min"][0] == 5  # 51 minutes; the last one is too short
    assert of_i["relative_scatter"][0] == pytest.approx(0.002 / 2.5, rel=0.1)
    assert of_i["relative_scatter_10min"][0] < 3e-4
    for name in ("flux_scale", "relative_scatter", "relative_scatter_10min"):
        assert np.isnan(others[name]).all()
    pulls = pulls_table(validations)
    assert len(pulls) == 8 * (len(PULL_EDGES) - 1)
    assert sum(pulls["number"]) == 8 * (N - 12)
    assert len(power_table(validations)) == 8 * len(validations[0].power.timescale)
    page = validation_page(validations, "a & <b>")
    assert "a &amp; &lt;b&gt;" in page
    assert page.count("data:image/png;base64,") == 5
    assert f"<td>{of_i['flux_scale'][0]:.4f}</td>" in page
    assert "http" not in page.replace("http-equiv", "")


def test_missing_stokes_parameters_are_left_out():
    curve, fit, truth = tables(polarized=False)
    validations = list(validate_curve(curve, fit, truth, covariance(curve)))
    assert {validation.stokes for validation in validations} == {"I", "Q"}
    page = validation_page(validations, "a")
    assert "<td>Q</td>" in page
    assert "<td>U</td>" not in page


def test_spws_of_different_lengths_and_missing_values():
    curve, fit, truth = tables()
    other, other_fit, _ = tables()
    other["spw"] = 2
    other["good"][:300] = False  # fewer octaves
    other["U"][400] = np.nan
    other["I_err"][401] = np.nan
    none, none_fit, _ = tables()
    none["spw"], none["good"] = 3, False
    truth = pandas.concat([truth, truth.assign(spw=2)])
    truth.loc[(truth.spw == 2) & (truth.mjd_s == TIME[402]), "V"] = np.nan
    validations = [
        validation
        for c, f in ((curve, fit), (other, other_fit), (none, none_fit))
        for validation in validate_curve(c, f, truth, covariance(c))
    ]
    assert {validation.spw for validation in validations} == {1, 2}
    table = validation_table(validations)
    rows = table[(table["spw"] == 2) & (table["stage"] == AFTER)]
    good = np.count_nonzero(other["good"])
    assert dict(zip(rows["stokes"], rows["n"], strict=True)) == {
        "I": good - 1, "Q": good, "U": good - 1, "V": good - 1,
    }  # fmt: skip
    assert np.isfinite(rows["pull_std"]).all()
    assert validation_page(validations, "a").count("data:image/png;base64,") == 5


def test_truths_that_do_not_fit_are_named(tmp_path):
    curve, fit, truth = tables()
    with pytest.raises(MinispiralError, match="no rows of spw 1"):
        list(validate_curve(curve, fit, truth.assign(spw=0), covariance(curve)))
    for shift in (4.0, 1e5):
        moved = truth.assign(mjd_s=truth.mjd_s + shift + 1e4)
        with pytest.raises(MinispiralError, match="none of the good integrations, which are from"):
            list(validate_curve(curve, fit, moved, covariance(curve)))
    some = list(validate_curve(curve, fit, truth.iloc[::10], covariance(curve)))
    assert len(some[0].time) < 0.15 * some[0].good
    (tmp_path / "x.csv").write_text("spw,mjd_s,I,Q,U,V\n0,1,2,,0,0\n0,7,abc,0,0,0\n")
    with pytest.raises(MinispiralError, match="column I, row 2: 'abc' is no number"):
        read_truth(tmp_path / "x.csv")
    (tmp_path / "x.csv").write_text("spw,mjd_s,I\n0,1,2\n")
    with pytest.raises(MinispiralError, match="lacks Q, U, V"):
        read_truth(tmp_path / "x.csv")
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MinispiralError, match="cannot be read"):
        read_truth(tmp_path / "x.csv")


def test_a_truth_that_pandas_refuses_in_two_lines_is_told_in_one(tmp_path):
    path = tmp_path / "truth.csv"
    path.write_bytes(b"0\n0\n,")
    with pytest.raises(MinispiralError) as raised:
        read_truth(str(path))
    assert len(str(raised.value).splitlines()) == 1
