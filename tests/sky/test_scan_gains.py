"""Gains of scans that an antenna broken in one integration has spoilt."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.light_curves.user_flags import UserFlag
from minispiral.sky.scan_gains import ScanGains, _solve, scan_gains
from minispiral.sky.track import SpwData, SpwFluxes, fit_fluxes
from minispiral.visibilities.gain_equations import _without_common
from tests.helpers.averages import CORE, Array

ANTENNAS, N, LENGTH = 12, 80, 4  # of integrations, and of them in a scan
TIMES = np.arange(N) * 8.0 + 30.0 * (np.arange(N) // LENGTH)
SCANS = np.arange(N) // LENGTH + 5
ARRAY = Array(ANTENNAS, TIMES)
SPOILT = np.arange(40, 44)  # a scan
BROKEN, OTHERS = 41, [40, 42, 43]
COMPACT = 2.5 + 0.05 * np.sin(TIMES / 300)


def spoilt() -> np.ndarray:
    """Gains as QA2 leaves them where three antennas broke for one integration of a scan."""
    gain = np.ones((N, ANTENNAS), complex)
    gain[SPOILT, :3] = [0.9, 0.9, 1.1]
    gain[BROKEN, :3] = [1.45, 1.45, 0.6]
    return gain


def own_gains(data, flags=()) -> ScanGains:
    return scan_gains(SpwData(data, flags), ARRAY.minispiral, SCANS, CORE)


def fit(data, gain: np.ndarray) -> SpwFluxes:
    return fit_fluxes(SpwData(data.divided(gain)), ARRAY.minispiral, 1.0, CORE)


def test_the_integrations_that_a_broken_one_spoilt_come_back_to_the_truth():
    data = ARRAY.data(compact=COMPACT, gain=spoilt())
    before, own = fit(data, np.ones((N, ANTENNAS))), own_gains(data)
    after = fit(data, own.gain)
    ratio = after.core / after.extended
    error = after.error / after.extended * ratio
    assert np.abs((before.core / before.extended - COMPACT / 1.1)[OTHERS]).min() > 5 * error[0]
    assert np.abs((ratio - COMPACT / 1.1)[OTHERS] / error[OTHERS]).max() < 3
    # the gain that all antennas share stays in the fluxes
    common = np.exp(2 * np.log([0.9, 0.9, 1.1]).sum() / ANTENNAS)
    flux_error = 0.02 / np.sqrt(ANTENNAS * (ANTENNAS - 1) / 2)
    assert np.abs(after.core / COMPACT - common)[OTHERS].max() < 5 * flux_error
    assert (before.chi2[SPOILT] > 5).all()
    assert after.chi2[OTHERS] == pytest.approx([1, 1, 1], abs=0.35)
    assert after.chi2[BROKEN] > 20
    assert np.flatnonzero(own.scans).tolist() == SPOILT.tolist()


def test_the_gains_are_those_of_the_antennas_up_to_what_all_share():
    own = own_gains(ARRAY.data(compact=COMPACT, gain=spoilt(), sigma=1e-3))
    expected = _without_common(spoilt()[OTHERS])
    np.testing.assert_allclose(own.gain[OTHERS], expected, atol=0.003)


def test_sound_scans_have_gains_of_exactly_1_and_spend_nothing():
    own = own_gains(ARRAY.data(compact=COMPACT, gain=spoilt()))
    sound = ~np.isin(np.arange(N), SPOILT)
    assert np.array_equal(own.gain[sound], np.ones((N - LENGTH, ANTENNAS)))
    assert not own.spent[sound].any()
    # one gain of each antenna but for the mean, from three integrations
    assert own.spent[SPOILT] == pytest.approx(np.full(LENGTH, (ANTENNAS - 1) / 3))


@pytest.mark.parametrize("seed", range(5))
def test_without_anything_broken_no_scan_has_gains(seed):
    own = own_gains(ARRAY.data(compact=COMPACT, seed=seed))
    assert not own.scans.any()
    assert np.array_equal(own.gain, np.ones((N, ANTENNAS)))


def test_a_single_broken_integration_of_a_sound_scan_stays_as_it_is():
    gain = np.ones((N, ANTENNAS), complex)
    gain[BROKEN, :3] = [1.45, 1.45, 0.6]
    own = own_gains(ARRAY.data(compact=COMPACT, gain=gain))
    assert not own.scans.any()


def test_a_scan_that_no_gains_of_antennas_mend_stays_as_it_is():
    data = ARRAY.data(compact=COMPACT)
    row = np.isin(data.bin, SPOILT)
    jumps = np.random.default_rng(3).standard_normal(len(row)) * row  # each baseline its own
    own = own_gains(replace(data, values=data.values * np.exp(1j * jumps)))
    assert not own.scans.any()


def flag(*integrations: int) -> list[UserFlag]:
    return [UserFlag("*", "*", TIMES[k] - 1, TIMES[k] + 1) for k in integrations]


def test_a_scan_that_is_flagged_by_hand_has_no_gains():
    data = ARRAY.data(compact=COMPACT, gain=spoilt())
    assert own_gains(data).scans.any()
    assert not own_gains(data, flag(*SPOILT)).scans.any()


def test_what_is_flagged_by_hand_is_not_learned_from():
    other = spoilt()
    other[43, :6] = [1, 1, 1, 0.9, 0.9, 1.1]  # which fits as badly as the scan's others
    data = [ARRAY.data(compact=COMPACT, gain=gain) for gain in (spoilt(), other)]
    one, two = (own_gains(averages, flag(43)) for averages in data)
    assert one.scans[SPOILT].all()
    assert np.array_equal(one.gain, two.gain)
    assert np.array_equal(one.spent, two.spent)
    one, two = map(own_gains, data)
    assert not np.allclose(one.gain, two.gain, atol=0.01)


@pytest.mark.parametrize("antennas", [6, 12])
def test_chi_square_with_gains_counts_what_they_have_spent(antennas):
    array = Array(antennas, np.arange(60) * 8.0)
    data = array.data()
    after = [
        _solve(data, array.minispiral, CORE, np.array([k]), (1.1, 2.5))[1][0] for k in range(60)
    ]
    assert np.mean(after) == pytest.approx(1, abs=3 * np.std(after) / np.sqrt(len(after)))


def test_a_scan_that_leaves_no_freedom_is_not_cured():
    """Three antennas in one integration: 6 data, 2 fluxes, and 4 gains that fit anything."""
    array = Array(3, TIMES)
    gain = np.ones((N, 3), complex)
    gain[BROKEN, 0] = 1.5
    own = scan_gains(SpwData(array.data(gain=gain)), array.minispiral, np.arange(N), CORE)
    assert not own.scans.any()
