"""The variance of a scaled flux against draws of the noise that it describes."""

import numpy as np
import pytest

from minispiral.gains.curve import QUANTITIES, GainCurve, flux_variance, own_gains

EXTENDED, CORE, S_EXTENDED, S_CORE, CORRELATION = 1.1, 2.4, 0.004, 0.003, -0.8


def fit_of(extended: np.ndarray, core: np.ndarray) -> dict[str, np.ndarray]:
    one = np.ones(len(extended))
    return {
        "I_extended": extended,
        "I_compact": core,
        "I_extended_err": S_EXTENDED * one,
        "I_compact_err": S_CORE * one,
        "covariance": CORRELATION * S_EXTENDED * S_CORE * one,
    }


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
def test_the_variance_is_that_of_noise_drawn(weight):
    """L of a share of the own ln F_ext and of others' independent noise; factors on the errors."""
    rng, n = np.random.default_rng(2), 400_000
    noise = {**dict.fromkeys(QUANTITIES, 1.0), "I_extended": 1.5, "I_compact": 0.7}
    sigma = np.array([noise["I_extended"] * S_EXTENDED, noise["I_compact"] * S_CORE])
    matrix = np.outer(sigma, sigma) * [[1, CORRELATION], [CORRELATION, 1]]
    extended, core = ([[EXTENDED], [CORE]] + rng.multivariate_normal([0, 0], matrix, n).T)[:]
    independent_scatter = 0.002
    log_extended = (
        np.log(EXTENDED)
        + weight * np.log(extended / EXTENDED)
        + independent_scatter * rng.standard_normal(n)
    )
    drawn = np.var(core * np.exp(-log_extended)) * EXTENDED**2
    truth = np.array([EXTENDED]), np.array([CORE])
    variance = (weight * sigma[0] / EXTENDED) ** 2 + independent_scatter**2
    curve = GainCurve(
        np.log(truth[0]), np.array([variance]), np.array([weight]), np.zeros(1), noise
    )
    assert flux_variance(fit_of(*truth), curve)[0] == pytest.approx(drawn, rel=0.01)


def test_own_gains_are_the_fits_with_its_errors():
    fit = fit_of(np.array([EXTENDED, -1.0, np.nan]), np.full(3, CORE))
    curve = own_gains(fit)
    np.testing.assert_array_equal(curve.log_extended, [np.log(EXTENDED), np.nan, np.nan])
    np.testing.assert_allclose(curve.variance, [(S_EXTENDED / EXTENDED) ** 2, np.nan, np.nan])
    np.testing.assert_array_equal(curve.weight, 1)
    plain = GainCurve(curve.log_extended, curve.variance, curve.weight, curve.independent)
    assert plain.noise == curve.noise == dict.fromkeys(QUANTITIES, 1.0)
