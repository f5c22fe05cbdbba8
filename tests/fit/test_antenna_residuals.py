"""What the fit leaves, by antenna: against noise and gains that are known."""

from itertools import combinations

import numpy as np
import pytest

from minispiral.fit.antenna_residuals import AntennaSums

N = 12
NAMES = [f"A{k}" for k in range(N)]
TIMES = 400
SIGMA = 0.01
MODEL = 2.0 * np.exp(0.7j)
FIRST, SECOND = np.array(list(combinations(range(N), 2))).T


def measured(gains: np.ndarray, blocks: int = 1):
    """Residuals of antennas with these gains, ``(n_time, N)``, of a source of `MODEL`."""
    rng = np.random.default_rng(5)
    seen = MODEL * gains[:, FIRST] * np.conj(gains[:, SECOND])
    noise = SIGMA * (rng.standard_normal(seen.shape) + 1j * rng.standard_normal(seen.shape))
    residual = (seen - MODEL + noise).ravel()
    ends = np.tile(FIRST, TIMES), np.tile(SECOND, TIMES)
    sums = AntennaSums(NAMES)
    for rows in np.array_split(np.arange(len(residual)), blocks):
        weight, model = np.full(len(rows), SIGMA**-2.0), np.full(len(rows), MODEL)
        sums.add(ends[0][rows], ends[1][rows], weight, residual[rows], model)
    return sums.table()


def test_noise_of_the_right_weight_has_chi_square_1():
    table = measured(np.ones((TIMES, N)))
    assert table["antenna"].tolist() == NAMES
    assert table["n_vis"].tolist() == [TIMES * (N - 1)] * N
    for name in ("chi2", "chi2_amplitude", "chi2_phase"):
        # of n real parts it has a standard deviation of sqrt(2/n)
        np.testing.assert_allclose(table[name], 1, atol=5 * np.sqrt(2 / (TIMES * (N - 1))))


@pytest.mark.parametrize(("kind", "other"), [("phase", "amplitude"), ("amplitude", "phase")])
def test_an_antennas_error_is_seen_in_its_own_part_and_on_its_baselines(kind, other):
    error = 0.01 * np.random.default_rng(6).standard_normal(TIMES)
    gains = np.ones((TIMES, N), complex)
    gains[:, 3] = np.exp(1j * error if kind == "phase" else error)
    table = measured(gains)
    excess = (np.abs(MODEL) / SIGMA) ** 2 * np.mean(error**2)  # on each of its baselines
    assert table[f"chi2_{kind}"][3] == pytest.approx(1 + excess, rel=0.03)
    assert np.delete(table[f"chi2_{kind}"], 3) == pytest.approx(1 + excess / (N - 1), rel=0.05)
    assert table[f"chi2_{other}"] == pytest.approx(1, abs=0.1)
    assert table["chi2"] == pytest.approx((table["chi2_phase"] + table["chi2_amplitude"]) / 2)


def test_blocks_add_up_and_what_is_not_used_does_not_count():
    gains = np.ones((TIMES, N))
    whole, parts = measured(gains), measured(gains, 7)
    for name in whole.colnames[1:]:
        np.testing.assert_allclose(whole[name], parts[name], rtol=1e-12)
    sums = AntennaSums(NAMES)
    none = np.zeros(len(FIRST))
    sums.add(FIRST, SECOND, none, none + 0j, none + 0j)
    assert len(sums.table()) == 0
