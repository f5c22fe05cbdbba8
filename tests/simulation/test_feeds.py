"""Imperfect feeds against what they do to first order, written out by hand."""

import numpy as np
import pytest

from minispiral.simulation.feeds import draw_leakage, jones, seen_by

N = 12
FIRST, SECOND = np.triu_indices(N, 1)
PSI = np.radians(np.linspace(-80, 80, 17))
SKY = np.array([2.4, 0.11, -0.13, -0.02])  # I, Q, U, V
LINEAR, CIRCULAR = ("XX", "XY", "YX", "YY"), ("RR", "RL", "LR", "LL")


def means(leakage, ratio, names):
    """Stokes parameters, as means over baselines, at each parallactic angle: (4, n)."""
    measured = []
    for psi in PSI:
        feeds = jones(leakage, ratio, np.full(N, psi), names[0] == "XX")
        stokes = np.broadcast_to(SKY.astype(complex), (len(FIRST), 1, 4))
        a, b, c, d = seen_by(feeds[FIRST], feeds[SECOND], stokes, names)[:, 0].mean(axis=0)
        if names == LINEAR:
            measured.append([(a + d) / 2, (a - d) / 2, (b + c) / 2, (b - c) / 2j])
        else:
            measured.append([(a + d) / 2, (b + c) / 2, (b - c) / 2j, (a - d) / 2])
    return np.real(measured).T


def in_feeds(stokes):
    """I, Q, U, V in the feeds' frame."""
    i, q, u, v = stokes
    linear = (q + 1j * u) * np.exp(-2j * PSI)
    return np.array([i + 0 * PSI, linear.real, linear.imag, v + 0 * PSI])


@pytest.mark.parametrize("size", [1e-3, 1e-2])
def test_linear_feeds_do_to_first_order_what_the_page_says(size):
    leakage = draw_leakage(1, N, size, np.random.default_rng(1))[0]
    x, y = leakage.mean(axis=0)
    i, q, u, v = in_feeds(SKY)
    expected = [
        (x + y).real * u + (x - y).imag * v + size * q,
        (x - y).real * u + (x + y).imag * v + size * i,
        (x + y).real * i - (x - y).real * q,
        (x - y).imag * i - (x + y).imag * q,
    ]
    found = in_feeds(means(leakage, 1 + size, LINEAR)) - [i, q, u, v]
    np.testing.assert_allclose(found, expected, atol=3 * size**2 * SKY[0])


@pytest.mark.parametrize("size", [1e-3, 1e-2])
def test_circular_feeds_are_the_same_with_other_names(size):
    leakage = draw_leakage(1, N, size, np.random.default_rng(2))[0]
    x, y = leakage.mean(axis=0)
    i, q, u, v = in_feeds(SKY)
    expected = [
        (x + y).real * q + (x - y).imag * u + size * v,
        (x + y).real * i - (x - y).real * v,
        (x - y).imag * i - (x + y).imag * v,
        (x - y).real * q + (x + y).imag * u + size * i,
    ]
    found = in_feeds(means(leakage, 1 + size, CIRCULAR)) - [i, q, u, v]
    np.testing.assert_allclose(found, expected, atol=3 * size**2 * SKY[0])


def test_leakage_of_i_turns_with_the_feeds_in_q_and_u_and_not_in_v():
    """Of an unpolarised core, and in the sky's frame."""
    leakage = np.tile([0.01 + 0.004j, 0.002 - 0.003j], (len(PSI), 1))
    at_each = jones(leakage, 1.0, PSI, linear=True)
    stokes = np.tile([1.0, 0, 0, 0], (len(PSI), 1, 1)).astype(complex)
    xx, xy, yx, yy = seen_by(at_each, at_each, stokes, LINEAR)[:, 0].T
    turning = (xx - yy) / 2 + 1j * (xy + yx) / 2
    np.testing.assert_allclose(turning, 0.012j * np.exp(2j * PSI), atol=1e-4)
    np.testing.assert_allclose((xy - yx) / 2j, 0.007, atol=1e-4)


@pytest.mark.parametrize("names", [("XX", "YY"), ("RR", "LL"), LINEAR, CIRCULAR])
def test_perfect_feeds_see_the_sky_whatever_their_angle(names):
    turned = jones(np.zeros((len(PSI), 2)), 1.0, PSI, names[0] == "XX")
    stokes = np.broadcast_to(SKY.astype(complex), (len(PSI), 1, 4))
    found = seen_by(turned, turned, stokes, names)
    other = {"XX": SKY[0] + SKY[1], "RR": SKY[0] + SKY[3]}[names[0]]
    np.testing.assert_allclose(found[:, 0, 0], other, atol=1e-14)
    assert found.shape == (len(PSI), 1, len(names))


def test_leakage_has_the_rms_that_is_asked_for():
    drawn = draw_leakage(4, 5000, 0.02, np.random.default_rng(3))
    assert drawn.shape == (4, 5000, 2)
    assert np.sqrt(np.mean(np.abs(drawn) ** 2)) == pytest.approx(0.02, rel=0.02)
    assert abs(np.mean(drawn**2)) < 0.02 * 0.02**2
