"""The Gaussian process against dense algebra, and its scales against what was drawn."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from minispiral.gains.factored import Factored
from minispiral.gains.process import (
    ROUGH,
    SMOOTH,
    Process,
    Series,
    constant_evidence,
    fit_process,
    fit_without_outliers,
    smooth_kernel,
)

N = 240


def times(n: int = N) -> np.ndarray:
    """Six scans of 4 minutes and 2 minutes between them."""
    k = np.arange(n)
    return 4998188200.0 + 6.0 * k + 120.0 * (k // 40)


def covariance(smoothness: float, amplitude: float, timescale: float, t: np.ndarray) -> np.ndarray:
    distance = np.abs(t[:, None] - t) / timescale
    if smoothness == ROUGH:
        return amplitude**2 * np.exp(-distance)
    return amplitude**2 * (1 + np.sqrt(3) * distance) * np.exp(-np.sqrt(3) * distance)


def draw(smoothness=SMOOTH, amplitude=0.03, timescale=900.0, noise=1.0, seed=1, n=N) -> Series:
    """A process of mean 0.1 with errors between 0.003 and 0.005."""
    rng = np.random.default_rng(seed)
    t = times(n)
    error = rng.uniform(0.003, 0.005, n)
    root = np.linalg.cholesky(covariance(smoothness, amplitude, timescale, t) + 1e-12 * np.eye(n))
    value = 0.1 + root @ rng.standard_normal(n) + noise * error * rng.standard_normal(n)
    return Series(t, value, error, np.zeros(n, int))


@pytest.mark.parametrize("smoothness", [SMOOTH, ROUGH])
@pytest.mark.parametrize("scans", [False, True])
def test_likelihood_and_posterior_are_those_of_dense_algebra(smoothness, scans):
    data = draw()
    if scans:
        data = Series(data.time, data.value, data.error, np.arange(N) // 40)
    process = Process(0.03, 900.0, 0.9, data, smoothness)
    k = covariance(smoothness, 0.03, 900.0, data.time)
    k = np.where(data.segment[:, None] == data.segment, k, 0)
    a = k + np.diag((0.9 * data.error) ** 2)
    inverse, one = np.linalg.inv(a), np.ones(N)
    mean = one @ inverse @ data.value / (one @ inverse @ one)
    assert process.mean == pytest.approx(mean, abs=1e-6)
    likelihood = multivariate_normal.logpdf(data.value, np.full(N, mean), a)
    assert process.log_likelihood == pytest.approx(likelihood, abs=0.01)
    h = k @ inverse
    left = 1 - h @ one
    weights = h + np.outer(left, one @ inverse) / (one @ inverse @ one)
    error = k - h @ k + np.outer(left, left) / (one @ inverse @ one)
    centre = np.eye(N) - 1 / N
    posterior = process.predict(data.time, data.segment)
    np.testing.assert_allclose(posterior.mean, weights @ data.value, atol=1e-6)
    np.testing.assert_allclose(posterior.variance, np.diag(error), rtol=1e-3)
    np.testing.assert_allclose(posterior.deviation, np.diag(centre @ error @ centre), rtol=1e-3)


@pytest.mark.parametrize("smoothness", [SMOOTH, ROUGH])
def test_the_posterior_at_the_data_is_that_at_times_beside_them(smoothness):
    data = draw(smoothness)
    data = Series(data.time, data.value, data.error, np.arange(N) // 40)
    process = Process(0.03, 900.0, 0.9, data, smoothness)
    at_data = process.predict(data.time, data.segment)
    beside = process.predict(data.time + 1e-4, data.segment)
    for name in ("mean", "variance", "deviation"):
        np.testing.assert_allclose(getattr(at_data, name), getattr(beside, name), rtol=1e-4)


def test_between_segments_nothing_is_known():
    data = draw()
    process = Process(0.03, 900.0, 1.0, data)
    elsewhere = process.predict(data.time[:1] + 3.0, np.array([1]))
    assert elsewhere.mean[0] == pytest.approx(process.mean)
    assert elsewhere.variance[0] > 0.03**2


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.0])
def test_the_noise_factor_is_found(noise):
    factors = [fit_without_outliers(draw(noise=noise, seed=seed))[0].noise for seed in range(10)]
    assert np.mean(factors) == pytest.approx(noise, rel=3 * 0.046 / np.sqrt(10))


def test_the_scales_are_found():
    processes = [fit_process(draw(timescale=600.0, seed=seed)) for seed in range(8)]
    assert np.median([p.timescale for p in processes]) == pytest.approx(600, rel=0.3)
    assert np.median([p.amplitude for p in processes]) == pytest.approx(0.03, rel=0.3)
    assert sum(p.smoothness == SMOOTH for p in processes) >= 7
    rough = [fit_process(draw(ROUGH, 0.02, 600.0, seed=seed)) for seed in range(8)]
    assert sum(p.smoothness == ROUGH for p in rough) >= 7


def test_posterior_errors_are_those_of_the_process():
    pulls = []
    for seed in range(8):
        data = draw(seed=seed)
        noiseless = draw(seed=seed, noise=0.0).value
        known = fit_process(data).predict(data.time, data.segment)
        pulls.append((known.mean - noiseless) / np.sqrt(known.variance))
    # errors within a few minutes are alike: some 100 independent ones in all
    assert 0.8 < np.std(pulls) < 1.2


def test_outliers_are_left_out():
    data = draw()
    data.value[[30, 31, 150]] += [0.05, -0.04, 0.06]
    process, kept = fit_without_outliers(data)
    assert np.flatnonzero(~kept).tolist() == [30, 31, 150]
    assert process.noise == pytest.approx(1, abs=0.15)
    assert fit_without_outliers(draw())[1].all()


def test_evidence_tells_a_constant_from_a_drift():
    quiet, drifting = draw(amplitude=1e-6), draw(amplitude=0.01)
    assert constant_evidence(quiet) > fit_process(quiet).evidence
    assert constant_evidence(drifting) < fit_process(drifting).evidence - 10


def test_too_few_values_are_refused():
    with pytest.raises(ValueError, match="3 values"):
        fit_process(draw(n=3))


def test_scales_whose_covariance_cannot_be_factored_are_passed_over(monkeypatch):
    """Rounding may leave a covariance that is not positive definite: others are as good."""
    data = Series.unbroken(np.arange(40) * 6.0, np.sin(np.arange(40) / 8), np.full(40, 0.1))
    factor, calls = Factored.of, iter(range(10_000))

    def rounded(*arguments):
        if next(calls) % 7 == 3:
            raise np.linalg.LinAlgError("failed to factorize or solve matrix")
        return factor(*arguments)

    expected = fit_process(data)
    monkeypatch.setattr(Factored, "of", rounded)
    assert fit_process(data).log_likelihood > expected.log_likelihood - 1


def test_a_covariance_that_is_not_positive_definite_is_told():
    times = np.arange(40) * 1e-9
    with pytest.raises(np.linalg.LinAlgError):
        Factored.of(smooth_kernel(1e3), times, np.full(40, 1e-30))
