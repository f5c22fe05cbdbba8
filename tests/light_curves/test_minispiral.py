"""Whether there is a minispiral that gains can be measured against."""

import numpy as np
import pytest

from minispiral.light_curves.flagging import CHI2, NO_FIT, UNFLAGGED
from minispiral.light_curves.minispiral import Minispiral, measure_minispiral
from tests.helpers.fits import make_fit

N = 120


def found(fit: dict[str, np.ndarray], reasons: np.ndarray | None = None) -> Minispiral:
    return measure_minispiral(fit, np.full(N, UNFLAGGED) if reasons is None else reasons)


def test_the_numbers_are_those_of_the_fit():
    measured = found(make_fit(N) | {"chi2": np.full(N, 5.0)})
    assert measured.share == pytest.approx(1.1 / 2.4, rel=1e-3)
    assert measured.signal_to_noise == pytest.approx(1.1 / 0.004, rel=1e-3)
    # chi-square has 4 x 550 too much, and would rise by 5 (1.1 / 0.004)^2 without the minispiral
    assert measured.misfit == pytest.approx(np.sqrt(4 * 550 / 5) / 275, rel=1e-3)
    assert not measured.doubtful


@pytest.mark.parametrize(
    "measured",
    [
        Minispiral(0.004, 12.0, 1.5),  # CLEAN with a mask of the core alone
        Minispiral(0.016, 2.9, 0.0),  # a sky of noise, 1 % of the core
        Minispiral(0.012, -1.3, 0.0),
        Minispiral(0.05, 40.0, 1.3),
    ],
)
def test_what_is_no_minispiral_is_doubtful(measured):
    assert measured.doubtful


@pytest.mark.parametrize(
    "measured",
    [
        Minispiral(0.34, 55.0, 0.42),  # antennas solved on a point: chi-square of 14
        Minispiral(0.35, 108.0, 0.16),  # CLEAN's IM1 on a track of hours: chi-square of 5
        Minispiral(0.30, 30.0, 1.4),  # antennas with phase errors
        Minispiral(np.nan, np.nan, np.nan),  # everything flagged
    ],
)
def test_what_only_misfits_is_not(measured):
    assert not measured.doubtful


def test_noise_does_not_pass_for_a_minispiral_where_its_negative_half_is_flagged():
    fit = make_fit(N)
    fit["I_extended"] = 0.1 * np.random.default_rng(3).standard_normal(N)
    fit["I_extended_err"] = np.full(N, 0.1)
    reasons = np.where(fit["I_extended"] > 0, UNFLAGGED, NO_FIT)
    measured = found(fit, reasons)
    assert abs(measured.signal_to_noise) < 0.4
    assert measured.doubtful


def test_what_is_flagged_is_not_asked():
    fit = make_fit(N)
    reasons = np.full(N, UNFLAGGED)
    fit["I_extended"][20:] = 1e-3
    reasons[20:] = CHI2
    assert not found(fit, reasons).doubtful
    assert np.isnan(found(fit, np.full(N, CHI2)).share)
