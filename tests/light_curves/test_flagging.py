"""The automatic flagger finds what was broken on purpose, and leaves real variability alone."""

import numpy as np
import pytest

from minispiral.light_curves.flagging import (
    CHI2,
    DEVIATION,
    NO_FIT,
    SCAN,
    UNFLAGGED,
    AutomaticFlagger,
    automatic_flags,
)

FLAGGER = AutomaticFlagger(deviation=6.0, chi2=6.0, bad_scan=0.5)
N_VIS = 276


def make_fit(curve: np.ndarray, scan_length: int = 50, seed: int = 1) -> dict[str, np.ndarray]:
    """A night's fit: the core's curve under a QA2 gain, 0.3 % noise, chi-square as it scatters."""
    rng = np.random.default_rng(seed)
    n = len(curve)
    gain = 1 / curve
    return {
        "I_extended": 1.1 * gain * (1 + 0.003 * rng.standard_normal(n)),
        "I_compact": curve * gain,
        "chi2": 1.2 * rng.chisquare(2 * N_VIS, n) / (2 * N_VIS),
        "scan": np.arange(n) // scan_length,
        "time": 6.0 * np.arange(n),
    }


def quiet(n: int = 400) -> np.ndarray:
    return 2.4 * (1 + 0.05 * np.sin(np.arange(n) / 60))


def test_broken_antennas_are_found_by_chi2_where_the_flux_looks_right():
    fit = make_fit(quiet())
    broken = [3, 100, 101, 399]
    fit["chi2"][broken] *= 2
    reasons = automatic_flags(fit, FLAGGER)
    assert set(np.flatnonzero(reasons == CHI2)) == set(broken)
    assert np.sum(reasons != UNFLAGGED) == len(broken)


@pytest.mark.parametrize("factor", [0.95, 1.05])
def test_jumps_of_the_light_curve_are_found(factor):
    fit = make_fit(quiet())
    jumps = [0, 49, 50, 222]  # also the first and last of a scan
    fit["I_compact"][jumps] *= factor
    reasons = automatic_flags(fit, FLAGGER)
    assert set(np.flatnonzero(reasons == DEVIATION)) == set(jumps)


def test_a_flare_of_30_percent_in_3_minutes_is_no_outlier():
    t = np.arange(400)  # 6 s each: 30 integrations are 3 minutes
    flare = quiet() * (1 + 0.3 * np.exp(-0.5 * ((t - 220) / 15) ** 2))
    assert np.all(automatic_flags(make_fit(flare), FLAGGER) == UNFLAGGED)


@pytest.mark.parametrize("seed", range(10))
def test_few_good_integrations_are_lost(seed):
    reasons = automatic_flags(make_fit(quiet(4000), seed=seed), FLAGGER)
    assert np.mean(reasons != UNFLAGGED) < 1e-3


def test_a_scan_that_is_bad_throughout_is_found_though_its_neighbours_agree():
    fit = make_fit(quiet())
    fit["chi2"][100:150] *= 10
    reasons = automatic_flags(fit, FLAGGER)
    assert np.array_equal(np.flatnonzero(reasons != UNFLAGGED), np.arange(100, 150))


def test_the_rest_of_a_scan_goes_where_most_of_it_is_bad():
    fit = make_fit(quiet())
    fit["I_extended"][100:130] = np.nan
    reasons = automatic_flags(fit, FLAGGER)
    assert np.all(reasons[100:130] == NO_FIT)
    assert np.all(reasons[130:150] == SCAN)
    assert np.all(np.delete(reasons, np.arange(100, 150)) == UNFLAGGED)


def test_no_fit_is_flagged_even_with_everything_switched_off():
    fit = make_fit(quiet())
    fit["I_extended"][:3] = [np.nan, -1.0, 0.0]
    fit["chi2"][50] = 100.0
    reasons = automatic_flags(fit, AutomaticFlagger(None, None, None))
    assert np.array_equal(np.flatnonzero(reasons != UNFLAGGED), [0, 1, 2])


def test_a_track_without_any_fit():
    fit = make_fit(quiet(20))
    for name in ("I_extended", "I_compact", "chi2"):
        fit[name][:] = np.nan
    assert np.all(automatic_flags(fit, FLAGGER) == NO_FIT)


def in_scans_of_four(fit: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same integrations in scans of four of 8 s, with gaps of 48 s."""
    n = len(fit["chi2"])
    return fit | {
        "scan": np.arange(n) // 4,
        "time": 8.0 * np.arange(n) + 40.0 * (np.arange(n) // 4),
    }


def test_scans_of_four_integrations_hide_nothing():
    fit = in_scans_of_four(make_fit(quiet(600)))
    broken, jumps = [0, 127, 244, 249, 599], [60, 303]
    fit["chi2"][broken] *= 2
    fit["I_compact"][jumps] *= 1.05
    reasons = automatic_flags(fit, FLAGGER)
    assert set(np.flatnonzero(reasons == CHI2)) == set(broken)
    assert set(np.flatnonzero(reasons == DEVIATION)) == set(jumps)
    assert np.sum(reasons != UNFLAGGED) == len(broken) + len(jumps)


def test_a_flare_in_scans_of_four_is_no_outlier():
    time = in_scans_of_four(make_fit(quiet(600)))["time"]
    flare = quiet(600) * (1 + 0.3 * np.exp(-0.5 * ((time - 5000) / 90) ** 2))
    assert np.all(automatic_flags(in_scans_of_four(make_fit(flare)), FLAGGER) == UNFLAGGED)


def in_lonely_scans(fit: dict[str, np.ndarray], length: int) -> dict[str, np.ndarray]:
    """The same integrations in scans of some of 8 s, with gaps of 400 s."""
    scan = np.arange(len(fit["chi2"])) // length
    return fit | {"scan": scan, "time": 8.0 * np.arange(len(scan)) + 392.0 * scan}


@pytest.mark.parametrize("length", [3, 4, 5])
@pytest.mark.parametrize("seed", range(3))
def test_a_scan_far_from_all_others_hides_nothing(length, seed):
    """Though the source varies by 30 % from one scan to the next."""
    n = 80 * length
    time = in_lonely_scans(make_fit(quiet(n)), length)["time"]
    curve = quiet(n) * (1 + 0.3 * np.sin(time / 300) ** 2)
    fit = in_lonely_scans(make_fit(curve, seed=seed), length)
    jumps = np.arange(8, 80, 9) * length + np.arange(8) % length
    fit["I_compact"][jumps] *= 1.1
    reasons = automatic_flags(fit, FLAGGER)
    assert set(jumps) <= set(np.flatnonzero(reasons == DEVIATION))
    assert np.sum(reasons != UNFLAGGED) <= len(jumps) + 0.01 * n


@pytest.mark.parametrize("length", [1, 2])
def test_single_integrations_are_compared_with_how_the_source_varies(length):
    fit = in_lonely_scans(make_fit(quiet(60 * length)), length)
    jumps = np.array([0, 20, 41]) * length
    fit["I_compact"][jumps] *= 1.5
    reasons = automatic_flags(fit, FLAGGER)
    assert np.flatnonzero(reasons == DEVIATION).tolist() == jumps.tolist()


def test_chi2_that_grows_with_the_airmass_flags_nothing():
    fit = make_fit(quiet(4000))
    fit["chi2"] *= np.linspace(1, 3, 4000) ** 2
    assert np.mean(automatic_flags(fit, FLAGGER) != UNFLAGGED) < 1e-3
