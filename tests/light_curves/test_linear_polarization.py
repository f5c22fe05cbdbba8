"""Linear polarisation and its bias by noise."""

import numpy as np
import pytest

from minispiral.light_curves.linear_polarization import linear_polarization


def test_debiasing_takes_the_noise_bias_out():
    rng = np.random.default_rng(5)
    n, noise = 200_000, 1.0
    for truth, left in ((5.0, 0.005), (3.0, 0.02), (2.0, 0.1)):
        q, u = truth + rng.normal(0, noise, n), rng.normal(0, noise, n)
        polarization = linear_polarization(q, u, np.full(n, noise), np.full(n, noise))
        assert abs(polarization.p_debiased.mean() - truth) < left
        assert polarization.p.mean() - truth > 4 * abs(polarization.p_debiased.mean() - truth)
    assert (polarization.p_debiased >= 0).all()
    exact = linear_polarization(*map(np.array, ([3.0], [4.0], [0.0], [0.0])))
    assert exact.p_debiased == exact.p == 5.0


@pytest.mark.parametrize("p", [0.5, 1.0, 3.0])
def test_the_estimator_is_that_of_plaszczynski(p):
    """Their equation 37 for errors b of Q and U alike: P - b^2 (1 - exp(-P^2/b^2)) / (2 P)."""
    b = 0.1
    polarization = linear_polarization(*map(np.array, ([0.6 * p * b], [0.8 * p * b], [b], [b])))
    expected = p * b - b * (1 - np.exp(-(p**2))) / (2 * p)
    np.testing.assert_allclose(polarization.p_debiased, expected, rtol=1e-12)
