"""The array's mean pointing, and what drifts because antennas err each on their own."""

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest

from minispiral.sky.array_drift import BLOCK, drift, groups_of, groups_of_used
from minispiral.sky.array_pointing import (
    EVIDENCE,
    FEWEST_INTERVALS,
    SpwSums,
    array_pointing,
    ratios,
)
from minispiral.sky.group_sums import group_sums
from minispiral.visibilities.gain_equations import _without_common
from tests.helpers.averages import FREQUENCY, Array, independent_errors, sky

ANTENNAS, N, STEP = 16, 120, 30.0
TIMES = np.arange(N) * STEP
ARRAY = Array(ANTENNAS, TIMES)
OFFSET = np.stack([0.15 * np.sin(TIMES / 500), 0.15 * np.cos(TIMES / 700)], axis=-1)


def spw(data) -> SpwSums:
    return SpwSums(group_sums(data, sky(), groups_of(len(data.antennas))), np.ones(N, bool), 1.0)


@cache
def pointed(seed: int, sigma: float = 0.004, scale: float = 1.0) -> SpwSums:
    minispiral = sky().minispiral_visibilities(
        ARRAY.rows.uv, FREQUENCY, offset=np.stack(2 * [scale * OFFSET[ARRAY.rows.bin]])
    )
    return spw(ARRAY.data(minispiral=minispiral, seed=seed, sigma=sigma))


def ratio(sums: SpwSums, offset: np.ndarray | None = None) -> np.ndarray:
    fit = sums.sums.within(range(sums.sums.products["mm"].shape[1]))
    return (fit if offset is None else fit.pointed(offset)).ratio()[0]


def test_offsets_that_drift_are_found_within_their_errors():
    pulls, evidence = [], []
    for seed in range(4):
        pointing, processes = array_pointing([pointed(seed)])
        assert len(processes) == 2
        truth = np.stack([np.interp(pointing.time, TIMES, axis) for axis in OFFSET.T], axis=-1)
        pulls.append((pointing.offset - truth) / pointing.error)
        evidence.append(pointing.evidence)
    assert np.sqrt(np.mean(np.square(pulls))) == pytest.approx(1, abs=0.25)
    assert min(evidence) > EVIDENCE


def test_the_light_curve_no_longer_drifts():
    # noise so low that only the pointing is seen
    sums = pointed(0, sigma=1e-3)
    pointing, _ = array_pointing([sums])
    without, with_it = ratio(sums), ratio(sums, pointing.at(TIMES))
    assert np.std(without) > 3 * np.std(with_it)
    assert np.std(with_it) < 1.3 * np.std(ratio(sums, OFFSET))


@pytest.mark.parametrize("seed", range(5))
def test_noise_alone_gives_no_evidence(seed):
    pointing, _ = array_pointing([pointed(seed, scale=0.0)])
    assert pointing.evidence < EVIDENCE / 4


def test_all_spws_tell_of_one_pointing():
    spws = [pointed(seed, sigma=0.008) for seed in range(4)]
    alone, together = array_pointing(spws[:1])[0], array_pointing(spws)[0]
    assert together.evidence > alone.evidence
    assert np.median(together.error) < 0.75 * np.median(alone.error)


def test_a_bin_that_is_not_used_is_not_learned_from():
    sums = pointed(0)
    products = {name: values.copy() for name, values in sums.sums.products.items()}
    products["vx"][50] *= 30
    used = np.arange(N) != 50
    broken = replace(sums, sums=replace(sums.sums, products=products), used=used)
    expected = array_pointing([replace(sums, used=used)])[0]
    assert np.array_equal(array_pointing([broken])[0].offset, expected.offset)


def test_where_the_data_cannot_tell_there_is_no_pointing():
    few = np.arange(N) < 2
    model = replace(sky(), dish_m=None)  # a primary beam that is in the model already
    data = ARRAY.data()
    blind = SpwSums(group_sums(data, model, groups_of(ANTENNAS)), np.ones(N, bool), 1.0)
    for sums in (replace(pointed(0), used=few), blind):
        pointing, processes = array_pointing([sums])
        assert (len(pointing.time), pointing.evidence, processes) == (0, 0.0, [])
    assert few.sum() < FEWEST_INTERVALS


@pytest.mark.parametrize(
    ("antennas", "groups"), [(0, 1), (3, 1), (7, 1), (8, 4), (11, 4), (12, 6), (16, 8), (43, 8)]
)
def test_groups_are_even_in_number_and_of_two_antennas_at_least(antennas, groups):
    group = groups_of(antennas)
    assert len(group) == antennas
    counts = np.bincount(group, minlength=groups)
    assert len(counts) == groups
    assert groups == 1 or counts.min() >= 2
    assert counts.max() - counts.min() <= 1


SLOWLY = np.arange(60) * 60.0


def of_halves(spws):
    """Ratios of parts of the array, without any pointing."""
    return partial(ratios, spws, processes=[])


def drifting(seed: int, antennas: int, size: float) -> tuple[float, float]:
    """Variance that drifts as it is measured, and that of the light curve without noise.

    Amplitudes err by `size` over five minutes, each antenna its own, in an array for each seed.
    """
    array, used = Array(antennas, SLOWLY, seed), np.ones(len(SLOWLY), bool)
    errors = independent_errors(SLOWLY, antennas, size, 300.0, seed)
    gain = _without_common(np.exp(errors))
    data = array.data(gain=gain, sigma=0.003, seed=seed)
    sums = SpwSums(group_sums(data, sky(), groups_of(antennas)), used, 1.0)
    exact = group_sums(array.data(gain=gain, sigma=1e-9), sky(), np.zeros(antennas, int))
    curve = exact.within([0]).ratio()[0]
    curve -= curve.mean()
    block = (SLOWLY // BLOCK).astype(int)
    true = np.sum(np.bincount(block, curve) ** 2) - np.sum(curve**2)
    pairs = np.sum(np.bincount(block) ** 2) - len(curve)
    return drift([sums], of_halves([sums]))[0].variance, float(true / pairs)


@pytest.mark.parametrize("antennas", [12, 24])
def test_the_variance_that_drifts_is_not_too_small_and_at_most_about_twice(antennas):
    """A jackknife is too large in the mean (Efron & Stein 1981), never too small.

    Halves of the array lack the baselines between them, whose shares in the light curve differ:
    for errors e_i + e_j with share x_ij that adds sum x_ij^2 to sum_i (sum_j x_ij)^2.
    """
    measured, true = np.mean([drifting(seed, antennas, 0.03) for seed in range(10)], axis=0)
    assert 0.8 * true < measured < 2.2 * true


def test_errors_twice_as_large_drift_by_twice_as_much():
    one, two = (drifting(3, 24, size)[0] for size in (0.02, 0.04))
    assert np.sqrt(two / one) == pytest.approx(2, rel=0.05)


def test_noise_alone_drifts_in_few_tracks():
    found = np.array([drifting(seed, 12, 0.0)[0] for seed in range(12)])
    assert np.mean(found == 0) >= 0.75
    assert (found >= 0).all()


def test_fewer_than_8_antennas_cannot_tell():
    assert np.isnan(drifting(0, 7, 0.03)[0])


@pytest.mark.parametrize("timescale", [200.0, 900.0])
def test_how_long_it_drifts_is_found(timescale):
    times, found = np.arange(200) * 40.0, []
    for seed in range(2):
        errors = independent_errors(times, ANTENNAS, 0.04, timescale, seed)
        data = Array(ANTENNAS, times, seed).data(
            gain=_without_common(np.exp(errors)), sigma=0.002, seed=seed
        )
        sums = SpwSums(group_sums(data, sky(), groups_of(ANTENNAS)), np.ones(200, bool), 1.0)
        found.append(drift([sums], of_halves([sums]))[0].timescale)
    # by steps of the square root of 2, of few independent values
    assert 0.5 * timescale < np.sqrt(np.prod(found)) < 2 * timescale


@pytest.mark.parametrize("listed", [12, 24])
def test_antennas_without_data_change_nothing(listed):
    """Rows of ANTENNA that no data use have no share in halves: 12 antennas drift as they do."""
    array, used = Array(12, SLOWLY, 5), np.ones(len(SLOWLY), bool)
    errors = independent_errors(SLOWLY, 12, 0.03, 300.0, 5)
    data = array.data(gain=_without_common(np.exp(errors)), sigma=0.003, seed=5)
    spread = np.arange(12) * (listed // 12)
    names = np.array([f"A{k:02d}" for k in range(listed)])
    antenna1, antenna2 = spread[data.antenna1], spread[data.antenna2]
    data = replace(data, antenna1=antenna1, antenna2=antenna2, antennas=names)
    group = groups_of_used(listed, np.concatenate([antenna1, antenna2]))
    sums = [SpwSums(group_sums(data, sky(), group), used, 1.0)]
    found = drift(sums, of_halves(sums))
    assert found[0].variance == pytest.approx(drifting(5, 12, 0.03)[0], rel=1e-12)


def test_fewer_than_8_antennas_with_data_cannot_tell():
    group = groups_of_used(28, np.arange(6) * 4)
    assert len(group) == 28
    assert not group.any()


def test_spws_that_hardly_drift_tell_together():
    """Four spws see the antennas of one array; some alone cannot tell that they err."""
    errors = independent_errors(SLOWLY, 24, 0.0012, 300.0, 4)
    gain, used = _without_common(np.exp(errors)), np.ones(len(SLOWLY), bool)
    spws = []
    for seed in range(4):
        data = Array(24, SLOWLY, 4).data(gain=gain, sigma=0.012, seed=seed)
        spws.append(SpwSums(group_sums(data, sky(), groups_of(24)), used, 1.0))
    alone = [drift([spw], of_halves([spw]))[0].variance for spw in spws]
    assert min(alone) == 0
    together = [found.variance for found in drift(spws, of_halves(spws))]
    assert min(together) > 0
    # what a fit has absorbed of the differences of halves is allowed for
    absorbed = [found.variance for found in drift(spws, of_halves(spws), absorbed=True)]
    assert np.all(np.array(absorbed) >= together)
    assert max(absorbed) > min(together)
