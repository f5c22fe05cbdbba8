"""Light curves side by side: what was put between two copies of one curve comes out again."""

from dataclasses import replace

import numpy as np
import pytest

from minispiral.errors import MinispiralError
from minispiral.science.comparison import Compared, compare, comparison_table, pairs
from minispiral.science.given_curves import NOTHING, GivenCurve, pieces
from minispiral.science.sampling import sampled

START, RATIO, LAG, EXCESS = 4998188200.0, 1.07, 73.0, 0.03
BEFORE = 600


def curve(time, flux, error=np.nan, scan=None, frequency=227e9, track="a", spw="0") -> GivenCurve:
    stretch, interval = pieces(np.asarray(time, float), scan)
    errors = np.full(len(time), error)
    return GivenCurve(
        track, spw, frequency, np.asarray(time, float), np.asarray(flux, float), errors, stretch,
        interval, True,
    )  # fmt: skip


def walk_of(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Times, and a random walk with the mean 0: of the logarithm of the flux over 2.4 Jy."""
    grid = START - BEFORE + np.arange(3600 + 2 * BEFORE)
    walk = np.cumsum(np.random.default_rng(seed).normal(0, 0.0021, len(grid)))
    return grid, walk - walk.mean()


def copies(seed: int, drift: float = 0.0) -> tuple[GivenCurve, GivenCurve]:
    """A random walk, in scans of 4 s integrations; and a later copy of it, every 10 s."""
    rng, n = np.random.default_rng(1000 + seed), 3600
    grid, walk = walk_of(seed)
    first = START + np.arange(2, n, 4.0)
    first = first[(first - START) % 300 < 240]
    second = START + 3.3 + np.arange(0, n, 10.0)
    drifts = np.zeros(n + 20)
    for k in range(1, n + 20):
        drifts[k] = drifts[k - 1] * (1 - 1 / 900) + rng.normal(0, drift * np.sqrt(2 / 900))
    a = 2.4 * np.exp(np.interp(first, grid, walk))
    b = RATIO * 2.4 * np.exp((1 + EXCESS) * np.interp(second - LAG, grid, walk))
    b *= np.exp(np.interp(second, START + np.arange(n + 20), drifts))
    a *= 1 + 0.002 * rng.standard_normal(len(a))
    b *= 1 + 0.001 * rng.standard_normal(len(b))
    scan = ((first - START) // 300).astype(int)
    return curve(first, a, 0.002 * 2.4, scan), curve(second, b, 0.001 * 2.57)


def true_ratio(seed: int, found: Compared) -> float:
    """What the ratio is at the mean flux, as the copy varies by more."""
    return RATIO * np.exp(EXCESS * np.interp(found.time, *walk_of(seed)).mean())


def pulls(seed: int, **kinds) -> list[float]:
    found = compare(*copies(seed, **kinds))
    truth = true_ratio(seed, found), LAG, EXCESS
    known = zip((found.ratio, found.lag, found.excess), truth, strict=True)
    return [(value - true) / error for (value, error), true in known]


def test_a_copy_has_its_factor_lag_and_excess():
    one, other = copies(1)
    found = compare(one, other)
    assert abs(found.ratio[0] - true_ratio(1, found)) < 4 * found.ratio[1] < 0.01
    assert abs(found.lag[0] - LAG) < 4 * found.lag[1] < 8
    assert abs(found.excess[0] - EXCESS) < 4 * found.excess[1] < 0.1
    assert 0.9 < np.std(found.deviation / found.error) < 1.3
    assert found.share == pytest.approx(1, abs=0.05)
    assert found.other_share == pytest.approx(0.8, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("drift", [0.0, 0.003])
def test_pulls_are_those_of_honest_errors(drift):
    spread = np.sqrt(np.mean(np.square([pulls(k, drift=drift) for k in range(16)]), axis=0))
    assert np.all(spread < 1.5)
    assert np.all(spread > 0.4)


@pytest.mark.slow
def test_swapped_curves_have_the_inverse_ratio_and_lag():
    one, other = copies(2)
    there, back = compare(one, other), compare(other, one)
    assert back.ratio[0] * there.ratio[0] == pytest.approx(1, abs=3 * there.ratio[1])
    assert back.lag[0] == pytest.approx(-there.lag[0], abs=there.lag[1])


def test_a_curve_is_the_same_as_itself():
    one, _ = copies(3)
    found = compare(one, one)
    assert found.ratio[0] == pytest.approx(1, abs=1e-6)
    assert found.lag[0] == pytest.approx(0, abs=1e-3)
    assert found.scatter < 1e-12


@pytest.mark.slow
def test_curves_of_other_sources_have_no_lag():
    one, _ = copies(4)
    _, other = copies(5)
    found = compare(one, other)
    if found.correlation < 0.8:
        assert np.isnan(found.lag).all()
    assert found.ratio[1] > 0.01
    assert str(comparison_table([found])["lag"].unit) == "s"


def test_nothing_is_taken_from_across_a_gap():
    time = START + np.concatenate([np.arange(10), 100 + np.arange(10)]) * 4.0
    line = curve(time, 1 + (time - START) / 1000)
    at = START + np.array([10.0, 200.0, 402.0, 500.0])
    value, _, known = sampled(line, at, 0.0)
    assert known.tolist() == [True, False, True, False]
    np.testing.assert_allclose(value[known], 1 + (at[known] - START) / 1000)
    at = START + np.array([20.0, 34.0, 90.0])  # of the second, half lies beyond the first scan
    mean, _, known = sampled(line, at, 20.0)
    assert known.tolist() == [True, False, False]
    assert mean[0] == pytest.approx(1.02)


def test_a_curve_is_compared_with_the_nearest_frequency_of_its_time():
    one = curve(START + np.arange(50), np.ones(50), frequency=215e9)
    others = [
        curve(START + np.arange(50), np.ones(50), frequency=f, spw=str(f)) for f in (213e9, 229e9)
    ]
    later = curve(START + 1e5 + np.arange(50), np.ones(50), frequency=215e9)
    assert [other.frequency for _, other in pairs([one], [*others, later])] == [213e9]
    with pytest.raises(MinispiralError, match="no two light curves are of the same time: MJD"):
        pairs([one], [later])


def test_without_frequencies_a_curve_is_compared_with_that_of_its_spw():
    time, flux = START + np.arange(50), np.ones(50)
    one = curve(time, flux, spw="2")
    others = [curve(time, flux, frequency=np.nan, spw=spw) for spw in "0123"]
    assert [other.spw for _, other in pairs([one], others)] == ["2"]
    assert [other.spw for _, other in pairs([one], others[:2])] == ["0", "1"]


def test_hours_of_a_day_are_taken_for_the_others_day():
    one = curve(START + np.arange(50), np.ones(50))
    hours = replace(one, time=one.time % 86400, has_date=False, frequency=np.nan, track=NOTHING)
    ((_, moved),) = pairs([one], [hours])
    np.testing.assert_allclose(moved.time, one.time)
    ((_, moved),) = pairs([hours], [one])
    np.testing.assert_allclose(moved.time, hours.time)


def test_too_few_points_are_not_compared():
    one = curve(START + np.arange(9), np.ones(9))
    assert compare(one, one) is None


@pytest.mark.parametrize("lag", [35.0, 40.0, 45.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_lag_longer_than_half_of_scans_cannot_be_told_but_the_ratio_can(lag, sign):
    grid, walk = walk_of(7)
    time = START + np.arange(0, 3600, 2.0)
    time = time[(time - START) % 120 < 60]
    scan = ((time - START) // 120).astype(int)
    a, b = (2.4 * np.exp(np.interp(at, grid, walk)) for at in (time, time - sign * lag))
    noise = 1 + 0.001 * np.random.default_rng(8).standard_normal((2, len(time)))
    found = compare(
        curve(time, a * noise[0], scan=scan), curve(time, RATIO * b * noise[1], scan=scan)
    )
    assert np.isnan(found.lag).all()
    shifted = float(found.no_lag.split(" s or more")[0].split("one of ")[1])
    assert 29 < sign * shifted < lag + 10
    assert "less than half of the points" in found.no_lag
    assert found.ratio[0] == pytest.approx(RATIO, abs=5 * found.ratio[1])
    assert found.ratio[1] < 0.02
    assert len(found.time) == len(found.deviation) >= len(time) / 2


def test_a_lag_that_is_told_needs_no_reason():
    assert compare(*copies(1)).no_lag == ""


@pytest.mark.parametrize("start", [23.5, 0.2])
def test_hours_past_midnight_meet_a_curve_of_either_day(start):
    midnight = START // 86400 * 86400
    dated = curve(midnight + 3600 * (24 + np.array([0.3, 1.0, 2.0])), np.ones(3))
    if start > 12:  # the hours begin before midnight, the dated curve after it
        hours = curve(3600 * np.array([23.5, 24.4, 26.0]), np.ones(3))
    else:
        dated = replace(dated, time=dated.time - 3600)
        hours = curve(3600 * np.array([0.2, 0.5, 2.0]), np.ones(3))
    hours = replace(hours, has_date=False, frequency=np.nan, track=NOTHING)
    ((_, moved),) = pairs([dated], [hours])
    day = midnight if start > 12 else midnight + 86400
    np.testing.assert_allclose(moved.time, hours.time + day)
    ((moved, _),) = [(b, a) for a, b in pairs([hours], [dated])]
    np.testing.assert_allclose(moved.time, dated.time - day)
