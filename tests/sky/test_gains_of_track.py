"""Antenna gains of a track put together, and the table of what they do."""

import numpy as np
import pytest

from minispiral.light_curves.user_flags import UserFlag
from minispiral.sky.averages import average
from minispiral.sky.fast_phases import fast_phases, left_out, worth_it
from minispiral.sky.gains_of_track import gains_of_spw, gains_table
from minispiral.sky.slow_gains import NONE, no_gains
from minispiral.sky.track import SpwData, fit_fluxes, minispiral_visibilities, solve_track_gains
from minispiral.visibilities.antenna_gains import read_gains_of_spws, write_track_gains
from minispiral.visibilities.gain_equations import _without_common
from tests.helpers.averages import CORE, Array, sky

ANTENNAS, N, LENGTH = 12, 80, 4
TIMES = np.arange(N) * 8.0
SCANS = np.arange(N) // LENGTH
BINS = np.arange(N) // 4
SPOILT = np.arange(40, 44)
ARRAY = Array(ANTENNAS, TIMES)


def errors(size: float, n: int, seed: int) -> np.ndarray:
    """Gains of antennas, ``(n, n_antenna)``, with nothing that all share."""
    rng = np.random.default_rng(seed)
    return _without_common(np.exp(size * rng.standard_normal((n, ANTENNAS)) * 1j))


CONSTANT = _without_common(
    np.exp(0.05 * np.random.default_rng(2).standard_normal((1, ANTENNAS))) + 0j
)
FAST = errors(0.3, N, 3)


def of_scan() -> np.ndarray:
    gain = np.ones((N, ANTENNAS), complex)
    gain[SPOILT, :3] = [0.9, 0.9, 1.1]
    gain[SPOILT[1], :3] = [1.45, 1.45, 0.6]
    return gain


def found(gain: np.ndarray, turns: int = 12):
    """Samples with these gains, their fast phases where they are worth it, and slow gains."""
    samples = ARRAY.data(gain=gain, sigma=0.005)
    fast = fast_phases(samples, BINS, CORE)
    fast = fast if worth_it([fast]) else left_out(fast)
    corrected = samples.divided(fast.gain) if fast.applied else samples
    data, slow = [SpwData(average(corrected, BINS))], [no_gains(samples.antennas)]
    seen = [minispiral_visibilities(data[0].averages, sky())]
    for _ in range(turns):
        slow = solve_track_gains(data, slow, seen, CORE)
    return samples, fast, slow[0]


def test_the_gains_are_the_product_of_all_kinds_and_count_what_they_spend():
    truth = CONSTANT * FAST * of_scan()
    samples, fast, slow = found(truth)
    gains, scans = gains_of_spw(SpwData(samples), SCANS, fast, slow, sky())
    assert fast.applied
    assert slow.solved
    assert scans == 1
    sound = np.ones(N, bool)
    sound[SPOILT[1]] = False  # what is broken by itself stays as it is
    relative = gains.gain / _without_common(truth)[..., None]
    assert np.abs(relative[sound] - 1).max() < 0.01
    assert np.array_equal(gains.gain[..., 0], gains.gain[..., 1])
    others = np.ones(N, bool)
    others[SPOILT] = False
    # of amplitudes, a gain of the track; of phases, one of each integration besides
    each = ANTENNAS - 1
    assert gains.amplitudes[others] == pytest.approx(np.full(N - 4, each / N))
    assert gains.phases[others] == pytest.approx(np.full(N - 4, each / N + each))
    assert gains.amplitudes[SPOILT] == pytest.approx(np.full(4, each / N + each / 3))
    assert gains.spent == pytest.approx(gains.phases + gains.amplitudes)


def test_a_scan_that_is_flagged_by_hand_has_no_gains_of_its_own():
    samples, fast, slow = found(CONSTANT * FAST * of_scan())
    flags = [UserFlag("*", "*", TIMES[SPOILT[0]], TIMES[SPOILT[-1]])]
    gains, scans = gains_of_spw(SpwData(samples, flags), SCANS, fast, slow, sky())
    assert scans == 0
    each = ANTENNAS - 1
    assert gains.amplitudes == pytest.approx(np.full(N, each / N))


def test_sound_data_have_gains_of_1_that_spend_nothing():
    samples, fast, slow = found(np.ones((N, ANTENNAS)), turns=1)
    gains, scans = gains_of_spw(SpwData(samples), SCANS, fast, slow, sky())
    assert scans == 0
    assert not fast.applied
    assert slow.interval == NONE
    assert np.array_equal(gains.gain, np.ones((N, ANTENNAS, 2)))
    assert not gains.spent.any()


def test_the_table_tells_the_misfit_of_each_baseline_without_and_with_gains():
    samples, fast, slow = found(CONSTANT)
    table = gains_table("auto", [fast], [slow], 0)
    assert len(table) == ANTENNAS * (ANTENNAS - 1) / 2
    assert table["n"].sum() == 2 * len(table) * (BINS.max() + 1)
    share = 1 - 2 * (ANTENNAS - 1) / table["n"].sum()
    assert np.mean(table["chi2_after"]) == pytest.approx(table.meta["chi2_after"])
    assert table.meta["chi2_before"] == pytest.approx(slow.before.sum() / slow.number.sum())
    assert table.meta["chi2_after"] * share == pytest.approx(slow.after.sum() / slow.number.sum())
    assert table.meta["chi2_after"] == pytest.approx(1, abs=0.1)
    # the misfit without gains, from the residuals of the fit themselves
    data = average(samples, BINS)
    model = minispiral_visibilities(data, sky(), 1)
    fluxes = fit_fluxes(SpwData(data), model, 1.0, CORE)
    model = fluxes.extended[data.bin] * model + fluxes.core[data.bin]
    misfit = data.weight * np.abs(data.values - model) ** 2
    for row in table[::13]:
        first, second = (list(data.antennas).index(row[f"antenna{k}"]) for k in (1, 2))
        of = (data.antenna1 == first) & (data.antenna2 == second)
        assert row["chi2_before"] == pytest.approx(misfit[of].sum() / row["n"])
    assert table.meta["interval_s"] == np.inf
    assert table.meta["criteria"]["inf"] == min(table.meta["criteria"].values()) < 0
    assert (table.meta["solve"], table.meta["scans"]) == ("auto", 0)
    assert table.meta["parameters"] == 2 * (ANTENNAS - 1)
    assert not table.meta["fast_phases"]
    assert table.meta["fast_benefit"] == pytest.approx(1, abs=0.1)


def test_where_there_are_no_gains_the_table_has_the_same_misfit_twice():
    _, fast, slow = found(np.ones((N, ANTENNAS)), turns=1)
    table = gains_table("auto", [fast], [slow], 0)
    assert np.array_equal(table["chi2_before"], table["chi2_after"])
    assert table.meta["interval_s"] == 0
    assert table.meta["parameters"] == 0
    assert min(table.meta["criteria"].values()) > 0
    assert table.meta["chi2_before"] == table.meta["chi2_after"] == pytest.approx(1, abs=0.1)


def test_the_table_of_a_track_without_a_sky_to_believe_is_empty():
    _, fast, _ = found(np.ones((N, ANTENNAS)), turns=0)
    table = gains_table("auto", [fast], [no_gains(ARRAY.rows.antennas)], 0)
    assert len(table) == 0
    assert table.meta["interval_s"] == 0
    assert not table.meta["criteria"]


def test_gains_of_a_track_are_one_file_of_which_spws_may_be_left_out(tmp_path):
    samples, fast, slow = found(CONSTANT * FAST)
    gains, _ = gains_of_spw(SpwData(samples), SCANS, fast, slow, sky())
    write_track_gains(tmp_path / "gains.npz", {0: gains, 11: gains})
    read = read_gains_of_spws([tmp_path / "gains.npz"] * 3, [11, 1, 0])
    assert read[1] is None
    for again in (read[0], read[2]):
        for name in ("times", "antennas", "gain", "phases", "amplitudes"):
            assert np.array_equal(getattr(again, name), getattr(gains, name))
