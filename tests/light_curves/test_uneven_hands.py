"""Gains that differ between the hands: what was put in comes back, and nothing else is changed."""

import numpy as np
import pytest

from minispiral.fit.normal_equations import NormalSums
from minispiral.light_curves.uneven_hands import uneven_hands, with_even_hands
from minispiral.visibilities.stokes import stokes_visibilities

N, BASELINES, NOISE = 200, 60, 0.01
TIME = 6.0 * np.arange(N)


def night(calibrate: str, correlations=("XX", "XY", "YX", "YY"), seed: int = 0):
    """Fit of a polarised core on a minispiral of 1.1 Jy; and what I, and the cross hands, are.

    calibrate: hands, each solved on an unpolarised point in every integration; both, alike; ratio,
    the first hand's gain larger by 2 %.
    """
    rng = np.random.default_rng(seed)
    i = 2.4 + 0.2 * np.sin(TIME / 700)
    evpa = np.radians(20 + 40 * TIME / TIME[-1])
    q, u, v = 0.08 * i * np.cos(2 * evpa), 0.08 * i * np.sin(2 * evpa), 0.01 * i
    model = rng.uniform(-0.6, 0.6, (N, BASELINES)) + 0.2j * rng.standard_normal((N, BASELINES))
    model[:, 0] = 1.0
    if correlations[0] == "RR":
        hands = (i + u, v - 1j * q, v + 1j * q, i - u)  # u plays V here, to be as large
        parallel, cross = u, v
    else:
        hands = (i + q, u + 1j * v, u - 1j * v, i - q)
        parallel, cross = q, u
    first, second = {
        "hands": (2.4 / (i + parallel), 2.4 / (i - parallel)),
        "both": (2.4 / i, 2.4 / i),
        "ratio": (1.02 * 2.4 / i, 2.4 / i),
    }[calibrate]
    gains = (first, np.sqrt(first * second), np.sqrt(first * second), second)
    data = np.stack(
        [
            (core[:, None] + (k in (0, 3)) * 1.1 * model) * gain[:, None]
            for k, (core, gain) in enumerate(zip(hands, gains, strict=True))
        ]
    )
    data = data + NOISE * (rng.standard_normal(data.shape) + 1j * rng.standard_normal(data.shape))
    flat = data.reshape(4, -1)
    sums = NormalSums(N)
    sums.add(
        np.repeat(np.arange(N), BASELINES),
        stokes_visibilities(flat, np.full(flat.shape, NOISE**-2), flat.real > 1e9, correlations),
        model.reshape(-1),
    )
    return {"time": TIME, **sums.solve()}, i, cross, (first - second) / (first + second)


def scaled(fit, name: str) -> np.ndarray:
    return fit[name] / fit["I_extended"] * 1.1


def offset(fit, name: str, truth: np.ndarray) -> float:
    """Mean of recovered over true less 1, in its error."""
    ratio = scaled(fit, name) / truth
    return float((np.mean(ratio) - 1) / (np.std(ratio) / np.sqrt(N)))


@pytest.mark.parametrize("calibrate", ["hands", "ratio", "both"])
@pytest.mark.parametrize(("correlations", "parallel"), [("XX XY YX YY", "Q"), ("RR RL LR LL", "V")])
def test_stokes_i_is_what_was_put_in(calibrate, correlations, parallel):
    fit, i, _, difference = night(calibrate, tuple(correlations.split()))
    good = np.ones(N, bool)
    found = uneven_hands(fit, good)
    even = with_even_hands(fit, found.difference, parallel)
    assert abs(offset(even, "I_compact", i)) < 3.5
    assert found.kept == (calibrate != "both")
    if found.kept:
        pulls = (found.difference - difference) / found.error
        assert np.std(pulls) < 1.5
        assert np.abs(pulls).max() < 5
    else:
        assert np.array_equal(even["I_compact"], fit["I_compact"])


def test_without_it_stokes_i_is_too_small_by_the_square_of_the_polarisation():
    fit, i, _, _ = night("hands")
    assert offset(fit, "I_compact", i) < -3.5
    shown = scaled(fit, "I_compact") / i - 1
    q = 0.08 * np.cos(2 * np.radians(20 + 40 * TIME / TIME[-1]))
    slope = np.sum(q**2 * shown) / np.sum(q**4)
    assert slope == pytest.approx(-1, abs=0.25)


def test_cross_hands_are_scaled_by_the_mean_of_both():
    fit, _, u, _ = night("hands")
    even = with_even_hands(fit, uneven_hands(fit, np.ones(N, bool)).difference, "Q")
    seen = u > 0.05
    ratio = scaled(even, "U")[seen] / u[seen]
    assert abs(np.mean(ratio) - 1) < 4 * np.std(ratio) / np.sqrt(seen.sum())


def test_few_integrations_tell_nothing():
    fit, *_ = night("hands")
    few = np.arange(N) < 10
    assert not uneven_hands(fit, few).kept
    assert np.isnan(uneven_hands(fit, few).evidence)


def test_broken_integrations_are_no_outliers_of_the_difference():
    fit, i, _, _ = night("hands")
    fit["hands_extended"][[5, 80]] += 1.0
    even = with_even_hands(fit, uneven_hands(fit, np.ones(N, bool)).difference, "Q")
    assert abs(offset(even, "I_compact", i)) < 3.5
