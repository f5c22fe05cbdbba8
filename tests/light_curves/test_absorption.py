"""The absorption's model: power law, order of the polynomial, and errors by their pulls."""

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.light_curves.absorption import correct, fit_elevation_law, predict
from minispiral.measures.elevation import airmass

FREQUENCIES = np.array([213.1e9, 215.1e9, 229.1e9])
N = 400
ELEVATION = np.linspace(30, 80, N)
SCANS = np.arange(N) // 40
VALUES = {"I": 2.0, "Q": 0.1, "U": -0.1, "V": 0.02, "P": 0.14}
ERROR = np.full(N, 0.004)


def law_of(ratio, seed=0, error=ERROR):
    noise = np.random.default_rng(seed).normal(0, 1, N) * error
    return fit_elevation_law(ELEVATION, ratio + noise, error, SCANS)


def test_the_power_law_is_evaluated_at_the_spws_frequency():
    flux = 2.5 * (FREQUENCIES / 227.1e9)[:, None] ** -0.4 * np.ones((3, 5))
    predicted, error = predict(227.1e9, FREQUENCIES, flux, 0.01 * flux)
    np.testing.assert_allclose(predicted, 2.5)
    rng = np.random.default_rng(1)
    noisy = flux[:, :1] * (1 + 0.01 * rng.normal(size=(3, 20_000)))
    many, _ = predict(227.1e9, FREQUENCIES, noisy, 0.01 * noisy)
    assert np.std(many) == pytest.approx(error[0], rel=0.03)


def test_a_spw_that_is_not_good_is_left_out():
    flux, error = np.full((3, 3), 2.0), np.full((3, 3), 0.01)
    flux[0, 1], error[0, 1] = 99.0, np.inf
    flux[0, 2], error[:2, 2] = np.nan, np.inf
    predicted, _ = predict(227.1e9, FREQUENCIES, flux, error)
    np.testing.assert_allclose(predicted, [2.0, 2.0, np.nan])


@pytest.mark.parametrize(
    ("ratio", "orders"),
    [
        (np.full(N, 0.95), {0}),
        (0.9 + 0.001 * (ELEVATION - 30), {1}),
        (np.exp(-0.1 * airmass(ELEVATION)), {2, 3}),
    ],
)
def test_the_order_is_as_low_as_the_data_allow(ratio, orders):
    chosen = [law_of(ratio, seed).order for seed in range(20)]
    assert sum(order in orders for order in chosen) >= 18


def test_the_models_errors_hold():
    ratio = 0.9 + 0.001 * (ELEVATION - 30)
    pulls = []
    for seed in range(300):
        model, error = law_of(ratio, seed)(np.array([35.0, 55.0, 75.0]))
        pulls.append((model - np.interp([35, 55, 75], ELEVATION, ratio)) / error)
    assert 0.9 < np.std(pulls) < 1.15
    assert abs(np.mean(pulls)) < 0.15


def test_errors_follow_the_scatter_of_the_ratio():
    rng = np.random.default_rng(2)
    ratio = 0.95 + rng.normal(0, 0.002, N)
    law = fit_elevation_law(ELEVATION, ratio, ERROR, SCANS)
    assert law.chi2 == pytest.approx(0.25, rel=0.2)
    assert law(np.array([50.0]))[1][0] == pytest.approx(0.002 / np.sqrt(N), rel=0.2)


def test_one_elevation_gives_one_ratio():
    law = fit_elevation_law(np.full(40, 80.0), np.full(40, 0.9), np.full(40, 0.01), np.ones(40))
    assert law.order == 0
    np.testing.assert_allclose(law(np.array([80.0]))[0], 0.9)


def test_too_few_integrations_are_refused():
    with pytest.raises(MinispiralError, match="4 integrations are too few"):
        fit_elevation_law(ELEVATION[:4], np.ones(4), ERROR[:4], SCANS[:4])


def test_the_correction_and_its_error():
    rng = np.random.default_rng(4)
    n = 100_000
    curves = {name: np.full(n, value) for name, value in VALUES.items()}
    curves["P_debiased"] = 0.9 * curves["P"]
    curves |= {f"{name}_err": 0.01 * np.abs(curves[name]) for name in "IQUVP"}
    corrected_curves = correct(curves, np.full(n, 0.9), np.full(n, 0.02))
    drawn = correct(
        {k: v * (1 + 0.01 * rng.normal(size=n)) for k, v in curves.items()},
        0.9 + 0.02 * rng.normal(size=n),
        np.zeros(n),
    )
    for name in "IQUVP":
        np.testing.assert_allclose(corrected_curves[name], curves[name] / 0.9)
        assert np.std(drawn[name]) == pytest.approx(corrected_curves[f"{name}_err"][0], rel=0.03)
    np.testing.assert_allclose(corrected_curves["P_debiased"] / corrected_curves["P"], 0.9)
