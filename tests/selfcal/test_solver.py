"""The solver of antenna gains: against known gains, with and without noise."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from minispiral.errors import MinispiralError
from minispiral.selfcal.data_state import check_reference
from minispiral.selfcal.solver import Round, combine, interval_of, refer_to, seconds, with_solutions
from minispiral.visibilities.antenna_gains import (
    correction,
    no_gains,
    read_gains,
    write_gains,
)
from minispiral.visibilities.gain_equations import GainSums

ANTENNAS = 12
NAMES = [f"A{n:02d}" for n in range(ANTENNAS)]
FIRST, SECOND = np.triu_indices(ANTENNAS, 1)


def true_gains(rng: np.random.Generator, n: int, amplitude: float, phase: float) -> np.ndarray:
    """Gains ``(n, antenna, 2)`` without a common amplitude or phase."""
    size = amplitude * rng.standard_normal((n, ANTENNAS, 2))
    angle = phase * rng.standard_normal((n, ANTENNAS, 2))
    size -= size.mean(axis=1, keepdims=True)
    angle -= angle.mean(axis=1, keepdims=True)
    return np.exp(size + 1j * angle)


def rows(gains: np.ndarray, rng: np.random.Generator, noise: float):
    """All baselines of every interval: interval, antennas, data and model of both hands."""
    n = len(gains)
    interval = np.repeat(np.arange(n), len(FIRST))
    first, second = np.tile(FIRST, n), np.tile(SECOND, n)
    shape = (2, len(interval))
    model = 2.0 + 0.3 * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    both = np.moveaxis(gains[interval, first] * np.conj(gains[interval, second]), 1, 0)
    thermal = noise * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))
    return interval, first, second, both * model + thermal, model


def solve(gains, rng, how: Round, noise: float = 0.0, usable=None) -> np.ndarray:
    interval, first, second, data, model = rows(gains, rng, noise)
    weight = np.full(data.shape, 1 / noise**2 if noise else 1e8)
    if usable is not None:
        weight = weight * usable(interval, first, second)
    sums = GainSums(len(gains), ANTENNAS)
    for part in np.array_split(np.arange(len(interval)), 3):  # rows come in blocks
        sums.add(
            interval[part],
            first[part],
            second[part],
            data[:, part],
            model[:, part],
            weight[:, part],
        )
    return sums.solve(how.amplitude, how.minsnr)


@pytest.mark.parametrize(("calmode", "amplitude"), [("p", 0.0), ("ap", 0.2)])
def test_without_noise_the_gains_are_the_true_ones(calmode, amplitude):
    rng = np.random.default_rng(1)
    gains = true_gains(rng, 7, amplitude, 0.5)
    np.testing.assert_allclose(solve(gains, rng, Round(calmode)), gains, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), amplitude=st.floats(0, 0.3), phase=st.floats(0, 0.7))
def test_any_moderate_gains_are_found(seed, amplitude, phase):
    rng = np.random.default_rng(seed)
    gains = true_gains(rng, 3, amplitude, phase)
    # the mean of phases that lie farther apart depends on where they are cut; no baseline sees it
    assume((np.ptp(np.angle(gains), axis=1) < np.pi).all())
    np.testing.assert_allclose(solve(gains, rng, Round("ap")), gains, atol=1e-4)


def test_a_common_gain_stays_in_the_data():
    rng = np.random.default_rng(2)
    gains = true_gains(rng, 4, 0.1, 0.3)
    solved = solve(1.3 * gains, rng, Round("ap"))
    np.testing.assert_allclose(solved, gains, atol=1e-5)
    np.testing.assert_allclose(np.log(np.abs(solved)).mean(axis=1), 0, atol=1e-12)


@pytest.mark.parametrize("calmode", ["p", "ap"])
def test_errors_are_those_of_the_cramer_rao_bound(calmode):
    """For a point of S Jy, s_phase = s / (S sqrt(N - 1)) for real part noise s, about the mean."""
    rng = np.random.default_rng(3)
    noise, n = 0.2, 400
    gains = true_gains(rng, n, 0.0, 0.3)
    interval, first, second, _, _ = rows(gains, rng, 0)
    both = np.moveaxis(gains[interval, first] * np.conj(gains[interval, second]), 1, 0)
    data = 2.0 * both + noise * (
        rng.standard_normal(both.shape) + 1j * rng.standard_normal(both.shape)
    )
    sums = GainSums(n, ANTENNAS)
    sums.add(
        interval, first, second, data, np.full(both.shape, 2.0 + 0j), np.full(both.shape, 25.0)
    )
    phase = np.angle(sums.solve("a" in calmode, 3.0) * np.conj(gains))
    # N phases from N (N - 1) / 2 baselines: Fisher matrix (S/s)^2 (N 1 - J), whose inverse on
    # phases of mean zero is (s/S)^2 / N, times 1 - 1/N for one of them
    expected = noise / 2.0 / np.sqrt(ANTENNAS) * np.sqrt(1 - 1 / ANTENNAS)
    assert np.std(phase) == pytest.approx(expected, rel=0.03)


def test_an_antenna_without_data_has_no_solution_and_the_others_do():
    rng = np.random.default_rng(4)
    gains = true_gains(rng, 3, 0.1, 0.3)
    solved = solve(gains, rng, Round("ap"), usable=lambda _, i, j: ~((i == 5) | (j == 5)))
    assert np.isnan(solved[:, 5]).all()
    antennas = np.delete(np.arange(ANTENNAS), 5)
    ratio = solved[:, antennas] / gains[:, antennas]
    # what is common to the eleven has been taken out of them
    np.testing.assert_allclose(ratio, ratio[:, :1] * np.ones_like(ratio), atol=1e-5)


def test_solutions_below_the_smallest_signal_to_noise_are_left_out():
    rng = np.random.default_rng(5)
    gains = true_gains(rng, 3, 0.0, 0.1)
    # S/N of an antenna: 2 Jy sqrt(11) / noise
    assert np.isfinite(solve(gains, rng, Round(minsnr=3), noise=1.0)).all()
    assert np.isnan(solve(gains, rng, Round(minsnr=20), noise=1.0)).all()


def test_phases_can_be_referred_to_an_antenna():
    rng = np.random.default_rng(6)
    gains = true_gains(rng, 3, 0.1, 0.5)
    referred = refer_to(gains, 4)
    unit = referred[:, 4] / np.abs(referred[:, 4])
    np.testing.assert_allclose(np.angle(unit.sum(axis=1)), 0, atol=1e-12)
    # the phase between the hands, which U and V depend on, is as it was
    between = [g[..., 0] * np.conj(g[..., 1]) for g in (gains, referred)]
    np.testing.assert_allclose(*between)
    baselines = [g[:, 1] * np.conj(g[:, 7]) for g in (gains, referred)]
    np.testing.assert_allclose(*baselines)


def test_an_antenna_without_a_solution_is_none_to_refer_to():
    gains = np.ones((3, 4, 2), complex)
    gains[:, 1] = np.nan
    gains[1:, 2] = np.nan  # it has one for an interval
    names = with_solutions(gains, ["A", "B", "C", "D"])
    assert names == ["A", "C", "D"]
    check_reference("a.ms", names, "C", "solutions")
    with pytest.raises(MinispiralError, match=r"no antenna 'B' with solutions, .* one of A, C, D"):
        check_reference("a.ms", names, "B", "solutions")


def test_corrected_data_are_the_model():
    rng = np.random.default_rng(7)
    gains = true_gains(rng, 5, 0.2, 0.5)
    interval, first, second, data, model = rows(gains, rng, 0)
    solved = combine(no_gains(np.arange(5.0), NAMES), gains, np.arange(5), Round("ap"), 1)
    for pair in (("XX", "YY"), ("RR", "LL")):
        factor = correction(solved, interval, first, second, pair)
        np.testing.assert_allclose(data / factor, model)
    cross = correction(solved, interval, first, second, ("XX", "XY", "YX", "YY"))
    expected = gains[interval, first, 0] * np.conj(gains[interval, second, 1])
    np.testing.assert_allclose(cross[1], expected)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        (Round(solint="int"), [0, 1, 2, 3, 4, 5]),
        (Round(solint="inf"), [0, 0, 0, 0, 1, 1]),
        (Round(solint="inf", combine="scan"), [0] * 6),
        (Round(solint="10s"), [0, 0, 1, 1, 2, 2]),
        (Round(solint="9s"), [0, 0, 1, 1, 2, 2]),
        (Round(solint="100s"), [0, 0, 0, 0, 1, 1]),
    ],
    ids=str,
)
def test_solution_intervals(how, expected):
    times = np.array([0.0, 6.0, 12.0, 18.0, 100.0, 106.0])
    scans = np.array([1, 1, 1, 1, 2, 2])
    np.testing.assert_array_equal(interval_of(times, scans, how), expected)


@pytest.mark.parametrize(("text", "value"), [("100s", 100), ("2min", 120), ("1.5min", 90)])
def test_times_with_units(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "s", "-5s", "0s", "soon", "5h"])
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(MinispiralError, match="no solution interval"):
        seconds(text)


def test_degrees_of_freedom_are_counted_once_for_rounds_of_a_kind():
    times = np.arange(6.0)
    start = no_gains(times, NAMES)
    assert start.spent.sum() == 0
    solved = np.ones((2, ANTENNAS, 2), complex)
    halves = np.array([0, 0, 0, 1, 1, 1])
    one = combine(start, solved, halves, Round("p"), 1)
    np.testing.assert_allclose(one.spent, (ANTENNAS - 1) / 3)
    np.testing.assert_allclose(combine(one, solved, halves, Round("p"), 1).spent, one.spent)
    both = combine(one, solved, halves, Round("ap"), 1)
    np.testing.assert_allclose(both.spent, 2 * one.spent)
    shared = combine(start, solved, halves, Round("p"), 4)
    np.testing.assert_allclose(shared.spent, one.spent / 4)


def test_gains_survive_a_file(tmp_path):
    rng = np.random.default_rng(8)
    gains = combine(
        no_gains(np.arange(3.0), NAMES), true_gains(rng, 3, 0.1, 0.1), np.arange(3), Round("ap"), 2
    )
    write_gains(tmp_path / "gains.npz", gains)
    read = read_gains(tmp_path / "gains.npz")
    assert list(read.antennas) == NAMES
    for name in ("times", "gain", "phases", "amplitudes"):
        np.testing.assert_array_equal(getattr(read, name), getattr(gains, name))
