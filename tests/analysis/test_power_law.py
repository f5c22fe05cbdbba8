"""Which spws are off the power law through the others."""

import numpy as np
import pytest

from minispiral.analysis.power_law import mean_log_flux, off_the_law

EHT = np.array([213.1e9, 215.1e9, 227.1e9, 229.1e9])
LIMIT = 0.01


def law(frequency: np.ndarray, index: float = -0.3) -> np.ndarray:
    return np.log(2.4) + index * np.log(frequency / 220e9)


@pytest.mark.parametrize("index", [-0.7, 0.0, 0.3])
@pytest.mark.parametrize("off", [-0.08, -0.03, 0.03])
@pytest.mark.parametrize("spw", range(4))
def test_the_one_that_is_off_is_found_and_by_how_much(spw, off, index):
    log_flux = law(EHT, index)
    log_flux[spw] += np.log1p(off)
    (found,) = off_the_law(EHT, log_flux, LIMIT)
    assert found.places == (spw,)
    assert found.off == pytest.approx((off,), abs=1e-12)
    assert found.scatter == pytest.approx(0, abs=1e-12)


def test_scales_that_agree_to_a_tenth_of_a_per_cent_do_not_hide_it():
    noise = 1e-3 * np.random.default_rng(1).standard_normal((200, 4))
    found = []
    for errors in noise:
        log_flux = law(EHT) + errors + np.log1p([0, 0, -0.05, 0])
        found.append(off_the_law(EHT, log_flux, LIMIT)[0].places)
    assert sum(places == (2,) for places in found) > 190


def test_where_the_other_of_a_pair_may_be_it_both_are_named():
    log_flux = law(EHT) + np.log1p([0, 0, -0.015, 0]) + [3e-4, -2e-4, 0, 0]
    found = off_the_law(EHT, log_flux, LIMIT)
    assert {each.places for each in found} == {(2,), (3,)}
    assert found[0].places == (2,)


def test_two_of_eight_are_found_together():
    frequency = np.linspace(213e9, 229e9, 8)
    log_flux = law(frequency)
    log_flux[[1, 5]] += np.log1p([0.04, -0.06])
    (found,) = off_the_law(frequency, log_flux, LIMIT)
    assert found.places == (1, 5)
    assert found.off == pytest.approx((0.04, -0.06))


def test_what_is_within_the_limit_or_cannot_be_told_is_not_said():
    assert off_the_law(EHT, law(EHT) + np.log1p([0, 0, -0.008, 0]), LIMIT) == []
    assert off_the_law(EHT[:3], law(EHT[:3]) + [0, 0.1, 0], LIMIT) == []
    assert off_the_law(np.full(4, EHT[0]), np.zeros(4), LIMIT) == []


def test_where_none_lies_on_a_law_the_others_scatter():
    found = off_the_law(EHT, law(EHT) + [0.1, -0.1, 0.1, -0.1], LIMIT)
    assert found[0].scatter > LIMIT


def test_only_minutes_that_all_spws_have_are_compared():
    # the flux doubles; of the second spw the first half is missing, and it has half as many points
    time = 60.0 * 1e6 + np.arange(0, 1200.0, 6)
    flux = np.where(time < time.mean(), 1.0, 2.0)
    late = time > time.mean() + 60
    means = mean_log_flux([time, time[late][::2]], [flux, flux[late][::2]])
    assert means == pytest.approx(np.log([2.0, 2.0]))
    assert mean_log_flux([time[:10], time[-10:]], [flux[:10], flux[-10:]]) is None
    assert mean_log_flux([], []) is None
