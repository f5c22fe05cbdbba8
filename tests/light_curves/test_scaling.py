"""Scaling and products: errors against Monte Carlo, references by hand, files by contract."""

import pickle

import numpy as np
import pytest
from astropy.table import Table

from minispiral.errors import MinispiralError
from minispiral.fit.memo_file import write_fit_file
from minispiral.io.tables import columns, read_table, write_table
from minispiral.light_curves import tables as products
from minispiral.light_curves.scaling import (
    Limits,
    flag_reasons,
    good_integrations,
    reference_flux,
    scale,
    track_flux,
)

ANY = Limits((0.0, 100.0))
POLARIZATION = {"Q": 0.12, "U": -0.2, "V": -0.03}
CONTRACT = (
    "track spw frequency mjd I I_err Q Q_err U U_err V V_err P P_err EVPA EVPA_err gain gain_err "
    "I_extended I_extended_err I_compact I_compact_err I_long_baselines n_vis scan good"
).split()


def make_fit(n: int, extended=1.1, compact=2.4, seed: int = 1) -> dict[str, np.ndarray]:
    """Fits drawn from their own errors, F_ext and F_core anticorrelated as the method has them."""
    rng = np.random.default_rng(seed)
    s_extended, s_compact, correlation = 0.004, 0.001, -0.8
    covariance = correlation * s_extended * s_compact
    matrix = [[s_extended**2, covariance], [covariance, s_compact**2]]
    noise = rng.multivariate_normal([0, 0], matrix, n).T
    fit = {
        "time": 4998188200.0 + 6.0 * np.arange(n),
        "scan": np.arange(n) // 50,
        "I_extended": extended + noise[0],
        "I_extended_err": np.full(n, s_extended),
        "I_compact": compact + noise[1],
        "I_compact_err": np.full(n, s_compact),
        "covariance": np.full(n, covariance),
        "chi2": np.ones(n),
        "n_vis": np.full(n, 276),
        "I_long_baselines": np.full(n, compact),
    }
    for name, value in POLARIZATION.items():
        fit[name] = value + 0.0015 * rng.standard_normal(n)
        fit[f"{name}_err"] = np.full(n, 0.0015)
    return fit


def as_table(fit: dict[str, np.ndarray]) -> Table:
    return Table(fit, meta={"frequency_hz": 213.1e9, "interval_s": 6.0})


# errors


def test_errors_are_the_scatter_of_the_scaled_fluxes():
    reference = 1.05
    curves = scale(make_fit(40000), reference)
    p = np.hypot(POLARIZATION["Q"], POLARIZATION["U"])
    true = {
        "I": 2.4,
        **POLARIZATION,
        "P": p,
        "EVPA": np.degrees(np.arctan2(POLARIZATION["U"], POLARIZATION["Q"]) / 2),
        "gain": 1.0,
    }
    for name, value in true.items():
        expected = value if name == "EVPA" else value * reference / 1.1
        pull = (curves[name] - expected) / curves[f"{name}_err"]
        assert pull.std() == pytest.approx(1, abs=0.015), name
        assert abs(pull.mean()) < 0.03, name


def test_without_the_gains_own_error_pulls_would_be_far_off():
    fit = make_fit(10000)
    curves = scale(fit, 1.1)
    naive = curves["gain"] * fit["I_compact_err"]
    assert np.std((curves["I"] - 2.4) / naive) > 5


def test_evpa_error_has_its_half():
    # u = 0: the EVPA is half the angle u/q
    fit = make_fit(1)
    fit["Q"][:], fit["U"][:], fit["U_err"][:] = 0.2, 0.0, 0.001
    curves = scale(fit, 1.1)
    assert curves["EVPA_err"][0] == pytest.approx(np.degrees(0.001 / 0.2 / 2))


def test_the_minispiral_is_scaled_to_the_reference():
    fit = make_fit(100)
    np.testing.assert_allclose(scale(fit, 1.05)["gain"] * fit["I_extended"], 1.05)


@pytest.mark.parametrize("value", [np.nan, 0.0, -1.0])
def test_without_a_positive_minispiral_there_is_no_light_curve(value):
    fit = make_fit(3)
    fit["I_extended"][1] = value
    curves = scale(fit, 1.1)
    assert np.isnan(curves["I"]).tolist() == [False, True, False]
    assert good_integrations(fit, 1.1, ANY).tolist() == [True, False, True]


def test_a_flux_without_an_error_is_not_good():
    fit = make_fit(3)
    fit["I_compact_err"][1] = np.nan
    assert flag_reasons(fit, 1.1, ANY).tolist() == ["-", "no fit", "-"]


def test_a_light_curve_is_proportional_to_the_reference():
    one, other = scale(make_fit(50), 1.0), scale(make_fit(50), 2.5)
    for name, values in one.items():
        factor = 1 if name.startswith("EVPA") else 2.5
        np.testing.assert_allclose(other[name], factor * values, rtol=1e-12, err_msg=name)
    np.testing.assert_allclose(one["P_debiased"], one["P"], rtol=1e-4)  # S/N is 150


def test_missing_polarization_stays_missing_and_does_no_harm():
    fit = make_fit(3)
    for name in ("U", "U_err", "V", "V_err"):
        fit[name][:] = np.nan
    curves = scale(fit, 1.1)
    assert np.all(np.isnan(curves["P"])) and np.all(np.isfinite(curves["Q"]))
    assert good_integrations(fit, 1.1, Limits((1, 5), 0.5)).all()


# the reference


def test_the_reference_is_the_median_over_all_tracks():
    fits = [make_fit(101, extended=1.0), make_fit(301, extended=1.2, seed=2)]
    together = np.concatenate([fit["I_extended"] for fit in fits])
    assert reference_flux(fits, [ANY, ANY]) == np.median(together)


def test_bad_integrations_do_not_enter_the_reference():
    fit = make_fit(101)
    fit["I_extended"][:60] = 0.5  # scaled to the median of all, these would be the good ones
    fit["I_compact"][:60] = 2.4 * 20
    good = fit["I_extended"][60:]
    assert reference_flux([fit], [Limits((1.0, 12.0))]) == np.median(good)
    negative = make_fit(101)
    negative["I_extended"][:60] = -0.5  # with these a first median would be negative
    good = negative["I_extended"][60:]
    assert reference_flux([negative], [Limits((1.0, 12.0))]) == np.median(good)
    flagged = make_fit(101)
    flagged["flag"] = np.where(np.arange(101) < 60, "chi2", "-")
    flagged["I_extended"][:60] = 3.0
    assert reference_flux([flagged], [ANY]) == np.median(flagged["I_extended"][60:])


def test_without_good_integrations_there_is_no_reference():
    with pytest.raises(MinispiralError, match="no good integration"):
        reference_flux([make_fit(10)], [Limits((50.0, 60.0))])


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_a_reference_that_is_not_positive_is_refused(value):
    fit = make_fit(10)
    fit["I_extended"][:] = value
    with pytest.raises(MinispiralError, match="positive in no integration"):
        reference_flux([fit, fit], [ANY, ANY])


def test_limits_are_on_the_scaled_flux_and_give_their_reason():
    fit = make_fit(4)
    fit["I_compact"][1], fit["Q"][2] = 6.0, 1.0
    limits = Limits((1.0, 5.0), max_polarized_flux=0.5)
    assert flag_reasons(fit, 1.1, limits).tolist() == ["-", "flux_range", "max_polarized_flux", "-"]
    assert flag_reasons(fit, 0.5, limits).tolist() == ["-", "-", "-", "-"]


def test_track_flux_is_robust():
    flux = track_flux(np.concatenate([np.random.default_rng(1).normal(1.1, 0.01, 5000), [50.0]]))
    assert flux.median == pytest.approx(1.1, abs=1e-3)
    assert flux.scatter == pytest.approx(0.01, rel=0.05)
    assert flux.n_good == 5001


# products


@pytest.fixture
def curve() -> Table:
    fit = make_fit(120)
    fit["I_extended"][5] = np.nan
    return products.light_curve_table(as_table(fit), 1.1, ANY, "20170406", 2)


def test_light_curves_have_the_columns_and_units_of_the_contract(curve):
    assert curve.colnames[: len(CONTRACT)] == CONTRACT
    units = {name: str(curve[name].unit) for name in ("frequency", "mjd", "I", "EVPA", "V_err")}
    assert units == {"frequency": "Hz", "mjd": "d", "I": "Jy", "EVPA": "deg", "V_err": "Jy"}
    assert len(curve) == 120 and not curve["good"][5] and curve["flag"][5] == "no fit"


def test_tables_lose_nothing(curve, tmp_path):
    write_table(tmp_path / "x.ecsv", curve)
    read = read_table(tmp_path / "x.ecsv")
    assert read.colnames == curve.colnames and read.meta == curve.meta
    for name in curve.colnames:
        np.testing.assert_array_equal(columns(read)[name], columns(curve)[name], err_msg=name)


def test_the_ascii_light_curve_has_the_good_integrations(curve, tmp_path):
    products.write_ascii_light_curve(tmp_path / "x.dat", curve)
    header = (tmp_path / "x.dat").read_text().splitlines()[0]
    assert header.lstrip("# ").split() == (
        "MJD I(Jy) Ierr(Jy) P(Jy) Perr(Jy) EVPA(deg) EVPAerr(deg) V(Jy) Verr(Jy)".split()
    )
    data = np.loadtxt(tmp_path / "x.dat")
    assert data.shape == (119, 9)
    good = curve[np.asarray(curve["good"])]
    np.testing.assert_allclose(data[:, 0], good["mjd"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(data[:, 5], good["EVPA"], rtol=1e-8)


def test_the_fit_file_is_the_memos(curve, tmp_path):
    fit = as_table(make_fit(120))
    write_fit_file(tmp_path / "x.fit", [fit, fit], [curve, curve])
    with open(tmp_path / "x.fit", "rb") as file:
        arrays, frequencies = pickle.load(file)
    assert frequencies.tolist() == [213.1e9, 213.1e9] and len(arrays) == 2
    assert arrays[0].dtype.names == (
        "JDTime",
        "I Extended",
        "I Compact",
        "I LongBas",
        "Q",
        "U",
        "V",
        "Error Ext.",
        "Error Comp.",
        "Covariance",
        "Error Q",
        "Error U",
        "Error V",
        "GOODS",
    )
    np.testing.assert_array_equal(arrays[1]["I Compact"], fit["I_compact"])
    assert arrays[0]["GOODS"].sum() == 119 and arrays[0]["JDTime"][0] == 4998188200.0


def test_the_minispiral_table_has_a_row_for_each_spw_and_track(curve):
    table = products.minispiral_flux_table([curve])
    good = np.asarray(curve["good"])
    assert table["reference_flux"][0] == 1.1 and str(table["median"].unit) == "Jy"
    assert table["median"][0] == np.median(curve["I_extended"][good])
    assert (table["spw"][0], table["track"][0], table["n_good"][0]) == (2, "20170406", 119)
