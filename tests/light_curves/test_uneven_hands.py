"""Gains that differ between the hands: what was put in comes back, and nothing else is changed."""

import numpy as np
import pytest

from minispiral.fit.normal_equations import NormalSums
from minispiral.light_curves.uneven_hands import uneven_hands, with_even_hands
from minispiral.visibilities.stokes import stokes_visibilities

N, BASELINES, NOISE = 200, 60, 0.01
TIME = 6.0 * np.arange(N)
TURN = np.radians(np.linspace(-60, 60, N))  # of the feeds
GOOD = np.ones(N, bool)
FLUX = 2.4 + 0.2 * np.sin(TIME / 700)
POLARIZED = 0.08 * FLUX * np.exp(2j * np.radians(20 + 40 * TIME / TIME[-1]))
LINEAR, CIRCULAR = ("XX", "XY", "YX", "YY"), ("RR", "RL", "LR", "LL")


def night(calibrate: str, correlations=LINEAR, turned=False, n=N):
    """Fit of a polarised core on a minispiral of 1.1 Jy.

    calibrate: hands, each solved on an unpolarised point in every integration; both, alike; ratio,
    the first hand's gain larger by 2 %. The polarisation is Q + iU of linear feeds, of the sky
    where the data are `turned` into its frame, and V + iQ of circular ones.
    """
    rng = np.random.default_rng(0)
    i, turn = FLUX[:n], TURN[:n] if turned else np.zeros(n)
    model = rng.uniform(-0.6, 0.6, (n, BASELINES)) + 0.2j * rng.standard_normal((n, BASELINES))
    model[:, 0] = 1.0
    # the cross hands of circular feeds are those of linear ones, but for a factor
    seen = POLARIZED[:n] * np.exp(-2j * turn)
    parallel, cross = seen.real, seen.imag
    first, second = {
        "hands": (2.4 / (i + parallel), 2.4 / (i - parallel)),
        "both": (2.4 / i, 2.4 / i),
        "ratio": (1.02 * 2.4 / i, 2.4 / i),
    }[calibrate]
    mean = np.sqrt(first * second)
    hands = [first[:, None] * (i + parallel)[:, None] + 1.1 * first[:, None] * model]
    factor = 1.0 if correlations == LINEAR else 1j
    hands += [(mean * cross * f)[:, None] + 0 * model for f in (factor, np.conj(factor))]
    hands += [second[:, None] * (i - parallel)[:, None] + 1.1 * second[:, None] * model]
    data = np.array(hands)
    if turned:  # as a Mueller matrix turns Q and U
        stokes_q, stokes_u = (data[0] - data[3]) / 2, (data[1] + data[2]) / 2
        stokes_i, stokes_v = (data[0] + data[3]) / 2, (data[1] - data[2]) / 2
        c, s = np.cos(2 * turn)[:, None], np.sin(2 * turn)[:, None]
        q, u = c * stokes_q - s * stokes_u, s * stokes_q + c * stokes_u
        data = np.array([stokes_i + q, u + stokes_v, u - stokes_v, stokes_i - q])
    data = data + NOISE * (rng.standard_normal(data.shape) + 1j * rng.standard_normal(data.shape))
    flat = data.reshape(4, -1)
    sums = NormalSums(n)
    sums.add(
        np.repeat(np.arange(n), BASELINES),
        stokes_visibilities(flat, np.full(flat.shape, NOISE**-2), flat.real > 1e9, correlations),
        model.reshape(-1),
    )
    return {"time": TIME[:n], **sums.solve()}


def scaled(fit, name: str) -> np.ndarray:
    return fit[name] / fit["I_extended"] * 1.1


def offset(fit) -> float:
    """Mean of recovered over true Stokes I less 1, in its error."""
    ratio = scaled(fit, "I_compact") / FLUX[: len(fit["time"])]
    return float((np.mean(ratio) - 1) / (np.std(ratio) / np.sqrt(len(ratio))))


def even(fit):
    found = uneven_hands(fit, np.ones(len(fit["time"]), bool))
    return found, with_even_hands(fit, found)


@pytest.mark.parametrize("calibrate", ["hands", "ratio", "both"])
@pytest.mark.parametrize(
    ("correlations", "turned"), [(LINEAR, False), (LINEAR, True), (CIRCULAR, False)]
)
def test_stokes_i_is_what_was_put_in_whatever_the_frame(calibrate, correlations, turned):
    fit = night(calibrate, correlations, turned)
    found, mended = even(fit)
    assert abs(offset(mended)) < 3.5
    assert bool(found.components) == (calibrate != "both")
    if calibrate == "both":
        assert np.array_equal(mended["I_compact"], fit["I_compact"])
    if calibrate == "hands":
        size = np.abs((POLARIZED * np.exp(-2j * TURN * turned)).real) / FLUX
        far = size > 0.02
        assert np.abs(found.size(N)[far] / size[far] - 1).max() < 0.25


@pytest.mark.parametrize("turned", [False, True])
def test_without_it_stokes_i_is_too_small_by_the_square_of_the_polarisation(turned):
    shown = scaled(night("hands", turned=turned), "I_compact") / FLUX - 1
    q = (POLARIZED * np.exp(-2j * TURN * turned)).real / FLUX
    assert np.sum(q**2 * shown) / np.sum(q**4) == pytest.approx(-1, abs=0.25)


@pytest.mark.parametrize("turned", [False, True])
def test_q_and_u_are_put_right_with_errors_that_hold(turned):
    """A ratio of 2 % makes Stokes I appear as Q of the feeds: 25 mJy, for errors of 1 mJy."""
    fit = night("ratio", turned=turned)
    before = scaled(fit, "Q") - POLARIZED.real
    _, mended = even(fit)
    for name, truth in (("Q", POLARIZED.real), ("U", POLARIZED.imag)):
        pulls = (scaled(mended, name) - truth) / scaled(mended, f"{name}_err")
        assert np.sqrt(np.mean(pulls**2)) < 2.5  # they share the error of d
    assert np.sqrt(np.mean((before / scaled(fit, "Q_err")) ** 2)) > 5


def test_few_integrations_tell_nothing():
    fit = night("hands", n=10)
    found, mended = even(fit)
    assert not found.components
    assert not found.evidence
    assert np.array_equal(mended["I_compact"], fit["I_compact"])


def test_fifty_integrations_tell_enough():
    found, mended = even(night("hands", n=48))
    assert found.evidence["Q"] > 50
    assert abs(offset(mended)) < 3.5


def test_broken_integrations_are_no_outliers_of_the_difference():
    fit = night("hands")
    fit["Q_extended"][[5, 80]] += 1.0
    _, mended = even(fit)
    assert abs(offset(mended)) < 3.5


def test_dual_hand_data_are_put_right_too():
    fit = night("hands")
    for name in ("U", "V", "U_err", "V_err", "U_extended", "V_extended"):
        fit[name] = np.full(N, np.nan)
    _, mended = even(fit)
    assert abs(offset(mended)) < 3.5
    assert np.isnan(mended["U"]).all()
