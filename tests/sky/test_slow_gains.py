"""Slow gains of antennas: whether data ask for them, how slow, and what they are."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from minispiral.io.records import read_records, write_records
from minispiral.sky.slow_gains import INTERVALS, NONE, SlowGains, no_gains
from minispiral.sky.track import (
    SpwData,
    fit_fluxes,
    gains_of_turn,
    minispiral_visibilities,
    solve_track_gains,
)
from minispiral.visibilities.gain_equations import _without_common
from tests.helpers.averages import CORE, Array, independent_errors, sky

ANTENNAS, TIMES = 10, np.arange(120) * 30.0
ARRAY = Array(ANTENNAS, TIMES)
BROKEN = 50


def gains(size: float, timescale: float = np.inf, seed: int = 0) -> np.ndarray:
    """Amplitudes and phases that vary over `timescale` (s), or not: ``(n, n_antenna)``."""
    if np.isinf(timescale):
        rng = np.random.default_rng(seed)
        errors = size * rng.standard_normal((2, 1, ANTENNAS)).repeat(len(TIMES), axis=1)
    else:
        errors = [
            independent_errors(TIMES, ANTENNAS, size, timescale, 2 * seed + k) for k in range(2)
        ]
    return _without_common(np.exp(errors[0] + 1j * errors[1]))


def solved(spws: Sequence, turns: int = 12, always: bool = False) -> list[SlowGains]:
    data = [SpwData(averages) for averages in spws]
    found = [no_gains(averages.antennas) for averages in spws]
    for _ in range(turns):
        found = solve_track_gains(data, found, seen(data), CORE, always)
    return found


def seen(data: Sequence[SpwData]) -> list[np.ndarray]:
    """Visibilities of the sky."""
    return [minispiral_visibilities(spw.averages, sky()) for spw in data]


def rms(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.abs(errors) ** 2)))


def test_constant_gains_are_found_with_one_solution_of_the_track():
    truth = gains(0.05)
    (found,) = solved([ARRAY.data(gain=truth)])
    assert found.solved
    assert np.isinf(found.interval)
    # noise of real and imaginary part from n_antenna - 1 baselines and all times, M about 2.9 Jy
    expected = 0.02 / 2.9 / np.sqrt(len(TIMES) * (ANTENNAS - 1)) * np.sqrt(2)
    assert rms(found.at(TIMES) / truth - 1) == pytest.approx(expected, rel=0.3)
    assert found.after.sum() / found.number.sum() == pytest.approx(1, abs=0.05)
    assert found.before.sum() > 5 * found.after.sum()
    assert found.parameters == 2 * (ANTENNAS - 1)
    assert found.integrations(TIMES).tolist() == [len(TIMES)] * len(TIMES)


@pytest.mark.parametrize(("timescale", "intervals"), [(1500.0, (300.0, 1200.0)), (200.0, (60.0,))])
def test_the_interval_follows_how_fast_gains_drift(timescale, intervals):
    truth = gains(0.03, timescale)
    (found,) = solved([ARRAY.data(gain=truth)])
    assert found.interval in intervals
    assert found.tried.tolist() == [length for length in INTERVALS if length != 3600.0]
    assert found.score.min() == found.score[found.tried == found.interval] < 0
    assert rms(found.at(TIMES) / truth - 1) < 0.2 * rms(truth - 1)
    shared = found.integrations(TIMES)
    assert shared.max() == found.interval / 30


@pytest.mark.parametrize("factor", [1 / 9, 1.0, 9.0])
def test_noise_alone_asks_for_none_whatever_the_weights(factor):
    for seed in range(4):
        data = ARRAY.data(seed=seed)
        (found,) = solved([replace(data, weight=factor * data.weight)], turns=1)
        assert found.interval == NONE
        assert not found.solved
        assert (found.score > 0).all()
        assert np.array_equal(found.at(TIMES), np.ones((len(TIMES), ANTENNAS)))


@pytest.mark.parametrize("factor", [1 / 9, 9.0])
def test_where_gains_are_asked_for_the_weights_do_not_matter_either(factor):
    data = ARRAY.data(gain=gains(0.03, 1500.0))
    one, other = (
        solved([replace(data, weight=f * data.weight)], turns=2)[0] for f in (1.0, factor)
    )
    assert one.interval == other.interval > 0
    assert other.score == pytest.approx(one.score, rel=1e-6)
    np.testing.assert_allclose(one.gain, other.gain, rtol=1e-6)


def test_a_gain_that_all_antennas_share_is_the_fluxes_and_not_theirs():
    common = np.exp(0.1 * np.sin(TIMES / 500))[:, None]
    (found,) = solved([ARRAY.data(gain=common)], turns=1)
    assert found.interval == NONE
    truth = gains(0.05)
    (found,) = solved([ARRAY.data(gain=common * truth)])
    assert rms(found.at(TIMES) / truth - 1) < 1e-3
    assert np.abs(np.log(np.abs(found.gain)).mean(axis=1)).max() < 1e-12


def test_always_solves_where_the_data_do_not_ask():
    (found,) = solved([ARRAY.data()], turns=1, always=True)
    assert found.solved
    assert np.isinf(found.interval)  # which is the least that can be
    assert rms(found.gain - 1) < 0.002


def test_all_spws_have_the_interval_that_suits_them_together():
    drifting, constant = gains(0.03, 1500.0), gains(0.05)
    spws = [ARRAY.data(gain=g, seed=k) for k, g in enumerate((drifting, constant))]
    found = solved(spws, turns=2)
    assert found[0].interval == found[1].interval
    assert found[0].interval in (300.0, 1200.0)
    assert np.array_equal(found[0].score, found[1].score)


def test_gains_of_a_turn_go_beyond_what_it_finds_to_half_the_error_in_each():
    truth = gains(0.05)
    errors = [
        rms(solved([ARRAY.data(gain=truth, sigma=1e-6)], turns)[0].at(TIMES) / truth - 1)
        for turns in (1, 2, 3, 4)
    ]
    assert errors[0] < 0.5 * rms(truth - 1)
    assert np.divide(errors[1:], errors[:-1]) == pytest.approx([0.5] * 3, abs=0.05)


def test_a_broken_integration_is_not_learned_from():
    truth = gains(0.05)
    broken = truth.copy()
    broken[BROKEN, :3] *= [1.45, 1.45, 0.6]
    clean, spoilt = (solved([ARRAY.data(gain=g)])[0] for g in (truth, broken))
    assert rms(spoilt.at(TIMES) / clean.at(TIMES) - 1) < 1e-3


def test_an_antenna_that_comes_and_goes_has_its_gain_to_the_edges():
    truth = gains(0.05, 1500.0)
    truth[:, 0] = 0.6
    away = (TIMES < 1000) | ((TIMES > 2000) & (TIMES < 2250))
    whole = ARRAY.data(gain=truth)
    data = whole.rows(~(away[whole.bin] & (whole.antenna1 == 0)))
    (found,), (throughout,) = solved([data]), solved([whole])
    assert found.interval == throughout.interval == 300.0
    seen_in = np.unique(TIMES[~away] // 300).astype(int)
    assert np.flatnonzero(np.isfinite(found.gain[:, 0])).tolist() == seen_in.tolist()
    assert found.parameters == 2 * (len(found.time) * (ANTENNAS - 2) + len(seen_in))
    relative = np.abs(found.at(TIMES) / truth)
    relative /= np.exp(np.log(relative[:, 1:]).mean(axis=1, keepdims=True))
    assert np.abs(relative[~away, 0] - 1).max() < 0.005
    # the others do not jump by what the mean over fewer would be: 0.6 ** (1 / 9) is 5 % off
    assert np.abs(np.abs(found.at(TIMES) / throughout.at(TIMES)) - 1).max() < 0.01
    fit, reference = (
        fit_fluxes(SpwData(rows).corrected(slow), seen([SpwData(rows)])[0], 1.0, CORE)
        for rows, slow in ((data, found), (whole, throughout))
    )
    assert fit.chi2.max() < 1.2 * reference.chi2.max()
    ratio = fit.core / fit.extended
    assert np.abs((ratio - 2.5 / 1.1) * fit.extended / fit.error / ratio).max() < 5


def test_a_gain_that_a_later_turn_does_not_find_is_not_kept():
    data = ARRAY.data(gain=gains(0.05))
    before = solved([data], turns=2)
    fewer = SpwData(data.rows(data.antenna1 != 0))
    (found,) = solve_track_gains([fewer], before, seen([fewer]), CORE)
    assert np.isnan(found.gain[:, 0]).all()
    assert found.parameters == 2 * (ANTENNAS - 2)
    assert np.array_equal(found.at(TIMES)[:, 0], np.ones(len(TIMES)))


def test_without_data_nothing_is_asked_for():
    data = ARRAY.data()
    (found,) = solved([replace(data.rows(slice(0, 0)), weight=np.zeros(0))], turns=1)
    assert found.interval == NONE


def test_turns_begin_to_solve_when_there_is_a_sky_to_believe():
    data = [SpwData(ARRAY.data(gain=gains(0.05)))]
    first = gains_of_turn(False, "auto", data, [], [None], CORE)
    assert np.isnan(first[0].interval)
    assert not first[0].solved
    second = gains_of_turn(False, "auto", data, first, seen(data), CORE)
    assert np.isnan(second[0].interval)
    third = gains_of_turn(True, "auto", data, second, seen(data), CORE)
    assert third[0].solved
    # an iteration that begins with gains goes on with them, and without a sky keeps them
    assert gains_of_turn(False, "auto", data, third, seen(data), CORE)[0].solved
    assert gains_of_turn(False, "auto", data, third, [None], CORE) == third


def test_data_that_once_asked_for_none_are_not_asked_again():
    none = [no_gains(ARRAY.rows.antennas, NONE)]
    data = [SpwData(ARRAY.data(gain=gains(0.05)))]
    assert gains_of_turn(True, "auto", data, none, seen(data), CORE) == none


def test_gains_go_in_straight_lines_between_the_middles_of_their_intervals():
    names = ARRAY.rows.antennas[:1]
    time = np.array([0.0, 100.0])
    gain = np.exp([[0.1 + 3.0j], [0.3 - 3.0j]])  # the phase goes the short way round, by pi
    slow = replace(no_gains(names, 60.0), time=time, gain=gain)
    found = slow.at(np.array([-50.0, 50.0, 200.0]))[:, 0]
    assert np.abs(found) == pytest.approx(np.exp([0.1, 0.2, 0.3]))
    assert np.angle(found * np.exp(-1j * np.pi)) == pytest.approx(
        [3.0 - np.pi, 0.0, np.pi - 3.0], abs=1e-12
    )


def test_gains_are_written_without_loss(tmp_path):
    spws = [no_gains(ARRAY.rows.antennas), *solved([ARRAY.data(gain=gains(0.05))], turns=1)]
    write_records(tmp_path / "gains.npz", spws)
    for one, other in zip(spws, read_records(tmp_path / "gains.npz", SlowGains), strict=True):
        for name in SlowGains.__dataclass_fields__:
            assert np.array_equal(
                getattr(one, name), getattr(other, name), equal_nan=name != "antennas"
            )
