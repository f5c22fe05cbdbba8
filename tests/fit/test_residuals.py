"""What a fit leaves, by baseline: against noise and errors of the model that are known."""

import numpy as np
import pytest

from minispiral.fit.residuals import BINS_PER_DECADE, HOUR_ANGLE_BIN, HourAngleSums, ResidualSums


def noisy(rng, n: int, sigma: np.ndarray) -> np.ndarray:
    return sigma * (rng.standard_normal(n) + 1j * rng.standard_normal(n))


def test_noise_has_chi_square_1_and_no_mean():
    rng = np.random.default_rng(1)
    n = 40_000
    baseline, sigma = rng.uniform(1e4, 3e5, n), rng.uniform(0.5, 2, n)
    sums = ResidualSums()
    sums.add(baseline, sigma**-2.0, noisy(rng, n, sigma), np.ones(n, complex))
    table = sums.table()
    assert table["n_vis"].sum() == n
    # chi-square of 2 n real parts has a standard deviation of sqrt(1/n)
    assert np.std((table["chi2"] - 1) * np.sqrt(table["n_vis"])) == pytest.approx(1, abs=0.5)
    assert np.std(table["mean"] / table["mean_err"]) == pytest.approx(1, abs=0.5)
    np.testing.assert_allclose(table["visibility"], 1)


def test_what_the_model_lacks_is_the_mean():
    rng = np.random.default_rng(2)
    n = 10_000
    baseline = rng.uniform(1e4, 1e5, n)
    lacks = np.where(baseline < 2e4, 0.3, 0.0)
    sums = ResidualSums()
    sums.add(baseline, np.full(n, 100.0), lacks + noisy(rng, n, np.full(n, 0.1)), lacks + 0j)
    table = sums.table()
    short = table["baseline"] < 10 ** (np.floor(np.log10(2e4) * 12) / 12)
    assert np.all(np.abs(table["mean"][short] - 0.3) < 4 * table["mean_err"][short])
    # 1 + (0.3/0.1)^2 / 2: the offset is in the real part alone
    np.testing.assert_allclose(table["chi2"][short], 1 + 4.5, rtol=0.1)
    np.testing.assert_allclose(table["residual"], 0.1 * np.sqrt(table["chi2"]))


def test_blocks_add_up_and_unused_samples_do_not_count():
    rng = np.random.default_rng(3)
    n = 1000
    baseline, weight = rng.uniform(1e3, 1e6, n), rng.choice([0.0, 1.0, 2.0], n)
    residual, visibility = noisy(rng, n, np.ones(n)), noisy(rng, n, np.ones(n))
    whole, parts, used = ResidualSums(), ResidualSums(), weight > 0
    whole.add(baseline[used], weight[used], residual[used], visibility[used])
    for block in np.array_split(np.arange(n), 7):
        parts.add(baseline[block], weight[block], residual[block], visibility[block])
    for name in whole.table().colnames:
        np.testing.assert_allclose(whole.table()[name], parts.table()[name], rtol=1e-12)


def test_bins_are_of_equal_ratio():
    baseline = np.geomspace(1e4, 1e5, 500, endpoint=False)
    sums = ResidualSums()
    ones = np.ones(len(baseline))
    sums.add(baseline, ones, ones + 0j, ones + 0j)
    assert len(sums.table()) == BINS_PER_DECADE


def test_no_sample_makes_an_empty_table():
    assert len(ResidualSums().table()) == 0
    assert len(HourAngleSums(np.arange(3.0)).table()) == 0


def test_by_hour_angle_noise_has_chi_square_1_and_what_the_model_lacks_shows_in_its_bin():
    rng = np.random.default_rng(4)
    integrations, each = 60, 500
    hours = np.linspace(-0.6, 0.88, integrations)
    integration = np.repeat(np.arange(integrations), each)
    sigma = rng.uniform(0.5, 2, len(integration))
    residual = noisy(rng, len(integration), sigma)
    wrong = (hours >= 0.25) & (hours < 0.5)  # a bin
    residual += 3 * sigma * wrong[integration]
    weight = np.where(np.arange(len(integration)) % 5, sigma**-2.0, 0.0)
    sums = HourAngleSums(hours)
    for block in np.array_split(rng.permutation(len(integration)), 7):
        sums.add(integration[block], weight[block], residual[block])
    table = sums.table()
    place = np.floor(hours / HOUR_ANGLE_BIN)
    bins = np.unique(place)
    assert len(table) == len(bins) == 7
    expected = [hours[place == k].mean() for k in bins]
    np.testing.assert_allclose(table["hour_angle"], expected, rtol=1e-12)
    assert list(table["n_vis"]) == [400 * np.sum(place == k) for k in bins]
    inside = (table["hour_angle"] > 0.25) & (table["hour_angle"] < 0.5)
    assert inside.sum() == 1
    error = 1 / np.sqrt(table["n_vis"])
    assert np.all(np.abs(table["chi2"][~inside] - 1) < 4 * error[~inside])
    # 1 + 3^2 / 2: the offset is in the real part alone
    np.testing.assert_allclose(table["chi2"][inside], 5.5, rtol=0.05)
