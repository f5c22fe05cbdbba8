"""The error of the sky, as the light curve has it."""

import numpy as np
import pytest

from minispiral.fit.track import _sky_error
from minispiral.gains.curve import own_gains
from minispiral.gains.description import describe_gains, with_sky_error


def solution(ratio: np.ndarray) -> dict[str, np.ndarray]:
    return {"I_compact": 3 * ratio, "I_extended": np.ones(len(ratio))}


def test_half_of_the_difference_is_the_error_of_the_mean():
    # two halves of error sqrt(2) s each differ by 2 s
    rng = np.random.default_rng(1)
    s = 3e-4
    noise = np.sqrt(2) * s * rng.standard_normal((2, 20_000))
    ratio = 1 + 0.3 * np.sin(np.arange(20_000) / 50)
    found = _sky_error(*(solution(ratio * np.exp(n)) for n in noise))
    assert found == pytest.approx(s, rel=0.03)


def test_a_flux_scale_is_no_error_and_missing_fits_do_not_matter():
    ratio = np.full(90, 1.2)
    other = 1.1 * ratio
    other[7] = np.nan
    other[8] = -1
    assert _sky_error(solution(ratio), solution(other)) == pytest.approx(0, abs=1e-12)
    assert _sky_error(solution(np.full(5, np.nan)), solution(np.ones(5))) == 0


def test_it_adds_to_the_variance_of_the_gain():
    n = 9
    fit = {
        "time": np.arange(n) * 4.0,
        "scan": np.ones(n, int),
        "I_extended": np.ones(n),
        "I_extended_err": np.full(n, 0.003),
        "I_compact": np.full(n, 2.0),
        "I_compact_err": np.full(n, 0.001),
        "covariance": np.zeros(n),
        "chi2": np.ones(n),
        "n_vis": np.full(n, 100),
    }
    (own,) = describe_gains([fit], [np.ones(n, bool)], 2.0)
    assert with_sky_error(own, 0.004).curve.variance == pytest.approx(
        own_gains(fit).variance + 16e-6
    )
