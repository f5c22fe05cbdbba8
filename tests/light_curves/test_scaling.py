"""Scaling: errors against Monte Carlo, references by hand."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.light_curves.scaling import (
    Limits,
    flag_reasons,
    good_integrations,
    reference_flux,
    scale,
    track_flux,
)
from tests.helpers.fits import POLARIZATION, make_fit

ANY = Limits((0.0, 100.0))


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
    assert np.all(np.isnan(curves["P"]))
    assert np.all(np.isfinite(curves["Q"]))
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


def test_limits_are_not_blamed_where_there_is_no_minispiral():
    with pytest.raises(MinispiralError, match="no minispiral was found.* 2.. times its error"):
        reference_flux([make_fit(100, extended=0.01)], [Limits((50.0, 60.0))])


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
