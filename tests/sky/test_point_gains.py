"""What QA2's solution on a point has left in the data, by data that were calibrated so."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import least_squares

from minispiral.sky.averages import Averages
from minispiral.sky.point_gains import AMPLITUDES, PHASES, point_gains
from minispiral.sky.slow_gains import NONE, SlowGains, no_gains
from minispiral.sky.track import (
    SpwData,
    fit_fluxes,
    minispiral_visibilities,
    solve_track_gains,
)
from tests.helpers.averages import CORE, Array, independent_errors, sky

TIMES = np.arange(40) * 60.0
ARRAY = Array(8, TIMES)


def solution_on_a_point(data: Averages, kind: int) -> np.ndarray:
    """Antenna gains of each bin for which a point fits best, by a generic least-squares solver."""
    n, gains = len(data.antennas), []
    for place in range(data.number):
        rows = data.rows(data.bin == place)
        one, two = rows.antenna1, rows.antenna2

        def gain(x: np.ndarray) -> np.ndarray:
            size = np.exp(x[:n]) if kind == AMPLITUDES else np.ones(n)
            return size * np.exp(1j * np.concatenate([[0.0], x[n:]]))

        def misfit(x: np.ndarray, one=one, two=two, rows=rows) -> np.ndarray:
            g = gain(x)
            left = (rows.weight > 0) * (rows.values - 2.5 * g[one] * np.conj(g[two]))
            return np.concatenate([left.real, left.imag])

        gains.append(gain(least_squares(misfit, np.zeros(2 * n - 1), xtol=1e-12).x))
    return np.array(gains)


def as_qa2_leaves_it(kind: int, sigma: float, away: tuple[int, ...] = ()) -> Averages:
    """Data of a constant core that QA2 has solved for on a point; their weights do not follow.

    Antenna 3 is away in some bins.
    """
    data = ARRAY.data(sigma=sigma)
    gone = np.isin(data.bin, away) & ((data.antenna1 == 3) | (data.antenna2 == 3))
    data = replace(data, weight=np.where(gone, 0.0, data.weight))
    return replace(data.divided(solution_on_a_point(data, kind)), weight=data.weight)


def turns(data: Averages, number: int) -> SlowGains:
    found = [no_gains(data.antennas)]
    spws = [SpwData(data)]
    for _ in range(number):
        found = solve_track_gains(spws, found, [minispiral_visibilities(data, sky())], CORE)
    return found[0]


@pytest.mark.parametrize("kind", [PHASES, AMPLITUDES])
def test_what_is_predicted_is_what_a_solution_on_a_point_takes(kind):
    array = Array(6, TIMES[:3])
    model = array.data(sigma=1e-9)
    taken = 1 / point_gains(model, model.values, np.ones(3, bool), kind)
    expected = solution_on_a_point(model, kind)
    ratio = taken / expected
    # but for what all antennas share
    np.testing.assert_allclose(ratio / ratio[:, :1], 1, atol=1e-5)


@pytest.mark.parametrize("kind", [PHASES, AMPLITUDES])
def test_the_fluxes_are_found_without_a_free_parameter(kind):
    data = as_qa2_leaves_it(kind, 0.01)
    found = turns(data, 8)
    assert (found.point, found.interval, found.parameters) == (kind, NONE, 0)
    assert found.score[found.tried == NONE] == found.score.min() < 0
    model = minispiral_visibilities(data, sky())
    before = fit_fluxes(SpwData(data), model, 1.0, CORE)
    after = fit_fluxes(SpwData(data).corrected(found), model, 1.0, CORE)
    # F_core / F_ext is 2.5 / 1.1, whatever gain all antennas share
    ratio, error = after.core / after.extended, after.error / after.extended
    assert abs(np.mean(ratio) * 1.1 / 2.5 - 1) < 4 * np.mean(error) / np.sqrt(len(ratio))
    assert np.mean(before.chi2) > 2 * np.mean(after.chi2)
    assert 0.5 < np.mean(after.chi2) < 1.1  # QA2 has taken noise


def test_gains_of_antennas_that_err_are_not_taken_for_it():
    errors = [independent_errors(TIMES, 8, 0.03, 900.0, seed) for seed in (1, 2)]
    gain = np.exp(errors[0] + 1j * errors[1])
    found = turns(ARRAY.data(gain=gain / np.exp(np.log(gain).mean(axis=1, keepdims=True))), 6)
    assert found.point == 0
    assert found.is_slow


def test_a_broken_bin_and_an_antenna_that_is_away_spoil_no_gain_beside_them():
    sound = turns(as_qa2_leaves_it(AMPLITUDES, 0.01), 6)
    data = as_qa2_leaves_it(AMPLITUDES, 0.01, away=(29, 30, 31, 32, 33))
    values = data.values.copy()
    values[data.bin == 20] = np.random.default_rng(2).standard_normal(np.sum(data.bin == 20))
    found = turns(replace(data, values=values), 6)
    assert found.point == AMPLITUDES
    # also between the averages, whose integrations have what lines through them give
    time = np.arange(18.0, 36.0, 0.25) * 60.0
    elsewhere = np.arange(8) != 3
    ratio = found.at(time)[:, elsewhere] / sound.at(time)[:, elsewhere]
    ratio = ratio / ratio.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(ratio, 1, atol=0.02)
