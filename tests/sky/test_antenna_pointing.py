"""Where each antenna points to: offsets, their errors, and what they do to light curves."""

from functools import cache

import numpy as np
import pytest

from minispiral.sky.antenna_pointing import INTERVAL, PointingEquations, antenna_pointing
from minispiral.sky.track import SpwData, fit_fluxes, minispiral_visibilities
from minispiral.sky.track_pointing import track_pointing
from tests.helpers.averages import CORE, FREQUENCY, Array, sky

ANTENNAS, N, STEP, TAU = 16, 90, 40.0, 900.0
TIMES = np.arange(N) * STEP
ARRAY = Array(ANTENNAS, TIMES)


def wandering(seed: int, size: float = 1.0) -> np.ndarray:
    """Offsets of all antennas, arcsec, each an Ornstein-Uhlenbeck process: ``(N, ANTENNAS, 2)``."""
    rng = np.random.default_rng(seed)
    covariance = np.exp(-np.abs(TIMES[:, None] - TIMES) / TAU)
    drawn = np.linalg.cholesky(covariance) @ rng.standard_normal((N, 2 * ANTENNAS))
    return size * drawn.reshape(N, ANTENNAS, 2)


@cache
def data(seed: int, size: float = 1.0, sigma: float = 0.004, truth: int = 1):
    offset, rows = wandering(truth, size), ARRAY.rows
    ends = np.stack([offset[rows.bin, rows.antenna1], offset[rows.bin, rows.antenna2]])
    seen = sky().minispiral_visibilities(rows.uv, FREQUENCY, offset=ends)
    return SpwData(ARRAY.data(minispiral=seen, sigma=sigma, seed=seed))


def fluxes(spw: SpwData, pointing=None):
    return fit_fluxes(spw, minispiral_visibilities(spw.averages, sky(), 1, pointing), 1.0, CORE)


def solved(*spws: SpwData):
    equations = PointingEquations(ARRAY.rows.antennas, TIMES[0], TIMES[-1])
    for spw in spws:
        equations.add(spw.averages, fluxes(spw), sky())
    return antenna_pointing(equations)


def ratio(spw: SpwData, pointing=None) -> np.ndarray:
    found = fluxes(spw, pointing)
    return np.log(found.core / found.extended)


def of_intervals(offset: np.ndarray) -> np.ndarray:
    """Mean of the true offsets over each interval."""
    label = (TIMES // INTERVAL).astype(int)
    return np.stack([offset[label == k].mean(axis=0) for k in np.unique(label)])


def test_offsets_that_wander_are_found():
    found = solved(*(data(seed, size=0.4) for seed in range(3)))
    true = of_intervals(wandering(1, 0.4))
    assert found.pointing.evidence > 1000
    left = found.pointing.own - true
    assert np.std(left) < 0.6 * np.std(true)
    assert 0.25 < np.std(found.pointing.own) < 0.5
    assert 300 < found.timescale < 3000


def test_the_arrays_mean_is_known_within_its_error():
    pulls = []
    for truth in range(6):
        found = solved(data(3, 0.3, truth=truth)).pointing
        true = of_intervals(wandering(truth, 0.3)).mean(axis=1)
        pulls.append((found.offset - true) / found.error)
    assert np.sqrt(np.mean(np.square(pulls))) == pytest.approx(1, abs=0.25)


def test_light_curves_no_longer_drift_by_the_second_order_either():
    """Offsets of 1 arcsec: the first order alone would leave what their squares do."""
    spws = [data(seed, sigma=5e-4) for seed in range(2)]
    found = solved(*spws)
    without, with_it = ratio(spws[0]), ratio(spws[0], found.pointing)
    assert np.std(with_it) < np.std(without) / 3


def test_what_the_posterior_leaves_is_what_light_curves_scatter_by():
    """Of noise so low that nothing else is seen in the light curve."""
    left, expected = [], []
    for truth in range(6):
        spw = data(5, 0.3, sigma=1.5e-3, truth=truth)
        found = solved(spw)
        thermal = data(5, 0.0, sigma=1.5e-3)
        curve = ratio(spw, found.pointing) - ratio(thermal)
        left.append(np.var(curve))
        expected.append(found.variances[0])
    # some of it is the offsets' change within an interval
    assert 0.6 < np.mean(left) / np.mean(expected) < 1.9


@pytest.mark.parametrize("seed", range(3))
def test_noise_alone_gives_no_evidence(seed):
    assert solved(data(seed, size=0.0)).pointing.evidence < 10


def test_rows_in_any_order_give_the_same():
    spw = data(1)
    order = np.random.default_rng(0).permutation(len(spw.averages.bin))
    shuffled = SpwData(spw.averages.rows(order))
    one, other = solved(spw).pointing, solved(shuffled).pointing
    np.testing.assert_allclose(other.own, one.own, atol=1e-6)


def test_an_antenna_without_data_has_no_offset_and_others_keep_theirs():
    rows = data(1).averages
    kept = rows.rows((rows.antenna1 != 3) & (rows.antenna2 != 3))
    names = [name for place, name in enumerate(rows.antennas) if place != 3]
    equations = PointingEquations(names, TIMES[0], TIMES[-1])
    spw = SpwData(kept)
    equations.add(kept, fluxes(spw), sky())
    found = antenna_pointing(equations).pointing
    assert found.antennas.tolist() == names
    assert found.own.shape == (len(found.time), ANTENNAS - 1, 2)


def test_a_track_whose_antennas_err_each_on_their_own_has_offsets_of_each():
    spws = [data(seed) for seed in range(2)]
    used = np.arange(ANTENNAS)
    found = track_pointing(lambda: iter(spws), used, sky(), wanted=True)
    assert found.kept
    assert len(found.pointing.antennas) == ANTENNAS
    assert all(0 < of_spw.variance < 1e-5 for of_spw in found.drifts)
    unwanted = track_pointing(lambda: iter(spws), used, sky(), wanted=False)
    assert not unwanted.kept
    assert unwanted.drifts[0].variance > found.drifts[0].variance


def test_one_interval_tells_nothing():
    equations = PointingEquations(ARRAY.rows.antennas, 0.0, 50.0)
    assert antenna_pointing(equations) is None
