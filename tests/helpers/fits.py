"""Fits drawn from their own errors, for tests of what is made from them."""

import numpy as np

POLARIZATION = {"Q": 0.12, "U": -0.2, "V": -0.03}


def make_fit(n: int, extended=1.1, compact=2.4, seed: int = 1) -> dict[str, np.ndarray]:
    """Fits drawn from their own errors, F_ext and F_core anticorrelated as the method has them."""
    rng = np.random.default_rng(seed)
    s_extended, s_compact, correlation = 0.004, 0.001, -0.8
    covariance = correlation * s_extended * s_compact
    matrix = [[s_extended**2, covariance], [covariance, s_compact**2]]
    noise = rng.multivariate_normal([0, 0], matrix, n).T
    fit = {
        "time": 4998188200.0 + 6.0 * np.arange(n),
        "observation": np.zeros(n, int),
        "array": np.zeros(n, int),
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
